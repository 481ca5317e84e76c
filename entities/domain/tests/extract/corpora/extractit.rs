//! extractit's parameterised cases: text or a file in base64, and what its extractors answer.

use std::collections::BTreeSet;
use std::path::Path;

use aggregator_domain::Kind;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::{Case, Corpus, Indicator, read};

/// Every case of every extractor whose kind is one of ours. A PDF or an Office file is a case with an empty text: text is
/// taken out of them elsewhere.
pub(crate) fn cases(folder: &Path) -> Corpus {
    let mut cases = Vec::new();
    for (extractor, kinds) in extractors() {
        let path = folder.join("extractit").join(format!("{extractor}.json"));
        let document = std::fs::read_to_string(path).expect("a case file");
        let document: Value = serde_json::from_str(&document).expect("JSON");
        let parameters = document["parameters"].as_array().expect("cases");
        for (number, parameters) in parameters.iter().enumerate() {
            cases.push(case(extractor, number, parameters.as_array().expect("a case"), &kinds));
        }
    }
    Corpus { name: "extractit", cases }
}

fn extractors() -> Vec<(&'static str, Vec<Kind>)> {
    vec![
        ("cve_extractor", vec![Kind::Cve]),
        ("domain_extractor", vec![Kind::Domain]),
        ("email_extractor", vec![Kind::Email]),
        ("ip_extractor", vec![Kind::Ipv4, Kind::Ipv6]),
        ("md5_extractor", vec![Kind::Md5]),
        ("sha1_extractor", vec![Kind::Sha1]),
        ("sha256_extractor", vec![Kind::Sha256]),
        ("sha512_extractor", vec![Kind::Sha512]),
        ("url_extractor", vec![Kind::Url]),
        ("ioc_extractor", Kind::ALL.to_vec()),
        ("extract_all", Kind::ALL.to_vec()),
    ]
}

fn case(extractor: &str, number: usize, parameters: &[Value], kinds: &[Kind]) -> Case {
    // `[name, text, file, options…, answer]`; extract_all has a date format for a text and a file or two behind it.
    let name = parameters[0].as_str().expect("a name");
    let answer = parameters.last().expect("an answer");
    let first = if extractor == "extract_all" { 2 } else { 1 };
    let inputs = &parameters[first..parameters.len() - 1];
    let text = inputs.iter().filter_map(Value::as_str).find_map(text_of);
    Case {
        name: format!("{extractor} {number} {name}"),
        text: text.unwrap_or_default(),
        expected: answers(answer).into_iter().filter_map(|value| expected(&value, kinds)).collect(),
        judged: kinds.to_vec(),
    }
}

/// The text of an input: itself, or what its base64 holds when that is text.
fn text_of(input: &str) -> Option<String> {
    let encoded: String = input.chars().filter(|c| !c.is_whitespace()).collect();
    let decoded = STANDARD.decode(&encoded).ok().filter(|_| encoded.len() > 16);
    match decoded {
        Some(bytes) if bytes.starts_with(b"%PDF") || bytes.starts_with(b"PK") => None,
        Some(bytes) => String::from_utf8(bytes).ok(),
        None => Some(input.to_owned()),
    }
}

fn answers(answer: &Value) -> BTreeSet<String> {
    match answer {
        Value::String(value) => [value.clone()].into(),
        Value::Array(values) => values.iter().flat_map(answers).collect(),
        Value::Object(values) => values.values().flat_map(answers).collect(),
        _ => BTreeSet::new(),
    }
}

/// extractit also answers dates, file paths, MAC addresses and UUIDs, which are no kinds of ours.
fn expected(value: &str, kinds: &[Kind]) -> Option<Indicator> {
    let is_date = value.len() == 20 && value.ends_with('Z');
    if is_date || value.starts_with('/') {
        return None;
    }
    // What detection refuses is expected as it is written: it shows up as a miss.
    let refused =
        || value.to_ascii_lowercase().starts_with("cve-").then(|| (Kind::Cve, value.to_ascii_uppercase()));
    read(value).or_else(refused).filter(|(kind, _)| kinds.contains(kind))
}
