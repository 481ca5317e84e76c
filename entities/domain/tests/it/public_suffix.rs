//! The public suffix list's own test (`reference/psl`), against the list shipped in this binary.

use aggregator_domain::facts::registrable_domain;
use aggregator_domain::{Kind, parse_as};

/// Cases the shipped list, which is newer than the data, answers otherwise.
const EXPLAINED: [(&str, &str); 0] = [];

#[test]
fn registrable_domains_are_the_lists() {
    let Some(text) = crate::data::read("reference/psl/tests.txt") else { return };
    let mut cases = 0;
    let mut wrong = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with("//") && !line.trim().is_empty()) {
        let (input, expected) = line.split_once(' ').unwrap();
        if input == "null" || EXPLAINED.iter().any(|(case, _)| *case == input) {
            continue;
        }
        cases += 1;
        let expected = canonical(expected);
        let domain = canonical(input);
        let actual = domain.as_deref().and_then(registrable_domain).map(str::to_owned);
        if actual != expected {
            wrong.push(format!("{input}: {actual:?}, not {expected:?}"));
        }
    }
    assert!(cases >= 70, "only {cases} cases");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A name as this product writes it; `null`, a single label and a leading dot are none.
fn canonical(name: &str) -> Option<String> {
    parse_as(Kind::Domain, name).ok().map(|parsed| parsed.indicator.into_value().into())
}
