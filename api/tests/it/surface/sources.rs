//! Sources through the API, and how they are asked afterwards.

use std::sync::Arc;
use std::time::Duration;

use aggregator_entities::clock;
use aggregator_entities::domain::{Outcome, Stance};
use aggregator_sources::remote::Limit;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Ground, Server};
use crate::lookups::double::{Double, ends, says, serving};
use crate::submissions::client::{hosts, path_of};
use crate::submissions::fields;

const SOURCES: &str = "/api/v1/sources";
const ONE: &str = "/api/v1/sources/one";
const QUEUES: &str = "/api/v1/queues/sources";
const PLAYBOOKS: &str = "/api/v1/playbooks";
const KEEP: [&str; 5] = ["name", "enabled", "paused", "concurrency", "limits"];

const LIMITS: &[Limit] = &[Limit { calls: 600, window: Duration::from_mins(1) }];

/// A server whose sources `one` and `two` are known.
async fn known(ground: Ground) -> (Server, [Arc<Double>; 2]) {
    let doubles = [
        Arc::new(Double::new("one", |_, _| ends(Outcome::NotFound)).limited(LIMITS)),
        Arc::new(Double::new("two", |_, _| ends(Outcome::NotFound))),
    ];
    let server = serving(ground, &doubles).await;
    server.finished("?playbook=keyless", "text/plain", "first.example.com\n").await;
    (server, doubles)
}

async fn post(server: &Server, path: &str) -> Value {
    let answer = server.send(server.request(Method::POST, path)).await;
    assert_eq!((answer.status, answer.header("etag")), (200, &*server.etag(ONE).await), "{answer:?}");
    answer.json()
}

#[tokio::test]
async fn sources_are_listed_shown_and_changed() {
    for ground in Ground::both().await {
        let (server, _) = known(ground).await;
        server.list_feed("bad", ("intel", "malicious", 90), "evil.example.com\n").await;
        let one = server.get(ONE).await.json();
        for (field, value) in [
            ("slug", json!("one")),
            ("provider", json!("tests")),
            ("kind", json!("native")),
            ("state", json!("ready")),
            ("enabled", json!(true)),
            ("provider_enabled", json!(true)),
            ("paused", json!(false)),
            ("concurrency", json!(8)),
            ("limits", json!([{"calls": 600, "window_seconds": 60}])),
            ("kinds", json!(["ipv4", "domain", "url"])),
            ("active", json!(false)),
            ("keyless", json!(true)),
            ("blocked_until", json!(null)),
            ("broken_until", json!(null)),
            ("failures", json!(0)),
            ("open_lookups", json!(0)),
        ] {
            assert_eq!(one[field], value, "{field}: {one}");
        }
        let feed = server.get(&format!("{SOURCES}/bad")).await.json();
        assert_eq!((&feed["kind"], &feed["kinds"]), (&json!("feed"), &json!(null)), "{feed}");
        server.is_listed(SOURCES, "sources").await;
        for (query, slugs) in [
            ("?kind=native", &["one", "two"][..]),
            ("?kind=feed", &["bad"]),
            ("?kind=database", &[]),
            ("?provider=tests&enabled=true", &["bad", "one", "two"]),
            ("?provider=nobody", &[]),
            ("?paused=true", &[]),
        ] {
            assert_eq!(
                fields(&server.all(&format!("{SOURCES}{query}"), "sources", 1).await, "/slug"),
                slugs,
                "{query}"
            );
        }
        let body = json!({
            "name": "One", "enabled": true, "paused": false, "concurrency": 3,
            "limits": [{"calls": 5, "window_seconds": 86_400}, {"calls": 2, "window_seconds": 60}]
        });
        server.is_fenced(ONE, &body).await;
        let changed = server.get(ONE).await.json();
        assert_eq!(
            changed["limits"],
            json!([{"calls": 2, "window_seconds": 60}, {"calls": 5, "window_seconds": 86_400}])
        );
        assert_eq!((&changed["concurrency"], &changed["name"]), (&json!(3), &json!("One")));
        for (field, value) in [
            ("concurrency", json!(0)),
            ("concurrency", json!(257)),
            ("limits", json!([{"calls": 0, "window_seconds": 1}])),
            ("limits", json!([{"calls": 1, "window_seconds": 0}])),
            ("limits", json!([{"calls": 1, "window_seconds": 2_678_401}])),
            ("limits", json!([{"calls": 1, "window_seconds": 1, "burst": 1}])),
            ("limits", json!([{"calls": 1, "window_seconds": 1}, {"calls": 2, "window_seconds": 1}])),
            ("limits", json!(vec![json!({"calls": 1, "window_seconds": 1}); 9])),
            ("weight", json!(101)),
            ("weight", json!(-1)),
            ("colour", json!(1)),
        ] {
            let mut wrong = body.clone();
            wrong[field] = value;
            server.put_json(ONE, "*", &wrong).await.is_problem(400, "invalid_body");
        }
        // A list is nobody that is asked.
        let path = format!("{SOURCES}/bad");
        server.alter(&path, &KEEP, json!({"name": "Bad names"})).await;
        server.put_json(&path, "*", &body).await.is_problem(409, "state_conflict");
        let pause = server.send(server.request(Method::POST, &format!("{path}/pause"))).await;
        pause.is_problem(409, "state_conflict");
        for action in ["pause", "resume"] {
            let request = server.request(Method::POST, &format!("{SOURCES}/nobody/{action}"));
            server.send(request).await.is_problem(404, "not_found");
        }
    }
}

