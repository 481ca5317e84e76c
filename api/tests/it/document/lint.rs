//! What a complete document has. Returns faults, so that a test can tell all of them at once.

mod lists;

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// The verbs an operation id may start with.
const VERBS: [&str; 19] = [
    "get", "list", "create", "replace", "update", "delete", "cancel", "rerun", "replay", "discard", "retry",
    "pause", "resume", "refresh", "stream", "export", "detect", "extract", "test",
];

/// Answers above 399 that are no problem documents, with why.
const OTHER_ERRORS: [(&str, &str); 1] = [("get_readiness", "503")]; // a probe's answer has one shape

pub(super) fn faults(document: &Value) -> Vec<String> {
    let mut lint = Lint { document, faults: Vec::new(), ids: BTreeSet::new() };
    lint.document();
    lint.faults
}

struct Lint<'a> {
    document: &'a Value,
    faults: Vec<String>,
    ids: BTreeSet<&'a str>,
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn has_text(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.trim().is_empty())
}

impl<'a> Lint<'a> {
    fn expect(&mut self, holds: bool, fault: impl FnOnce() -> String) {
        if !holds {
            self.faults.push(fault());
        }
    }

    fn document(&mut self) {
        let document = self.document;
        self.expect(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.1")), || {
            "the document is not OpenAPI 3.1".to_owned()
        });
        for (path, item) in entries(&document["paths"]) {
            for (method, operation) in entries(item) {
                self.operation(&format!("{} {path}", method.to_uppercase()), method, operation);
            }
        }
        for (name, schema) in entries(&document["components"]["schemas"]) {
            self.schema(name, schema);
        }
        self.whole_lists();
        self.references("#", document);
        self.expect(self.ids.len() > 3, || "hardly any operation".to_owned());
    }

    fn operation(&mut self, place: &str, method: &str, operation: &'a Value) {
        let id = operation["operationId"].as_str().unwrap_or_default();
        let verb_noun =
            id.split_once('_').is_some_and(|(verb, noun)| VERBS.contains(&verb) && !noun.is_empty());
        self.expect(verb_noun, || format!("{place}: operationId `{id}` is not verb_noun"));
        let is_new = self.ids.insert(id);
        self.expect(is_new, || format!("{place}: operationId `{id}` is not unique"));
        for field in ["summary", "description"] {
            self.expect(has_text(&operation[field]), || format!("{place}: no {field}"));
        }
        let tags: Vec<&Value> = items(&operation["tags"]).collect();
        let declared: Vec<&Value> = items(&self.document["tags"]).map(|tag| &tag["name"]).collect();
        self.expect(tags.len() == 1 && declared.contains(&tags[0]), || {
            format!("{place}: not one declared tag")
        });
        for parameter in items(&operation["parameters"]) {
            let name = &parameter["name"];
            self.expect(has_text(&parameter["description"]), || {
                format!("{place}: parameter {name}: no description")
            });
            self.expect(!parameter["schema"].is_null(), || format!("{place}: parameter {name}: no schema"));
        }
        let body = &operation["requestBody"];
        if !body.is_null() {
            self.expect(has_text(&body["description"]), || format!("{place}: request body: no description"));
            self.content(&format!("{place}: request body"), &body["content"]);
        }
        self.responses(place, method, operation);
        self.list(place, method, operation);
    }

    fn responses(&mut self, place: &str, method: &str, operation: &Value) {
        let responses = &operation["responses"];
        let mut due = vec!["400", "421", "500"];
        if !matches!(method, "get" | "head") {
            due.push("403");
        }
        if !operation["requestBody"].is_null() {
            due.extend(["408", "413", "415"]);
        }
        for status in due {
            self.expect(!responses[status].is_null(), || format!("{place}: does not document {status}"));
        }
        let succeeds = entries(responses).any(|(status, _)| status.starts_with('2'));
        self.expect(succeeds, || format!("{place}: no success"));
        let id = operation["operationId"].as_str().unwrap_or_default();
        for (status, response) in entries(responses) {
            let place = format!("{place}: {status}");
            self.expect(has_text(&response["description"]), || format!("{place}: no description"));
            if status == "204" {
                self.expect(response["content"].is_null(), || format!("{place}: content of nothing"));
            } else {
                self.content(&place, &response["content"]);
            }
            self.links(&place, &response["links"]);
            let is_problem = !response["content"]["application/problem+json"].is_null();
            let may_differ = OTHER_ERRORS.contains(&(id, status.as_str()));
            let is_error = status.as_str() >= "400";
            self.expect(is_problem == (is_error && !may_differ), || {
                format!("{place}: problem+json where it belongs")
            });
        }
    }

    /// Each link leads to an operation that there is, with parameters it has.
    fn links(&mut self, place: &str, links: &Value) {
        for (name, link) in entries(links) {
            let to = entries(&self.document["paths"]).flat_map(|(_, item)| entries(item));
            let mut to = to.filter(|(_, operation)| operation["operationId"] == link["operationId"]);
            let Some((_, to)) = to.next() else {
                self.expect(false, || format!("{place}: link {name}: there is no such operation"));
                continue;
            };
            for (parameter, value) in entries(&link["parameters"]) {
                let known = items(&to["parameters"]).any(|known| known["name"] == *parameter);
                self.expect(known, || format!("{place}: link {name}: no parameter {parameter}"));
                let is_expression = value.as_str().is_some_and(|value| value.starts_with('$'));
                self.expect(is_expression, || format!("{place}: link {name}: {value} is no expression"));
            }
        }
    }

    /// What is referred to is there.
    fn references(&mut self, place: &str, value: &Value) {
        if let Some(reference) = value["$ref"].as_str() {
            let found = reference.strip_prefix('#').and_then(|pointer| self.document.pointer(pointer));
            self.expect(found.is_some(), || format!("{place}: {reference} is not there"));
        }
        for (name, inner) in entries(value) {
            self.references(&format!("{place}/{name}"), inner);
        }
        for (number, inner) in items(value).enumerate() {
            self.references(&format!("{place}/{number}"), inner);
        }
    }

    fn content(&mut self, place: &str, content: &Value) {
        self.expect(entries(content).next().is_some(), || format!("{place}: no content"));
        for (media_type, media) in entries(content) {
            let schema = self.resolve(&media["schema"]);
            self.expect(!media["schema"].is_null(), || format!("{place}: {media_type}: no schema"));
            let examples = [&media["example"], &media["examples"], &schema["example"], &schema["examples"]];
            let shown = examples.iter().any(|example| !example.is_null());
            self.expect(shown, || format!("{place}: {media_type}: no example"));
        }
    }

    fn schema(&mut self, place: &str, schema: &Value) {
        self.expect(has_text(&schema["description"]), || format!("schema {place}: no description"));
        for (name, property) in entries(&schema["properties"]) {
            self.property(&format!("{place}.{name}"), property);
        }
        for variant in items(&schema["oneOf"]) {
            self.expect(has_text(&variant["description"]), || {
                format!("schema {place}: a variant has no description")
            });
            // The tag that tells variants apart describes itself by its one value.
            let tagged = entries(&variant["properties"]).filter(|(_, property)| property["enum"].is_null());
            for (name, property) in tagged {
                self.property(&format!("{place}.{name}"), property);
            }
        }
    }

    fn property(&mut self, place: &str, property: &Value) {
        // A reference may leave the description to what it refers to.
        let target = self.resolve(property);
        // The description of an optional reference stands at the reference.
        let optional = items(&property["oneOf"]).any(|option| has_text(&option["description"]));
        let described = optional || has_text(&property["description"]) || has_text(&target["description"]);
        self.expect(described, || format!("schema {place}: no description"));
    }

    fn resolve<'b>(&self, schema: &'b Value) -> &'b Value
    where
        'a: 'b,
    {
        match schema["$ref"].as_str().and_then(|reference| reference.strip_prefix('#')) {
            Some(pointer) => self.document.pointer(pointer).unwrap_or(&Value::Null),
            None => schema,
        }
    }
}
