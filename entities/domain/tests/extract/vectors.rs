//! Tricky texts, each with a why.

use addresses::{DEFANGED, EMAILS, URLS};
use aggregator_domain::extract;
use words::{FILES, HASHES, NUMBERS};

mod addresses;
mod words;

/// Why, the text, and what is found: as written and as `kind value`.
type Vector = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

fn check(vectors: &[Vector]) {
    let mut failures = Vec::new();
    for (why, text, expected) in vectors {
        let found: Vec<(String, String)> = extract(text)
            .into_iter()
            .map(|found| {
                let indicator = &found.parsed.indicator;
                (found.raw.into_owned(), format!("{} {}", indicator.kind(), indicator.value()))
            })
            .collect();
        let expected: Vec<(String, String)> =
            expected.iter().map(|(raw, value)| ((*raw).to_owned(), (*value).to_owned())).collect();
        if found != expected {
            failures.push(format!("{why}: {text:?}\n  found    {found:?}\n  expected {expected:?}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn defanged_forms() {
    check(DEFANGED);
}

#[test]
fn urls_end_where_a_reader_sees_them_end() {
    check(URLS);
}

#[test]
fn files_and_words_are_no_names() {
    check(FILES);
}

#[test]
fn addresses_and_numbers() {
    check(NUMBERS);
}

#[test]
fn hashes_are_whole_words() {
    check(HASHES);
}

#[test]
fn email_addresses() {
    check(EMAILS);
}

#[test]
fn the_port_is_context() {
    let ports: Vec<_> = extract("192.0.2.1:8080 [2001:db8::1]:443 192.0.2.1")
        .into_iter()
        .map(|found| found.parsed.port)
        .collect();
    assert_eq!(ports, [Some(8080), Some(443), None]);
}
