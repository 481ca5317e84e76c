//! Testing a source: asked once, within its limits, and kept nowhere but with the task.

use std::sync::Arc;
use std::time::Duration;

use aggregator_entities::domain::{Kind, Outcome, Relation, Stance};
use aggregator_sources::remote::{Answer, Limit};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Answer as Response, Ground, Server};
use crate::lookups::double::{Double, ends, leads_to, says, serving};

const ONE: &str = "/api/v1/sources/one";

/// One call, and then none for a day.
const ONCE: &[Limit] = &[Limit { calls: 1, window: Duration::from_hours(24) }];

async fn ask(server: &Server, slug: &str, body: Value) -> Response {
    server.change(Method::POST, &format!("/api/v1/sources/{slug}/test"), None, &body).await
}

/// A server with a worker that has said what these sources are.
async fn known(ground: Ground, doubles: &[Arc<Double>]) -> Server {
    let server = serving(ground, doubles).await;
    let described = |source: &Value| source["kinds"].is_array();
    let all = |page: &Value| page["sources"].as_array().unwrap().iter().filter(|one| described(one)).count();
    server.until("/api/v1/sources", |page| all(page) == doubles.len()).await;
    server
}

/// Tests a source and reads what it said.
async fn tested(server: &Server, slug: &str, value: &str) -> Value {
    let answer = ask(server, slug, json!({ "value": value })).await;
    assert_eq!(answer.status, 202, "{answer:?}");
    let task = answer.json();
    let path = format!("/api/v1/tasks/{}", task["id"]);
    assert_eq!((&*path, &task["kind"]), (answer.header("location"), &json!("test_source")));
    server.until(&path, |task| task["state"] == "done").await;
    server.get(&path).await.json()["result"].clone()
}

#[tokio::test]
async fn a_test_shows_the_whole_answer_and_leaves_nothing_behind() {
    for ground in Ground::both().await {
        let one = Arc::new(Double::new("one", |_, _| Answer {
            opinion: says(Stance::Malicious, 80).opinion,
            data: json!({"ports": [25, 443], "text": "a\0b"}),
            ..leads_to(Relation::ResolvesTo, Kind::Ipv4, &["192.0.2.1"])
        }));
        let server = known(ground, &[Arc::clone(&one)]).await;
        let mut result = tested(&server, "one", "evil[.]example[.]com").await;
        assert!(result["duration_ms"].take().is_u64(), "{result}");
        assert_eq!(
            result,
            json!({
                "outcome": "found", "asked": true, "stance": "malicious", "confidence": 80,
                "summary": "it was found", "data": {"ports": [25, 443], "text": "a\u{fffd}b"},
                "links": [{"relation": "resolves_to", "kind": "ipv4", "value": "192.0.2.1"}],
                "duration_ms": null, "again_at": null
            })
        );
        // Nobody submitted it: it is no indicator that is known, and the task keeps it no longer than it runs.
        let found = server.get("/api/v1/indicators?value=evil.example.com").await.json();
        assert_eq!(found["indicators"], json!([]), "{found}");
        assert_eq!(server.ground.rows.count("indicators").await, 0);
        assert_eq!(server.ground.rows.count("tasks WHERE subject IS NOT NULL").await, 0);
        // No cache answers, and the test feeds none.
        tested(&server, "one", "evil.example.com").await;
        assert_eq!(one.calls()["evil.example.com"], 2);
        server.finished("?playbook=keyless", "text/plain", "evil.example.com\n").await;
        assert_eq!(one.calls()["evil.example.com"], 3);
        let tasks = server.all("/api/v1/tasks?kind=test_source", "tasks", 1).await;
        assert!(tasks.len() == 2 && tasks.iter().all(|task| task["result"].is_null()), "{tasks:?}");
        let payload = tasks[0]["payload"].to_string();
        assert!(!payload.contains("evil"), "ids alone: {payload}");
    }
}

#[tokio::test]
async fn a_test_spends_the_limit_and_says_when_nothing_is_left() {
    for ground in Ground::both().await {
        let one = Arc::new(Double::new("one", |_, _| ends(Outcome::NotFound)).limited(ONCE));
        let server = known(ground, &[Arc::clone(&one)]).await;
        let first = tested(&server, "one", "a.example.com").await;
        assert_eq!((&first["outcome"], &first["asked"]), (&json!("not_found"), &json!(true)), "{first}");
        let queues = server.get("/api/v1/queues/sources").await.json();
        let limit = &queues["sources"][0]["limits"][0];
        assert!(limit["allowed"] == 0 && limit["next_at"].is_string(), "{limit}");
        let second = tested(&server, "one", "b.example.com").await;
        assert_eq!((&second["outcome"], &second["asked"]), (&json!("rate_limited"), &json!(false)));
        assert_eq!(second["again_at"], limit["next_at"], "{second}");
        assert!(second["summary"].as_str().unwrap().contains(limit["next_at"].as_str().unwrap()), "{second}");
        assert_eq!(one.calls().len(), 1);
        // What it spent is missing to lookups, too.
        let path = server.submit("?playbook=keyless", "text/plain", "c.example.com\n").await;
        server
            .until("/api/v1/queues/sources", |page| page["sources"][0]["hold"]["reason"] == "limited")
            .await;
        assert_eq!((one.calls().len(), path.status), (1, 202));
    }
}

