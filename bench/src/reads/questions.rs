//! What is read: paths of the API, each kind at many places.

use std::net::SocketAddr;

use anyhow::{Context, ensure};
use serde_json::Value;

use crate::http;

/// A kind of read, and the places it is asked at.
pub(super) struct Question {
    pub(super) what: &'static str,
    pub(super) paths: Vec<String>,
}

/// Places of each kind.
const PLACES: usize = 200;

/// Every kind of read. The places are spread over all submissions.
pub(super) fn all(address: SocketAddr, submissions: &[u64]) -> anyhow::Result<Vec<Question>> {
    let mut samples = Vec::new();
    for submission in submissions {
        samples.extend(walk(address, *submission)?);
    }
    ensure!(!samples.is_empty(), "the submissions have no items");
    // A step that shares no factor with most lengths goes all over the place, the same way in every run.
    let sample = |n: usize| &samples[(n * 7_919) % samples.len()];
    let question = |what: &'static str, path: &dyn Fn(&Sample) -> String| Question {
        what,
        paths: (0..PLACES).map(|n| path(sample(n))).collect(),
    };
    let items = |of: &Sample| format!("/api/v1/submissions/{}/items", of.submission);
    Ok(vec![
        question("page of 100 items, anywhere", &|of| {
            format!("{}?limit=100&cursor={}", items(of), of.cursor)
        }),
        question("page of 1,000 items, anywhere", &|of| {
            format!("{}?limit=1000&cursor={}", items(of), of.cursor)
        }),
        question("items judged malicious, first page", &|of| format!("{}?verdict=malicious", items(of))),
        question("items of a frequent kind", &|of| format!("{}?kind=sha256", items(of))),
        question("items of a rare kind", &|of| format!("{}?kind=asn", items(of))),
        question("items of a kind nobody sent", &|of| format!("{}?kind=tlsh", items(of))),
        question("items judged malicious, of a kind", &|of| {
            format!("{}?verdict=malicious&kind=url", items(of))
        }),
        question("items a source knows", &|of| format!("{}?source=bench-million", items(of))),
        question("items by value", &|of| format!("{}?value={}", items(of), escape(&of.value))),
        question("items by beginning", &|of| format!("{}?prefix={}", items(of), escape(&of.head()))),
        question("items by domain", &|of| format!("{}?domain={}", items(of), of.domain())),
        question("items by a beginning nobody sent", &|of| format!("{}?prefix=zzzzzz", items(of))),
        question("item", &|of| format!("{}/{}", items(of), of.ordinal)),
        question("progress", &|of| format!("/api/v1/submissions/{}", of.submission)),
        question("facets", &|of| format!("/api/v1/submissions/{}/facets", of.submission)),
        question("submissions", &|_| "/api/v1/submissions".to_owned()),
        question("search by value", &|of| format!("/api/v1/indicators?value={}", escape(&of.value))),
        question("search by beginning", &|of| format!("/api/v1/indicators?prefix={}", escape(&of.head()))),
        question("search by domain", &|of| format!("/api/v1/indicators?domain={}", of.domain())),
        question("indicator with its findings", &|of| format!("/api/v1/indicators/{}", of.indicator)),
        question("history of an indicator", &|of| format!("/api/v1/indicators/{}/history", of.indicator)),
    ])
}

/// An item, and the cursor of the page behind it.
struct Sample {
    submission: u64,
    ordinal: u64,
    indicator: String,
    value: String,
    cursor: String,
}

impl Sample {
    /// The first eight characters: some have one match, some many.
    fn head(&self) -> String {
        self.value.chars().take(8).collect()
    }

    /// A domain somebody might look for.
    fn domain(&self) -> &str {
        let is_domain = self.value.contains('.') && !self.value.contains(['/', ':', '@']);
        if is_domain && self.value.ends_with(|last: char| last.is_ascii_alphabetic()) {
            &self.value
        } else {
            "workers.dev"
        }
    }
}

/// Goes through all items of a submission by pages of a thousand; one sample of each page.
fn walk(address: SocketAddr, submission: u64) -> anyhow::Result<Vec<Sample>> {
    let mut samples = Vec::new();
    let mut cursor = String::new();
    loop {
        let path = format!("/api/v1/submissions/{submission}/items?limit=1000{cursor}");
        let page = http::get(address, &path)?.body;
        let items = page["items"].as_array().with_context(|| format!("GET {path}: {page}"))?;
        let Some(next) = page["next"].as_str() else { return Ok(samples) };
        // Pages differ in which of their items stands for them.
        if let Some(item) = items.get(samples.len() * 37 % items.len().max(1)) {
            samples.push(sample(submission, item, next)?);
        }
        cursor = format!("&cursor={next}");
    }
}

fn sample(submission: u64, item: &Value, next: &str) -> anyhow::Result<Sample> {
    let text = |field: &str| {
        item[field].as_str().map(str::to_owned).with_context(|| format!("an item without `{field}`: {item}"))
    };
    Ok(Sample {
        submission,
        ordinal: item["ordinal"].as_u64().context("an item without `ordinal`")?,
        indicator: text("indicator_id")?,
        value: text("value")?,
        cursor: next.to_owned(),
    })
}

/// A value as a query takes it.
fn escape(value: &str) -> String {
    value
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}
