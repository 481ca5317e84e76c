//! `/metrics`: what is told is what docs/METRICS.md says, and the figures are right.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use aggregator_entities::domain::Stance;
use aggregator_sources::remote::Limit;
use reqwest::Method;

use crate::harness::{Ground, Server};
use crate::lookups::double::{Double, says, serving};
use crate::submissions::client::{SUBMISSIONS, hosts};

/// A metric: its type and its labels.
type Shapes = BTreeMap<String, (String, BTreeSet<String>)>;

/// What the page documents.
fn documented() -> Shapes {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/METRICS.md");
    let page = std::fs::read_to_string(page).unwrap();
    let rows = page.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let labels = cells[3].split(", ").filter(|label| !label.is_empty());
        let labels = labels.map(|label| label.trim_matches('`').to_owned()).collect();
        (cells[1].trim_matches('`').to_owned(), (cells[2].to_owned(), labels))
    })
    .collect()
}

/// What is told: the names of samples with the labels they have.
fn told(text: &str) -> Shapes {
    let types = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' '));
    types
        .map(|(name, kind)| {
            let (full, sample) = match kind {
                "counter" => (format!("{name}_total"), format!("{name}_total")),
                "info" => (format!("{name}_info"), format!("{name}_info")),
                "histogram" => (name.to_owned(), format!("{name}_count")),
                _ => (name.to_owned(), name.to_owned()),
            };
            let samples = text.lines().filter_map(|line| line.strip_prefix(&sample));
            let labels = samples
                .filter_map(|rest| rest.strip_prefix('{')?.split_once('}'))
                .flat_map(|(labels, _)| labels.split(',').filter_map(|label| label.split_once('=')))
                .map(|(label, _)| label.to_owned())
                .collect();
            (full, (kind.to_owned(), labels))
        })
        .collect()
}

async fn metrics(server: &Server) -> String {
    let answer = server.get("/metrics").await;
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, "application/openmetrics-text; version=1.0.0; charset=utf-8")
    );
    answer.body
}

/// The value of a sample, by its name with its labels.
fn value(text: &str, sample: &str) -> f64 {
    let line = text.lines().find_map(|line| line.strip_prefix(sample)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("{sample}:\n{text}")).parse().unwrap()
}

#[tokio::test]
async fn what_is_told_is_what_the_page_says_and_right() {
    const LIMITS: &[Limit] = &[Limit { calls: 6_000, window: Duration::from_mins(1) }];
    for ground in Ground::both().await {
        let double = Arc::new(Double::new("known", |_, _| says(Stance::Suspicious, 60)).limited(LIMITS));
        let server = serving(ground, &[double]).await;
        server
            .list_feed("listed", ("intel", "malicious", 90), "host3.example.com\nhost4.example.com\n")
            .await;
        let lines = hosts(5).join("\n");
        server.finished("?playbook=keyless", "text/plain", lines.clone()).await;
        server.finished("?playbook=keyless", "text/plain", lines).await;
        server.get("/api/v1/indicators/0123?x=secret.example.com").await;
        server.get("/nowhere/secret.example.com").await;
        server.send(server.request(Method::from_bytes(b"BREW").unwrap(), SUBMISSIONS)).await;

        let text = metrics(&server).await;
        assert_eq!(told(&text), documented(), "{text}");
        assert!(text.ends_with("# EOF\n") && !text.contains("example.com"), "{text}");
        for (sample, wanted) in [
            ("aggregator_queue_units{queue=\"lookup:interactive\",state=\"queued\"}", 0.0),
            ("aggregator_queue_done_per_minute{queue=\"screen:interactive\"}", 2.0),
            ("aggregator_source_done_per_minute{source=\"known\"}", 5.0),
            ("aggregator_source_quota_calls{source=\"known\",window=\"60s\"}", 6_000.0),
            ("aggregator_source_held{source=\"known\",reason=\"broken\"}", 0.0),
            ("aggregator_feed_entries{feed=\"listed\"}", 2.0),
            ("aggregator_feed_failing{feed=\"listed\"}", 0.0),
            ("aggregator_workers_alive", 1.0),
            ("aggregator_database_up", 1.0),
            ("aggregator_sse_clients", 0.0),
            ("aggregator_worker_cache_hits_total{source=\"known\"}", 5.0),
            ("aggregator_worker_calls_total{source=\"known\",outcome=\"found\"}", 5.0),
            ("aggregator_worker_call_duration_seconds_count{source=\"known\"}", 5.0),
            (
                "aggregator_http_requests_total{route=\"/api/v1/submissions\",method=\"POST\",status=\"200\"}",
                2.0,
            ),
            (
                "aggregator_http_requests_total{route=\"/api/v1/submissions\",method=\"other\",status=\"405\"}",
                1.0,
            ),
            ("aggregator_http_requests_total{route=\"unmatched\",method=\"GET\",status=\"404\"}", 1.0),
        ] {
            assert!((value(&text, sample) - wanted).abs() < f64::EPSILON, "{sample}:\n{text}");
        }
        assert!(value(&text, "process_resident_memory_bytes") > 1e6, "{text}");
        assert!(
            value(&text, "aggregator_worker_stage_duration_seconds_count{queue=\"screen\",stage=\"commit\"}")
                >= 2.0
        );
        assert!(value(&text, "aggregator_worker_units_finished_total") >= 7.0, "{text}");
        for stage in ["offer", "claim", "call", "commit"] {
            let sample = format!(
                "aggregator_worker_stage_duration_seconds_count{{queue=\"lookup\",stage=\"{stage}\"}}"
            );
            assert!(value(&text, &sample) >= 1.0, "{sample}:\n{text}");
        }
    }
}

#[tokio::test]
async fn a_client_that_follows_is_counted_while_it_does() {
    let server = Server::on(Arc::new(Ground::embedded().await), &[], |state| state).await;
    let submission = server.submit("", "text/plain", "example.com\n").await.json();
    let events = server.request(Method::GET, &format!("{SUBMISSIONS}/{}/events", submission["id"]));
    let follows = events.send().await.unwrap();
    assert!((value(&metrics(&server).await, "aggregator_sse_clients") - 1.0).abs() < f64::EPSILON);
    drop(follows);
    while value(&metrics(&server).await, "aggregator_sse_clients") > 0.0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_database_that_is_away_is_told_and_stops_nothing() {
    let server = Server::start().await;
    server.database.clone().close().await.unwrap();
    let text = metrics(&server).await;
    assert!(value(&text, "aggregator_database_up").abs() < f64::EPSILON, "{text}");
    assert!(!text.contains("aggregator_queue_units"), "{text}");
    assert!(value(&text, "process_resident_memory_bytes") > 1e6, "{text}");
}
