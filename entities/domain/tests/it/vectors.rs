//! `openapi/vectors/indicators.json`: the cases every suite of this product shares.

use aggregator_domain::{Detection, Kind, Parsed, detect, detect_bytes, parse_as};
use serde_json::{Value, json};

#[test]
fn every_case_is_answered_as_the_vectors_say() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../openapi/vectors/indicators.json");
    let cases: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert!(cases.len() >= 150, "only {} cases", cases.len());
    let wrong: Vec<String> = cases.iter().filter_map(difference).collect();
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

/// A line saying how the answer differs from the case; `None` where it does not.
fn difference(case: &Value) -> Option<String> {
    let mut expected = case.clone();
    for key in ["why", "input", "input_hex", "as"] {
        expected.as_object_mut().unwrap().remove(key);
    }
    let actual = answer(case);
    (actual != expected).then(|| format!("{}: {} gives {actual}, not {expected}", case["why"], case["input"]))
}

fn answer(case: &Value) -> Value {
    let input = match case["input_hex"].as_str() {
        Some(hex) => bytes_of(hex),
        None => case["input"].as_str().unwrap().as_bytes().to_vec(),
    };
    if let Some(kind) = case["as"].as_str() {
        let kind: Kind = kind.parse().unwrap();
        return match parse_as(kind, std::str::from_utf8(&input).unwrap()) {
            Ok(parsed) => reading(&parsed),
            Err(reject) => json!({ "reject": reject.as_str() }),
        };
    }
    let by_bytes = detect_bytes(&input);
    if let Ok(text) = std::str::from_utf8(&input) {
        assert_eq!(by_bytes, detect(text), "{text:?}");
    }
    match by_bytes {
        Detection::One(parsed) => reading(&parsed),
        Detection::Ambiguous(parsed) => {
            json!({ "candidates": parsed.iter().map(reading).collect::<Vec<_>>() })
        }
        Detection::None(reject) => json!({ "reject": reject.as_str() }),
    }
}

fn reading(parsed: &Parsed) -> Value {
    let mut reading = json!({ "kind": parsed.indicator.kind().as_str(), "value": parsed.indicator.value() });
    if let Some(port) = parsed.port {
        reading["port"] = port.into();
    }
    reading
}

fn bytes_of(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}
