//! Faults of others that ours must not have, by the names of features.md.

use std::sync::Arc;
use std::time::Duration;

use aggregator_entities::domain::{Indicator, Kind, Outcome, Relation, Stance};
use aggregator_entities::repositories::{units, workers};
use aggregator_queue::{QueueName, Topic};
use aggregator_sources::remote::{Answer, Limit};
use aggregator_worker::RemoteOptions;
use serde_json::json;

use super::double::{Double, ends, leads_to, remote, says, serving};
use crate::harness::{Ground, Server};
use crate::submissions::client::{fields, path_of};

/// A rate limit, error or timeout shown as "nothing found" or "benign".
#[tokio::test]
async fn limited_is_not_clean() {
    const LATER: Duration = Duration::from_hours(2);
    for ground in Ground::both().await {
        let failing = [
            Arc::new(Double::new("limited", |_, _| Answer {
                retry_after: Some(LATER),
                ..ends(Outcome::RateLimited)
            })),
            Arc::new(Double::new("unauthorised", |_, _| ends(Outcome::Unauthorised))),
            Arc::new(Double::new("malformed", |_, _| ends(Outcome::Malformed))),
            Arc::new(Double::new("refused", |_, _| ends(Outcome::Refused))),
            Arc::new(Double::new("away", |_, _| Answer {
                retry_after: Some(LATER),
                ..ends(Outcome::Unavailable)
            })),
        ];
        let server = serving(ground, &failing).await;
        let done = server.finished("?playbook=keyless", "text/plain", "example.com\n").await;
        assert_eq!(done["verdicts"], json!({"malicious": 0, "suspicious": 0, "benign": 0, "unknown": 1}));
        let item = server.get(&format!("{}/items/0", path_of(&done))).await.json();
        let verdict = &item["item"]["verdict"];
        assert_eq!(verdict["stance"], "unknown");
        let told = fields(verdict["reasons"].as_array().unwrap(), "/text").join("\n");
        for outcome in ["rate_limited", "unauthorised", "malformed", "refused", "unavailable"] {
            assert!(told.contains(&format!("did not answer ({outcome})")), "{outcome}: {told}");
            let of_it =
                verdict["reasons"].as_array().unwrap().iter().filter(|line| line["failed"] == outcome);
            assert_eq!(of_it.count(), 1, "{verdict}");
        }
        assert_eq!(item["findings"], json!([]), "no answer is no finding");
    }
}

/// One benign voice washes a malicious one white.
#[tokio::test]
async fn one_source_cannot_lower() {
    for ground in Ground::both().await {
        let doubles = [
            Arc::new(Double::new("bad", |_, _| says(Stance::Malicious, 60))),
            Arc::new(Double::new("good", |_, _| says(Stance::Benign, 100))),
        ];
        let server = serving(ground, &doubles).await;
        let done = server.finished("?playbook=keyless", "text/plain", "example.com\n").await;
        assert_eq!(done["verdicts"]["malicious"], 1, "{done}");
    }
}

/// Two submissions of the same value at once call the source twice.
#[tokio::test]
async fn twin_submit() {
    for ground in Ground::both().await {
        let slow = Arc::new(Double::new("slow", |_, _| says(Stance::Suspicious, 70)).closed());
        let server = serving(ground, &[Arc::clone(&slow)]).await;
        let mut paths = Vec::new();
        for _ in 0..3 {
            let answer = server.submit("?playbook=keyless", "text/plain", "twin.example.com\n").await;
            paths.push(path_of(&answer.json()));
        }
        for path in &paths {
            server.until(&format!("{path}/items/0"), |item| item["item"]["state"] == "looking_up").await;
        }
        slow.gate.add_permits(1);
        for path in &paths {
            server.until(path, |submission| submission["state"] == "done").await;
            assert_eq!(server.get(path).await.json()["verdicts"]["suspicious"], 1);
        }
        assert_eq!(slow.calls()["twin.example.com"], 1);
    }
}

