//! Counters of each submission against its rows, and the submissions against the ledger.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::Fault;
use crate::ledger::Entry;
use crate::rows::Rows;

/// A counter of the row beside the number of rows it stands for; columns of [`QUERY`] after the first three.
const PAIRS: [&str; 7] = ["done", "total", "rejected", "repeated", "malicious", "suspicious", "benign"];

/// One line per accepted submission: id, state, outstanding, then counter and count in turns.
const QUERY: &str = "
    SELECT s.id, CAST(s.state AS BIGINT), s.outstanding,
        s.done, COALESCE(i.items, 0), s.total, COALESCE(i.items, 0),
        s.rejected, (SELECT COUNT(*) FROM rejects r WHERE r.submission_id = s.id),
        s.contexts, (SELECT COUNT(*) FROM item_contexts c WHERE c.submission_id = s.id),
        s.malicious, COALESCE(i.malicious, 0), s.suspicious, COALESCE(i.suspicious, 0), s.benign, COALESCE(i.benign, 0)
    FROM submissions s LEFT JOIN (
        SELECT submission_id, COUNT(*) AS items, COUNT(CASE WHEN stance = {malicious} THEN 1 END) AS malicious,
            COUNT(CASE WHEN stance = {suspicious} THEN 1 END) AS suspicious,
            COUNT(CASE WHEN stance = {benign} THEN 1 END) AS benign
        FROM items GROUP BY submission_id) i ON i.submission_id = s.id
    WHERE s.state <> 1 ORDER BY s.id";

/// Every difference.
pub(super) fn of(rows: &mut Rows, entries: &[Entry], beside: &[i64]) -> Vec<Fault> {
    let mut faults = same_answer(entries);
    let found: BTreeMap<i64, Vec<i64>> =
        rows.numbers(&query()).into_iter().map(|row| (row[0], row)).collect();
    let known: HashSet<i64> = entries.iter().map(|entry| entry.id).chain(beside.iter().copied()).collect();
    for entry in entries {
        match found.get(&entry.id) {
            None => faults.push(Fault::lost(format!("{} ({}) has no row", entry.id, entry.key))),
            Some(row) => faults.extend(compare(row)),
        }
    }
    for id in found.keys().filter(|id| !known.contains(id)) {
        faults.push(Fault::twice(format!(
            "submission {id} was accepted, but no client was told: a request counted twice"
        )));
    }
    faults
}

fn query() -> String {
    use aggregator_entities::domain::Stance;
    let code = |stance: Stance| stance.code().to_string();
    QUERY
        .replace("{malicious}", &code(Stance::Malicious))
        .replace("{suspicious}", &code(Stance::Suspicious))
        .replace("{benign}", &code(Stance::Benign))
}

/// Two keys must not have the same submission, nor one key two.
fn same_answer(entries: &[Entry]) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut keys: HashMap<&str, i64> = HashMap::new();
    let mut ids: HashMap<i64, &str> = HashMap::new();
    for entry in entries {
        if let Some(other) = keys.insert(&entry.key, entry.id) {
            faults.push(Fault::twice(format!("{} was accepted as {other} and as {}", entry.key, entry.id)));
        }
        if let Some(other) = ids.insert(entry.id, &entry.key) {
            faults
                .push(Fault::lost(format!("{other} and {} were both answered with {}", entry.key, entry.id)));
        }
    }
    faults
}

fn compare(row: &[i64]) -> Vec<Fault> {
    let (id, state, outstanding) = (row[0], row[1], row[2]);
    let mut faults = Vec::new();
    if state != 3 {
        faults.push(Fault::lost(format!(
            "submission {id} is not done: state {state}, {outstanding} units outstanding"
        )));
    } else if outstanding != 0 {
        faults
            .push(Fault::miscounted(format!("submission {id} is done with {outstanding} units outstanding")));
    }
    for (name, pair) in PAIRS.iter().zip(row[3..].chunks_exact(2)) {
        let (counter, count) = (pair[0], pair[1]);
        if counter != count {
            faults.push(Fault::miscounted(format!(
                "submission {id} says {counter} {name}, and has {count} such rows"
            )));
        }
    }
    faults
}
