//! Services of the scenario's own, where the product's real sources ask, and what their lookups came to.

use std::sync::Arc;
use std::time::Duration;

use aggregator_testkit::Upstream;
use serde_json::Value;

use crate::client::{Answer, Client};
use crate::ground::{Ground, Program};
use crate::ledger::{Entry, Ledger};
use crate::rows::Rows;
use crate::wait::until;

/// Settings under which `internetdb`, `rdap` and `crtsh` are at this service, below `/internetdb/`, `/rdap/` and `/crtsh/`.
pub(crate) fn settings(upstream: &Upstream, calls: u32) -> Vec<(&'static str, String)> {
    let bases = ["internetdb", "rdap", "crtsh"].map(|slug| format!("{slug}={}{slug}/", upstream.url()));
    vec![
        ("AGGREGATOR_SOURCES_BASES", bases.join(",")),
        ("AGGREGATOR_EGRESS_ALLOW_PRIVATE", "127.0.0.0/8".to_owned()),
        ("AGGREGATOR_WORKER_LOOKUP_CONCURRENCY", calls.to_string()),
    ]
}

/// Lifts the courtesy limits of the public services, whose place a mock has taken, and lets each have so many calls at once.
/// The sources have to be known already: a worker runs.
pub(crate) fn unlimit(ground: &Ground, rows: &mut Rows, at_once: u32) {
    until("the worker has made its sources known", ground.scale.hang(), || {
        let known = rows.number("SELECT COUNT(*) FROM sources WHERE slug IN ('internetdb', 'rdap', 'crtsh')");
        (known == 3).then_some(())
    });
    ground.postgres.run(&format!("DELETE FROM quotas; UPDATE sources SET concurrency = {}", at_once + 1));
}

/// Distinct public addresses.
pub(crate) fn addresses(first: u32, count: u32) -> Vec<String> {
    (0..count).map(|n| std::net::Ipv4Addr::from(0x0900_0000 + first + n).to_string()).collect()
}

/// Submits these, to be asked of these sources, and writes the acceptance down.
pub(crate) fn ask(client: &Client, ledger: &Ledger, (key, sources): (&str, &str), lines: Vec<String>) -> i64 {
    let parameters = format!("?playbook=everything&sources={sources}");
    match client.submit_to(&parameters, key, &lines.join("\n")) {
        Answer::Accepted(id) => {
            ledger.write(Entry { id, key: key.to_owned(), lines: Arc::new(lines) });
            id
        }
        other => panic!("{key} was not accepted: {other:?}"),
    }
}

/// Waits for the end of a submission.
pub(crate) fn end_of(client: &Client, id: i64, worker: &mut Program, limit: Duration) -> Value {
    until("the submission is done", limit, || {
        worker.must_run();
        client
            .get(&format!("/api/v1/submissions/{id}"))
            .ok()
            .filter(|submission| submission["state"] == "done")
    })
}

/// Lookups of a submission that ended with this outcome.
pub(crate) fn ended(rows: &mut Rows, id: i64, outcome: u8) -> i64 {
    rows.number(&format!(
        "SELECT COUNT(*) FROM lookups WHERE submission_id = {id} AND state IN (6, 7) AND outcome = {outcome}"
    ))
}

/// What `InternetDB` says about an address it knows.
pub(crate) fn known(address: &str) -> String {
    format!(r#"{{"cpes":[],"hostnames":[],"ip":"{address}","ports":[22],"tags":[],"vulns":[]}}"#)
}

/// Source and rest of a call's path.
pub(crate) fn parts(path: &str) -> (&str, &str) {
    path.trim_start_matches('/').split_once(['/', '?']).unwrap_or_default()
}