/// An answer whose commit came between another submission's look at what is known and that submission's own commit.
#[tokio::test]
async fn twin_submit_that_looked_too_early() {
    for ground in Ground::both().await {
        let known = Arc::new(Double::new("known", |_, _| ends(Outcome::NotFound)));
        let server = serving(ground, &[Arc::clone(&known)]).await;
        server.finished("?playbook=keyless", "text/plain", "example.com\n").await;
        // Unseen while the next one looks.
        server.ground.rows.execute("UPDATE findings SET expires_at = expires_at - 86400000000").await;
        for (query, calls) in [("", 1), ("&max_age=86400", 1), ("&max_age=0", 2)] {
            let pause = server.request(reqwest::Method::POST, "/api/v1/queues/lookup:interactive/pause");
            assert!(server.send(pause).await.status < 300);
            let late = format!("?playbook=keyless{query}");
            let path = path_of(&server.submit(&late, "text/plain", "example.com\n").await.json());
            server.until(&format!("{path}/items/0"), |item| item["lookups"][0]["state"] == "queued").await;
            server.ground.rows.execute("UPDATE findings SET expires_at = expires_at + 86400000000").await;
            let resume = server.request(reqwest::Method::POST, "/api/v1/queues/lookup:interactive/resume");
            assert!(server.send(resume).await.status < 300);
            server.until(&path, |submission| submission["state"] == "done").await;
            assert_eq!(known.calls()["example.com"], calls, "{query}");
            server.ground.rows.execute("UPDATE findings SET expires_at = expires_at - 86400000000").await;
        }
    }
}

/// Answers that lead to one another are followed for ever.
#[tokio::test]
async fn pivot_cycle() {
    for ground in Ground::both().await {
        let mirror = Arc::new(Double::new("mirror", |indicator, _| match indicator.kind() {
            Kind::Domain => leads_to(Relation::ResolvesTo, Kind::Ipv4, &["192.0.2.9"]),
            _ => leads_to(Relation::ReverseName, Kind::Domain, &["cycle.example.com"]),
        }));
        let server = serving(ground, &[Arc::clone(&mirror)]).await;
        let definition = r#"{"sources":"keyless","follow":[{"relation":"resolves_to"},{"relation":"reverse_name"}],"max_depth":100}"#;
        server.define_playbook("cycle", definition).await;
        let done = server.finished("?playbook=cycle", "text/plain", "cycle.example.com\n").await;
        assert_eq!((&done["total"], &done["done"]), (&json!(2), &json!(2)), "{done}");
        assert_eq!(mirror.calls().values().sum::<u32>(), 2);
    }
}