#[tokio::test]
async fn a_source_that_is_switched_off_is_not_asked() {
    for ground in Ground::both().await {
        let (server, [one, two]) = known(ground).await;
        let off = server.alter(ONE, &KEEP, json!({"enabled": false})).await;
        assert_eq!(off["state"], "disabled");
        server.finished("?playbook=everything", "text/plain", "a.example.com\nb.example.com\n").await;
        assert_eq!((one.calls().len(), two.calls().len()), (1, 3));
        server.alter(ONE, &KEEP, json!({"enabled": true})).await;
        server.finished("?playbook=everything", "text/plain", "c.example.com\n").await;
        assert_eq!((one.calls().len(), two.calls().len()), (2, 4));

        // So it is with a list.
        server.list_feed("bad", ("intel", "malicious", 90), "evil.example.com\n").await;
        let verdict = async || {
            server.finished("", "text/plain", "evil.example.com\n").await["verdicts"]["malicious"].clone()
                == json!(0)
        };
        let listed = verdict().await;
        server.alter(&format!("{SOURCES}/bad"), &KEEP, json!({"enabled": false})).await;
        assert_eq!((listed, verdict().await), (false, true));
    }
}

#[tokio::test]
async fn an_opinion_weighs_what_its_source_does() {
    for ground in Ground::both().await {
        let double = Arc::new(Double::new("one", |_, _| says(Stance::Malicious, 80)));
        let server = serving(ground, &[double]).await;
        server.list_feed("bad", ("intel", "suspicious", 60), "a.example.com\n").await;
        let verdict = async |value: &str| {
            let done = server.finished("?playbook=keyless", "text/plain", format!("{value}\n")).await;
            let item = server.get(&format!("{}/items/0", path_of(&done))).await.json();
            let indicator = item["item"]["indicator_id"].as_str().unwrap().to_owned();
            let now = server.get(&format!("/api/v1/indicators/{indicator}")).await.json();
            let shown = |verdict: &Value| (verdict["stance"].clone(), verdict["confidence"].clone());
            assert_eq!(shown(&item["item"]["verdict"]), shown(&now["verdict"]), "{item} {now}");
            shown(&now["verdict"])
        };
        assert_eq!(verdict("a.example.com").await, (json!("malicious"), json!(80)));
        server.alter(ONE, &KEEP, json!({"weight": 50})).await;
        // Of answers that are known already as of new ones.
        assert_eq!(verdict("a.example.com").await, (json!("malicious"), json!(40)));
        assert_eq!(verdict("b.example.com").await, (json!("malicious"), json!(40)));
        server.alter(ONE, &KEEP, json!({"weight": 0})).await;
        server.alter(&format!("{SOURCES}/bad"), &KEEP, json!({"weight": 50})).await;
        assert_eq!(verdict("a.example.com").await, (json!("suspicious"), json!(30)));
        assert_eq!(verdict("c.example.com").await, (json!("unknown"), json!(0)));
    }
}