#[tokio::test]
async fn where_a_service_asks_a_test_to_stay_away_lookups_do() {
    for ground in Ground::both().await {
        let wait = Some(Duration::from_mins(30));
        let one = Arc::new(Double::new("one", move |_, _| Answer {
            retry_after: wait,
            ..ends(Outcome::RateLimited)
        }));
        let server = known(ground, &[Arc::clone(&one)]).await;
        let result = tested(&server, "one", "a.example.com").await;
        assert_eq!((&result["outcome"], &result["asked"]), (&json!("rate_limited"), &json!(true)));
        let source = server.get(ONE).await.json();
        assert_eq!(
            (&source["state"], &source["blocked_until"]),
            (&json!("blocked"), &result["again_at"]),
            "{source}"
        );
        assert_eq!(tested(&server, "one", "b.example.com").await["asked"], false);
        assert_eq!(one.calls().len(), 1);
    }
}

#[tokio::test]
async fn a_test_asks_in_spite_of_a_pause_and_not_in_spite_of_an_ignore_list() {
    for ground in Ground::both().await {
        let one = Arc::new(Double::new("one", |_, _| ends(Outcome::Unavailable)));
        let server = known(ground, &[Arc::clone(&one)]).await;
        server.send(server.request(Method::POST, &format!("{ONE}/pause"))).await;
        let result = tested(&server, "one", "a.example.com").await;
        assert_eq!((&result["outcome"], &result["asked"]), (&json!("unavailable"), &json!(true)));
        let list = json!({"slug": "ours", "name": "Ours", "action": "refuse"});
        server.post_json("/api/v1/ignore-lists", list.to_string()).await;
        let entries = json!({"entries": [{"value": ".example.org"}]});
        server.post_json("/api/v1/ignore-lists/ours/entries", entries.to_string()).await;
        let refused = tested(&server, "one", "a.example.org").await;
        assert_eq!((&refused["outcome"], &refused["asked"]), (&json!("refused"), &json!(false)));
        assert!(refused["summary"].as_str().unwrap().contains("ignore list"), "{refused}");
        assert_eq!(one.calls().len(), 1);
    }
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused_before_it_is_a_task() {
    for ground in Ground::both().await {
        let one = Arc::new(Double::new("one", |_, _| ends(Outcome::NotFound)).closed());
        let server = known(ground, &[Arc::clone(&one)]).await;
        server.list_feed("bad", ("intel", "malicious", 90), "evil.example.com\n").await;
        for (slug, body, status, id) in [
            ("nobody", json!({"value": "example.com"}), 404, "not_found"),
            ("bad", json!({"value": "example.com"}), 409, "state_conflict"),
            ("one", json!({"value": "hello"}), 400, "invalid_body"),
            ("one", json!({"value": "CVE-2021-44228"}), 400, "invalid_body"),
            ("one", json!({"value": "example.com", "kind": "ipv4"}), 400, "invalid_body"),
            ("one", json!({"value": "example.com", "king": "domain"}), 400, "invalid_body"),
            ("one", json!({"value": "x".repeat(9_000)}), 400, "invalid_body"),
            ("one", json!({}), 400, "invalid_body"),
        ] {
            ask(&server, slug, body.clone()).await.is_problem(status, id);
        }
        let detail = ask(&server, "one", json!({"value": "CVE-2021-44228"})).await.json()["detail"].clone();
        assert_eq!(detail, "`value` is cve; the source takes ipv4, domain, url");
        assert_eq!(server.all("/api/v1/tasks?kind=test_source", "tasks", 5).await.len(), 0);

        // Asked twice at once, it is one task; afterwards it is another.
        let same = json!({"value": "example.com"});
        let tasks = [ask(&server, "one", same.clone()).await, ask(&server, "one", same.clone()).await];
        assert_eq!(tasks[0].json()["id"], tasks[1].json()["id"]);
        one.gate.add_permits(100);
        let path = tasks[0].header("location");
        server.until(path, |task| task["state"] == "done").await;
        assert_ne!(ask(&server, "one", same.clone()).await.header("location"), path);

        let off = json!({"name": "One", "enabled": false, "paused": false, "concurrency": 8, "limits": []});
        server.put_json(ONE, "*", &off).await;
        ask(&server, "one", same).await.is_problem(409, "state_conflict");
    }
}
