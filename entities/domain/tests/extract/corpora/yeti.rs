//! Yeti's own test data: a short list, and values with the type Yeti gives them.

use std::path::Path;

use aggregator_domain::Kind;

use super::{Case, Corpus, read};

/// The list, with the types of the case file as truth.
pub(crate) fn cases(folder: &Path) -> Corpus {
    let folder = folder.join("yeti");
    let text = std::fs::read_to_string(folder.join("iocs.txt")).expect("the list");
    let types = std::fs::read_to_string(folder.join("observable_type_cases.json")).expect("the cases");
    let types: Vec<(String, String)> = serde_json::from_str(&types).expect("pairs of value and type");
    let expected = types.iter().map(|(value, kind)| {
        let found = read(value).expect("a case has a kind");
        let same = if kind == "hostname" { Kind::Domain } else { kind.parse().expect("a kind of ours") };
        assert_eq!(found.0, same, "{value}");
        found
    });
    let case =
        Case { name: "iocs.txt".to_owned(), text, expected: expected.collect(), judged: Kind::ALL.to_vec() };
    Corpus { name: "yeti", cases: vec![case] }
}