#[tokio::test]
async fn the_lookups_of_a_paused_source_wait_and_go_on() {
    for ground in Ground::both().await {
        let (server, [one, two]) = known(ground).await;
        assert_eq!(post(&server, &format!("{ONE}/pause")).await["state"], "paused");
        let paused = server.etag(ONE).await;
        assert_eq!(post(&server, &format!("{ONE}/pause")).await["paused"], true);
        assert_eq!(server.etag(ONE).await, paused, "paused already, it stays as it is");
        assert_eq!(server.all(&format!("{SOURCES}?paused=true"), "sources", 5).await.len(), 1);
        let path = path_of(&server.submit("?playbook=keyless", "text/plain", "a.example.com\n").await.json());
        server.until(&format!("{path}/items/0"), |item| item["lookups"][1]["state"] == "done").await;
        assert_eq!((one.calls().len(), two.calls().len()), (1, 2));
        assert_eq!(server.get(ONE).await.json()["open_lookups"], 1);
        assert_eq!(post(&server, &format!("{ONE}/resume")).await["state"], "ready");
        server.until(&path, |submission| submission["state"] == "done").await;
        assert_eq!((one.calls().len(), two.calls().len()), (2, 2));
    }
}

/// A limit that is raised is felt at once: what is spent is counted in calls.
#[tokio::test]
async fn another_limit_counts_from_now_on() {
    for ground in Ground::both().await {
        let (server, [one, _]) = known(ground).await;
        let none = json!({"limits": [{"calls": 1, "window_seconds": 86_400}]});
        server.alter(ONE, &KEEP, none).await;
        let lines = "a.example.com\nb.example.com\n";
        let path = path_of(&server.submit("?playbook=keyless&sources=one", "text/plain", lines).await.json());
        server.until(ONE, |source| source["open_lookups"] == 1).await;
        assert_eq!(one.calls().len(), 2);
        server.alter(ONE, &KEEP, json!({"limits": [{"calls": 1_000_000, "window_seconds": 86_400}]})).await;
        server.until(&path, |submission| submission["state"] == "done").await;
        assert_eq!(one.calls().len(), 3);
        server.alter(ONE, &KEEP, json!({"limits": [], "concurrency": 1})).await;
        server.finished("?playbook=keyless&sources=one", "text/plain", "c.example.com\n").await;
    }
}

/// A limit that is lowered holds back for its window at most, whatever was spent under the old one.
#[tokio::test]
async fn a_lowered_limit_holds_back_for_its_window_at_most() {
    for ground in Ground::both().await {
        let (server, _) = known(ground).await;
        let at_once = json!({"limits": [{"calls": 200, "window_seconds": 86_400}]});
        server.alter(ONE, &KEEP, at_once).await;
        let lines = hosts(3).join("\n");
        server.finished("?playbook=keyless&sources=one", "text/plain", lines).await;
        server.alter(ONE, &KEEP, json!({"limits": [{"calls": 1, "window_seconds": 86_400}]})).await;
        let limit = async || server.get(QUEUES).await.json()["sources"][0]["limits"][0].clone();
        // Figures are kept for a moment.
        while limit().await["calls"] != 1 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let limit = limit().await;
        let tomorrow = clock::now(&server.database).await.unwrap() + 86_400 * clock::SECOND;
        assert_eq!(limit["allowed"], 0, "{limit}");
        assert!(limit["next_at"].as_str().unwrap() <= &*clock::rfc3339(tomorrow), "{limit}");
    }
}