/// Sources nobody chose are asked all the same.
#[tokio::test]
async fn source_selection_honoured() {
    for ground in Ground::both().await {
        let doubles =
            ["one", "two", "three"].map(|slug| Arc::new(Double::new(slug, |_, _| ends(Outcome::NotFound))));
        let server = serving(ground, &doubles).await;
        let counts = || doubles.each_ref().map(|double| double.calls().values().sum::<u32>());
        server.finished("", "text/plain", "a.example.com\n").await;
        assert_eq!(counts(), [0, 0, 0], "the default is local");
        server.finished("?playbook=keyless&tlp=red", "text/plain", "b.example.com\n").await;
        assert_eq!(counts(), [0, 0, 0], "TLP:RED does not travel");
        server.finished("?playbook=keyless&cache_only=true", "text/plain", "c.example.com\n").await;
        assert_eq!(counts(), [0, 0, 0], "the cache alone");
        server.finished("?playbook=keyless&sources=two", "text/plain", "d.example.com\n").await;
        assert_eq!(counts(), [0, 1, 0]);
        server.define_playbook("third", r#"{"sources":["three","unknown"]}"#).await;
        server.finished("?playbook=third", "text/plain", "e.example.com\n").await;
        assert_eq!(counts(), [0, 1, 1]);
        // Its kinds are honoured, too: none of them takes hashes.
        server.finished("?playbook=keyless", "text/plain", "d41d8cd98f00b204e9800998ecf8427e\n").await;
        assert_eq!(counts(), [0, 1, 1]);
    }
}

/// A limit is overrun by several workers.
#[tokio::test]
async fn a_limit_is_kept_by_two_workers() {
    const LIMITS: &[Limit] = &[Limit { calls: 20, window: Duration::from_secs(1) }];
    let calls = Arc::new(std::sync::Mutex::new(Vec::new()));
    let seen = Arc::clone(&calls);
    let limited = Arc::new(
        Double::new("limited", move |_, _| {
            seen.lock().unwrap().push(std::time::Instant::now());
            ends(Outcome::NotFound)
        })
        .limited(LIMITS),
    );
    let server = serving(Ground::production().await, &[Arc::clone(&limited)]).await;
    server.work_with(remote(&[limited]));
    server
        .finished("?playbook=keyless", "text/plain", crate::submissions::client::hosts(60).join("\n"))
        .await;
    let calls = calls.lock().unwrap().clone();
    assert_eq!(calls.len(), 60);
    // Offers are 50 ms apart, 2.95 s from the first to the last. A call is at most a second late, or it is not made: slow
    // machines only stretch this.
    let took = calls[59].duration_since(calls[0]);
    assert!(took >= Duration::from_millis(1_900), "60 calls at 20 a second took {took:?}");
}

/// A killed worker leaves a lookup running for ever, or its result twice.
#[tokio::test]
async fn kill_9_mid_call() {
    for ground in Ground::both().await {
        let hanging = Arc::new(Double::new("slow", |_, _| says(Stance::Malicious, 90)).closed());
        let answering = Arc::new(Double::new("slow", |_, _| says(Stance::Suspicious, 40)));
        let server = Server::on(Arc::new(ground), &[], |state| state).await;
        // One slot for those who wait, which the hanging call takes: this worker asks nobody else.
        server.work_with(RemoteOptions { concurrency: 2, ..remote(&[Arc::clone(&hanging)]) });
        let path = path_of(&server.submit("?playbook=keyless", "text/plain", "example.com\n").await.json());
        server.until(&format!("{path}/items/0"), |item| item["lookups"][0]["state"] == "running").await;
        let lookup =
            server.get(&format!("{path}/items/0")).await.json()["lookups"][0]["id"].as_i64().unwrap();

        // Its worker is gone: the lease runs out, and the sweep takes the lookup back.
        let alive = workers::alive(&server.database, 60_000_000).await.unwrap();
        for (worker, _) in &alive {
            units::renew(&server.database, &worker.name, (&[], &[lookup], &[]), -1).await.unwrap();
        }
        assert_eq!(units::sweep(&server.database, None).await.unwrap().leases, 1);
        server.work_with(remote(&[Arc::clone(&answering)]));
        server.backends.doorbell().ring(&Topic::Queue(QueueName::Lookup));
        server.until(&path, |submission| submission["state"] == "done").await;
        let done = server.get(&format!("{path}/items/0")).await.json();
        assert_eq!(done["item"]["verdict"]["stance"], "suspicious", "{done}");
        assert_eq!(answering.calls()["example.com"], 1);

        // Not killed after all, it comes back with its answer: too late to change what was told.
        hanging.gate.add_permits(1_000);
        server.until_count("findings", |count| count == 2).await;
        assert_eq!(server.get(&format!("{path}/items/0")).await.json()["item"], done["item"]);
        assert_eq!(server.get(&path).await.json()["done"], 1);
    }
}

/// What a source is told to say about a value, so that the test can tell it, too.
fn injected(value: &str, source: &str) -> Outcome {
    let sum: u32 = value.bytes().chain(source.bytes()).map(u32::from).sum();
    match sum % 16 {
        0 => Outcome::Malformed,
        1 => Outcome::Unauthorised,
        2 => Outcome::Refused,
        3..8 => Outcome::NotFound,
        _ => Outcome::Found,
    }
}

/// Three hundred indicators at five sources end in exactly the outcomes that were injected; nobody is asked twice.
#[tokio::test]
async fn every_outcome_is_the_one_that_was_injected() {
    const SOURCES: [&str; 5] = ["a", "b", "c", "d", "e"];
    for ground in Ground::both().await {
        let doubles = SOURCES.map(|slug| {
            let script = move |indicator: &Indicator, _| Answer {
                data: json!({ "of": slug }),
                ..ends(injected(indicator.value(), slug))
            };
            Arc::new(Double::new(slug, script))
        });
        let server = serving(ground, &doubles).await;
        let lines = crate::submissions::client::hosts(300);
        let submitted = server.submit("?playbook=keyless", "text/plain", lines.join("\n")).await.json();
        let path = path_of(&submitted);
        server.until(&path, |submission| submission["state"] == "done").await;
        for (ordinal, value) in lines.iter().enumerate() {
            let item = server.get(&format!("{path}/items/{ordinal}")).await.json();
            let ended = fields(item["lookups"].as_array().unwrap(), "/outcome");
            let expected = SOURCES.map(|source| injected(value, source).as_str());
            assert_eq!(ended, expected, "{value}");
        }
        for double in &doubles {
            assert_eq!(double.calls().into_values().collect::<Vec<_>>(), vec![1; 300]);
        }
    }
}
