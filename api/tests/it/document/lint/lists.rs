//! Lists: what comes in pages takes what every list takes, and what comes whole says why it may (docs/adr/0006-lists.md).

use serde_json::Value;

use super::{Lint, entries, items};

/// What every list that comes in pages takes.
const TAKEN: [&str; 3] = ["sort", "limit", "cursor"];

/// What is read whole although it holds more than one of something, with why that is bounded.
const WHOLE: [(&str, &str); 12] = [
    ("list_queues", "a fixed catalogue of the program"),
    ("list_settings", "a fixed catalogue of the program"),
    ("list_feed_presets", "a fixed catalogue of the program"),
    ("list_problems", "a fixed catalogue of the program"),
    ("get_readiness", "a fixed catalogue of the program"),
    ("get_submission_facets", "one for each kind"),
    ("get_stats", "one for each source"),
    ("get_indicator", "a finding of each source"),
    ("get_submission_item", "a finding and a lookup of each source"),
    ("get_source", "the kinds it takes and its limits"),
    ("get_playbook", "at most 100 rules"),
    ("get_kind", "at most 20 examples, and 20 counter-examples"),
];

impl Lint<'_> {
    /// An operation, if what it answers is a list.
    pub(super) fn list(&mut self, place: &str, method: &str, operation: &Value) {
        let id = operation["operationId"].as_str().unwrap_or_default();
        let body = &operation["responses"]["200"]["content"]["application/json"]["schema"];
        let body = self.resolve(body).clone();
        let is_page = !body["properties"]["next"].is_null();
        if is_page {
            self.page(place, operation);
        }
        let has_list = entries(&body["properties"]).any(|(_, property)| {
            property["type"] == "array" || items(&property["type"]).any(|kind| kind == "array")
        });
        let is_whole = method == "get" && has_list && !is_page;
        let is_told = WHOLE.iter().any(|(whole, _)| *whole == id);
        self.expect(is_whole == is_told, || {
            format!("{place}: a list that comes whole is told in WHOLE with the reason, and nothing else is")
        });
    }

    fn page(&mut self, place: &str, operation: &Value) {
        for name in TAKEN {
            let taken = items(&operation["parameters"]).any(|parameter| parameter["name"] == name);
            self.expect(taken, || format!("{place}: a list that does not take `{name}`"));
        }
        let sort = items(&operation["parameters"]).find(|parameter| parameter["name"] == "sort");
        let Some(sort) = sort else { return };
        let orders = self.resolve(&sort["schema"])["enum"].clone();
        let orders: Vec<&str> = items(&orders).filter_map(Value::as_str).collect();
        let both = |order: &&str| match order.strip_prefix('-') {
            Some(key) => orders.contains(&key),
            None => orders.contains(&format!("-{order}").as_str()),
        };
        self.expect(!orders.is_empty() && orders.iter().all(both), || {
            format!("{place}: `sort` is no closed set of keys, each forwards and backwards: {orders:?}")
        });
    }

    /// What is told to come whole is there.
    pub(super) fn whole_lists(&mut self) {
        for (id, _) in WHOLE {
            let there = self.ids.contains(id);
            self.expect(there, || format!("WHOLE tells of {id}, which is no operation"));
        }
    }
}