/// Where a provider is switched off, each of its sources is, wherever one looks.
#[tokio::test]
async fn a_source_of_a_provider_that_is_switched_off_is_held_everywhere() {
    for ground in Ground::both().await {
        let (server, _) = known(ground).await;
        server.put_json("/api/v1/providers/tests", "*", &json!({"name": "Tests", "enabled": false})).await;
        assert_eq!(server.get(ONE).await.json()["state"], "disabled");
        server.until(QUEUES, |page| page["sources"][0]["hold"]["reason"] == "disabled").await;
        let metrics = server.get("/metrics").await.body;
        let sample = "aggregator_source_held{source=\"one\",reason=\"disabled\"} 1.0";
        assert!(metrics.contains(sample), "{metrics}");
    }
}

/// Who asks sources alone that are not there would hear from nobody, and take that for an answer.
#[tokio::test]
async fn sources_that_are_not_there_cannot_be_asked_alone() {
    for ground in Ground::both().await {
        let (server, [one, _]) = known(ground).await;
        server.list_feed("bad", ("intel", "malicious", 90), "evil.example.com\n").await;
        let before = server.ground.rows.count("submissions").await;
        let line = "a.example.com\n";
        for (sources, says) in
            [("oen", "`oen`"), ("one,oen,bad", "`oen`, `bad`"), (",", "nobody"), ("", "nobody")]
        {
            let query = format!("?playbook=keyless&sources={sources}");
            let answer = server.submit(&query, "text/plain", line).await;
            let detail = answer.is_problem(400, "invalid_parameter");
            assert!(detail.contains(says), "{sources}: {detail}");
        }
        for (sources, says) in [(json!(["oen"]), "/api/v1/sources?kind=native"), (json!([]), "nobody")] {
            let body = json!({"indicators": ["a.example.com"], "playbook": "keyless", "sources": sources});
            let answer = server.post_json("/api/v1/submissions", body.to_string()).await;
            let detail = answer.is_problem(400, "invalid_body");
            assert!(detail.contains(says), "{sources}: {detail}");
        }
        assert_eq!(server.ground.rows.count("submissions").await, before);

        let mine = |slugs: Value| json!({"name": "Mine", "sources": {"choice": "these", "slugs": slugs}});
        let mut new = mine(json!(["one", "oen"]));
        new["slug"] = json!("mine");
        let detail = server.post_json(PLAYBOOKS, new.to_string()).await.is_problem(400, "invalid_body");
        assert!(detail.contains("`sources.slugs` names no remote source: `oen`"), "{detail}");
        new["sources"]["slugs"] = json!(["one"]);
        assert_eq!(server.post_json(PLAYBOOKS, new.to_string()).await.status, 201);
        let path = format!("{PLAYBOOKS}/mine");
        server.put_json(&path, "*", &mine(json!(["oen"]))).await.is_problem(400, "invalid_body");

        // Spaces are none, and what was asked of one that is gone is not repeated.
        let done = server.finished("?playbook=keyless&sources=%20one%20,", "text/plain", line).await;
        assert_eq!(one.calls()["a.example.com"], 1);
        server.ground.rows.execute("UPDATE sources SET slug = 'was-one' WHERE slug = 'one'").await;
        let rerun = server.send(server.request(Method::POST, &format!("{}/rerun", path_of(&done)))).await;
        let detail = rerun.is_problem(409, "state_conflict");
        assert!(detail.contains("`one`"), "{detail}");
    }
}

#[tokio::test]
async fn a_source_that_fails_is_shown_so() {
    for ground in Ground::both().await {
        let failing = Arc::new(Double::new("one", |_, _| ends(Outcome::Unavailable)));
        let well = Arc::new(Double::new("two", |_, _| says(Stance::Malicious, 90)));
        let server = serving(ground, &[failing, well]).await;
        let lines = hosts(8).join("\n");
        server.submit("?playbook=keyless", "text/plain", lines).await;
        loop {
            let answer = server.get(ONE).await;
            if answer.status == 200 && answer.json()["state"] == "broken" {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let broken = server.get(ONE).await.json();
        assert!(broken["failures"].as_i64().unwrap() >= 5, "{broken}");
        assert!(broken["broken_until"].is_string(), "{broken}");
        assert_eq!(server.get(&format!("{SOURCES}/two")).await.json()["failures"], 0);
    }
}
