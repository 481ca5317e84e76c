//! Every line of the ledger is exactly one item context or one reject, and says what was written: by the public API alone.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::Fault;
use crate::client::Client;
use crate::ledger::Entry;

/// Faults of one submission that are told apart.
const SHOWN: usize = 5;

/// The sides a verdict takes.
const STANCES: [&str; 4] = ["malicious", "suspicious", "benign", "unknown"];

/// What a line of a body became.
#[derive(Debug, PartialEq, Eq)]
enum Became {
    Item(String),
    Reject,
}

/// Every line that is missing, there twice, or not what was written.
pub(super) fn of(client: &Client, entry: &Entry) -> Vec<Fault> {
    let path = format!("/api/v1/submissions/{}", entry.id);
    let read = || {
        Ok::<_, String>((
            client.get(&path)?,
            client.get(&format!("{path}/facets"))?,
            items(client, &path)?,
            client.pages(&format!("{path}/rejects"), "rejects")?,
        ))
    };
    match read() {
        Ok((submission, facets, items, rejects)) => {
            let mut faults = counters(entry, &submission, (items.len(), rejects.len()));
            faults.extend(by_kind(entry, &facets, &items));
            faults.extend(lines(entry, &items, &rejects));
            faults
        }
        Err(error) => vec![Fault::lost(format!("submission {} cannot be read: {error}", entry.id))],
    }
}

/// Every item; those written more often than a page shows are asked for alone.
fn items(client: &Client, path: &str) -> Result<Vec<Value>, String> {
    let mut items = client.pages(&format!("{path}/items"), "items")?;
    for item in &mut items {
        if item["more_contexts"] == true {
            *item = client.get(&format!("{path}/items/{}", item["ordinal"]))?["item"].take();
        }
    }
    Ok(items)
}

/// The figures a user sees against the lists a user sees.
fn counters(entry: &Entry, submission: &Value, (items, rejects): (usize, usize)) -> Vec<Fault> {
    let number = |pointer: &str| submission.pointer(pointer).and_then(Value::as_i64).unwrap_or(-1);
    let verdicts: i64 = STANCES.iter().map(|of| number(&format!("/verdicts/{of}"))).sum();
    let expected = [
        ("total", number("/total"), items),
        ("done", number("/done"), items),
        ("verdicts", verdicts, items),
        ("rejected", number("/rejected"), rejects),
        ("lines", number("/lines"), entry.lines.len()),
    ];
    let mut faults = Vec::new();
    for (name, said, found) in expected {
        if usize::try_from(said).ok() != Some(found) {
            faults.push(Fault::miscounted(format!(
                "submission {}: the API says {said} {name}, {found} are there",
                entry.id
            )));
        }
    }
    if submission["state"] != "done" {
        faults.push(Fault::lost(format!("submission {}: the API says {}", entry.id, submission["state"])));
    }
    faults
}

/// What the facets count against the items themselves.
fn by_kind(entry: &Entry, facets: &Value, items: &[Value]) -> Vec<Fault> {
    let mut counts: BTreeMap<(&str, &str), i64> = BTreeMap::new();
    for item in items {
        let of = (item["kind"].as_str().unwrap_or("?"), item["verdict"]["stance"].as_str().unwrap_or("none"));
        *counts.entry(of).or_default() += 1;
    }
    for facet in facets["kinds"].as_array().map(Vec::as_slice).unwrap_or_default() {
        for stance in STANCES {
            let of = (facet["kind"].as_str().unwrap_or("?"), stance);
            *counts.entry(of).or_default() -= facet["verdicts"][stance].as_i64().unwrap_or(0);
        }
    }
    let wrong = counts.into_iter().filter(|(_, difference)| *difference != 0);
    wrong
        .map(|(of, difference)| {
            Fault::miscounted(format!(
                "submission {}: its facets miss {difference} items of {of:?}",
                entry.id
            ))
        })
        .collect()
}

fn lines(entry: &Entry, items: &[Value], rejects: &[Value]) -> Vec<Fault> {
    let mut became: HashMap<usize, Vec<Became>> = HashMap::new();
    let mut put = |line: &Value, what: Became| {
        let line = line.as_u64().and_then(|line| usize::try_from(line).ok()).unwrap_or(0);
        became.entry(line).or_default().push(what);
    };
    for item in items {
        for context in item["contexts"].as_array().map(Vec::as_slice).unwrap_or_default() {
            put(&context["line"], Became::Item(context["raw"].as_str().unwrap_or_default().to_owned()));
        }
    }
    for reject in rejects {
        put(&reject["line"], Became::Reject);
    }
    let mut faults = Vec::new();
    for (line, written) in (1..).zip(entry.lines.iter()) {
        let fates = became.remove(&line).unwrap_or_default();
        match (written.is_empty(), fates.as_slice()) {
            (true, []) | (false, [Became::Reject]) => {}
            (false, [Became::Item(item)]) if item == written.trim() => {}
            (false, []) => faults
                .push(Fault::lost(format!("submission {} line {line} is nowhere: {written:?}", entry.id))),
            (false, [Became::Item(item)]) => faults.push(Fault::lost(format!(
                "submission {} line {line} was {written:?} and became {item:?}",
                entry.id
            ))),
            (_, fates) => {
                faults.push(Fault::twice(format!("submission {} line {line} became {fates:?}", entry.id)));
            }
        }
    }
    for (line, fates) in became {
        faults.push(Fault::twice(format!(
            "submission {} has no line {line}, yet it became {fates:?}",
            entry.id
        )));
    }
    let more = faults.len().saturating_sub(SHOWN);
    if more > 0 {
        let last = faults.swap_remove(SHOWN);
        faults.truncate(SHOWN);
        faults.push(Fault { text: format!("{} (and {} more)", last.text, more - 1), ..last });
    }
    faults
}
