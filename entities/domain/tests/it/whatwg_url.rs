//! The web platform tests' URL cases (`reference/whatwg-url`): every absolute URL, by the standard or by a stated rule.

use std::collections::BTreeMap;
use std::net::IpAddr;

use aggregator_domain::facts::host_of;
use aggregator_domain::{Kind, parse_as};
use serde_json::Value;

/// How many cases of the suite are answered how.
const EXPECTED: [(&str, usize); 9] = [
    ("a defanged mark in the path is undone", 1),
    ("a NUL refuses the line", 12),
    ("as the standard says", 150),
    ("names no host: no indicator", 106),
    ("refused, as the standard says", 213),
    ("the host has an empty label", 4),
    ("the host of an unknown scheme is neither name nor address", 51),
    ("the url crate drops a file URL's host before a drive letter", 3),
    ("the url crate drops empty segments behind a file URL's host", 1),
];

#[test]
fn urls_are_serialised_as_the_standard_says() {
    let Some(cases) = crate::data::read_json("reference/whatwg-url/urltestdata.json") else { return };
    let mut counts = BTreeMap::<&str, usize>::new();
    let mut wrong = Vec::new();
    for case in cases.as_array().unwrap().iter().filter(|case| case.is_object() && case["base"].is_null()) {
        let input = case["input"].as_str().unwrap();
        let actual =
            parse_as(Kind::Url, input).ok().map(|parsed| parsed.indicator.into_value().into_string());
        match rule(case, actual.as_deref()) {
            Some(rule) => *counts.entry(rule).or_default() += 1,
            None => wrong.push(format!("{input:?}: {actual:?}, not {}", case["href"])),
        }
    }
    assert!(wrong.is_empty(), "{} cases:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(counts, BTreeMap::from(EXPECTED));
}

#[test]
fn a_web_url_the_standard_serialised_is_canonical() {
    let Some(cases) = crate::data::read_json("reference/whatwg-url/urltestdata.json") else { return };
    let (mut urls, mut wrong) = (0, Vec::new());
    for href in cases.as_array().unwrap().iter().filter_map(|case| case["href"].as_str()) {
        let web = ["http://", "https://", "ws://", "wss://", "ftp://"]
            .iter()
            .any(|scheme| href.starts_with(scheme));
        // Explained above: a trailing dot of the host goes, a mark is undone.
        if !web
            || href.contains("./") && host_of(href).is_some_and(|host| host.ends_with('.'))
            || href.contains("[/]")
        {
            continue;
        }
        urls += 1;
        let value = parse_as(Kind::Url, href).map(|parsed| parsed.indicator.into_value());
        if value.as_deref() != Ok(href) {
            wrong.push(format!("{href}: {value:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(urls, 255);
}

/// The rule by which a case is answered as it is; `None` where no rule says so.
fn rule(case: &Value, actual: Option<&str>) -> Option<&'static str> {
    let href = case["href"].as_str();
    match (href, actual) {
        (None, None) => return Some("refused, as the standard says"),
        (Some(href), Some(actual)) if href == actual => return Some("as the standard says"),
        (Some("file://spider///"), Some("file://spider/")) => {
            return Some("the url crate drops empty segments behind a file URL's host");
        }
        // The url crate leaves `^` in a path, which the standard encodes since 2024.
        (Some(href), Some(actual)) if href.replace("[/]", "/").replace("%5E", "^") == actual => {
            return Some("a defanged mark in the path is undone");
        }
        (Some(_), None) => {}
        _ => return None,
    }
    let host = case["hostname"].as_str()?;
    let special = ["http:", "https:", "ws:", "wss:", "ftp:", "file:"].contains(&case["protocol"].as_str()?);
    if case["input"].as_str()?.contains('\0') {
        Some("a NUL refuses the line")
    } else if host.is_empty() {
        Some("names no host: no indicator")
    } else if host == "." || host.ends_with("..") {
        Some("the host has an empty label")
    } else if !special && parse_as(Kind::Domain, host).is_err() && host.parse::<IpAddr>().is_err() {
        Some("the host of an unknown scheme is neither name nor address")
    } else {
        // A later addition to the standard: the host of a file URL with a drive letter stays.
        href.is_some_and(|href| href.starts_with("file://") && href.ends_with("/C:/"))
            .then_some("the url crate drops a file URL's host before a drive letter")
    }
}
