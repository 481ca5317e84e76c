//! Lookups listed, looked at and asked again.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use aggregator_entities::domain::{Outcome, Stance};
use aggregator_sources::remote::Answer;
use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Answer as Response, Ground, Server};
use crate::lookups::double::{Double, ends, says, serving};
use crate::submissions::client::{fields, hosts, path_of};

const LOOKUPS: &str = "/api/v1/lookups";

async fn retry(server: &Server, id: &Value) -> Response {
    server.send(server.request(Method::POST, &format!("{LOOKUPS}/{id}/retry"))).await
}

/// The only lookup of a list, as soon as there is one.
async fn only(server: &Server, query: &str) -> Value {
    loop {
        let found = server.all(&format!("{LOOKUPS}?{query}"), "lookups", 10).await;
        if let [one] = &found[..] {
            return one.clone();
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn lookups_are_listed_by_submission_source_state_and_outcome() {
    for ground in Ground::both().await {
        let doubles = [
            Arc::new(Double::new("broken", |_, _| ends(Outcome::Unauthorised))),
            Arc::new(Double::new("known", |_, _| says(Stance::Benign, 50))),
        ];
        let server = serving(ground, &doubles).await;
        let first = server.finished("?playbook=keyless", "text/plain", hosts(7).join("\n")).await;
        let second = server.finished("?playbook=keyless", "text/plain", "other.example.org\n").await;

        let all = server.all(LOOKUPS, "lookups", 3).await;
        let ids: Vec<i64> = all.iter().map(|lookup| lookup["id"].as_i64().unwrap()).collect();
        assert!(ids.len() == 16 && ids.is_sorted_by(|a, b| a > b), "newest first: {ids:?}");
        assert_eq!(fields(&all[..2], "/value"), ["other.example.org"; 2]);

        let of_first = format!("{LOOKUPS}?submission={}", first["id"]);
        let in_order = server.all(&of_first, "lookups", 4).await;
        let places: Vec<_> =
            in_order.iter().map(|lookup| (lookup["ordinal"].as_i64(), lookup["source"].as_str())).collect();
        assert_eq!((places.len(), places.iter().collect::<BTreeSet<_>>().len()), (14, 14));
        assert!(places.is_sorted_by_key(|(ordinal, _)| ordinal), "{places:?}");
        for (query, count) in [
            ("source=known", 8),
            ("state=dead", 8),
            ("outcome=found", 8),
            ("outcome=unauthorised&state=done", 0),
            ("source=nobody", 0),
            ("source=%00", 0),
            ("submission=4711", 0),
        ] {
            assert_eq!(server.all(&format!("{LOOKUPS}?{query}"), "lookups", 3).await.len(), count, "{query}");
        }
        assert_eq!(server.all(&format!("{of_first}&source=broken&state=dead"), "lookups", 3).await.len(), 7);

        let lookup = server.get(&format!("{LOOKUPS}/{}", in_order[0]["id"])).await.json();
        assert_eq!(lookup, in_order[0]);
        assert_eq!(
            (&lookup["attempts"], &lookup["tries"], &lookup["lost"], &lookup["waiting_on"]),
            (&json!(1), &json!(1), &json!(0), &Value::Null)
        );
        let times = ["created_at", "started_at", "finished_at"].map(|time| lookup[time].as_str());
        assert!(times.is_sorted() && times[0].is_some(), "{lookup}");
        let timing = ["queued_ms", "limited_ms", "calling_ms", "writing_ms"]
            .map(|time| lookup["timing"][time].as_i64());
        assert!(timing.iter().all(|time| time.is_some_and(|time| time >= 0)), "{lookup}");

        // A cursor stays with its list; a deleted submission's lookups are nobody's business.
        let page = server.get(&format!("{of_first}&limit=3")).await.json();
        let cursor = page["next"].as_str().unwrap();
        server.get(&format!("{LOOKUPS}?cursor={cursor}")).await.is_problem(400, "cursor_invalid");
        server.get(&format!("{LOOKUPS}?colour=red")).await.is_problem(400, "invalid_parameter");
        server.get(&format!("{LOOKUPS}?limit=0")).await.is_problem(400, "invalid_parameter");
        for nobody in ["0", "-1", "01", "x", "99999999"] {
            server.get(&format!("{LOOKUPS}/{nobody}")).await.is_problem(404, "not_found");
        }
        server.send(server.request(Method::DELETE, &path_of(&second))).await;
        assert_eq!(server.all(LOOKUPS, "lookups", 5).await.len(), 14);
    }
}

#[tokio::test]
async fn a_dead_lookup_is_retried_once_however_many_ask() {
    for ground in Ground::both().await {
        let mended = Arc::new(AtomicBool::new(false));
        let well = Arc::clone(&mended);
        let double = Arc::new(Double::new("broken", move |_, _| {
            if well.load(Ordering::SeqCst) {
                says(Stance::Malicious, 90)
            } else {
                ends(Outcome::Unauthorised)
            }
        }));
        let server = serving(ground, &[Arc::clone(&double)]).await;
        let submission = server.finished("?playbook=keyless", "text/plain", "example.com\n").await;
        assert_eq!(submission["verdicts"]["unknown"], 1, "{submission}");
        let dead = only(&server, "state=dead").await;
        mended.store(true, Ordering::SeqCst);
        let answers = join_all((0..8).map(|_| retry(&server, &dead["id"]))).await;
        let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
        for refused in answers.iter().filter(|answer| answer.status != 200) {
            refused.is_problem(409, "state_conflict");
        }
        server.until(&path_of(&submission), |submission| submission["state"] == "done").await;
        let done = server.get(&path_of(&submission)).await.json();
        assert_eq!(
            (&done["verdicts"]["malicious"], &done["done"], &done["total"]),
            (&json!(1), &json!(1), &json!(1))
        );
        assert_eq!(double.calls()["example.com"], 2);
        let lookup = server.get(&format!("{LOOKUPS}/{}", dead["id"])).await.json();
        assert_eq!((&lookup["state"], &lookup["outcome"]), (&json!("done"), &json!("found")), "{lookup}");
        retry(&server, &json!(4_711)).await.is_problem(404, "not_found");
    }
}

#[tokio::test]
async fn a_parked_lookup_is_retried_at_once() {
    for ground in Ground::both().await {
        let double = Arc::new(Double::new("away", |_, before| match before {
            0 => Answer { retry_after: Some(Duration::from_mins(50)), ..ends(Outcome::Unavailable) },
            _ => says(Stance::Suspicious, 60),
        }));
        let server = serving(ground, &[double]).await;
        let submission = server.submit("?playbook=keyless", "text/plain", "example.com\n").await.json();
        let parked = only(&server, "state=parked").await;
        assert!(parked["due_at"].is_string() && parked["limited_until"].is_null(), "{parked}");
        let retried = retry(&server, &parked["id"]).await;
        assert_eq!(retried.status, 200, "{retried:?}");
        // It need not wait for its own time, but its source asked to be left alone.
        let queued = only(&server, "state=queued").await;
        assert_eq!(queued["id"], parked["id"]);
        assert!(queued["limited_until"].is_string(), "{queued}");
        retry(&server, &queued["id"]).await.is_problem(409, "state_conflict");
        assert_eq!(server.get(&path_of(&submission)).await.json()["state"], "running");
    }
}

#[tokio::test]
async fn twins_retried_together_are_one_call() {
    for ground in Ground::both().await {
        let mended = Arc::new(AtomicBool::new(false));
        let well = Arc::clone(&mended);
        let double = Arc::new(Double::new("broken", move |_, _| {
            if well.load(Ordering::SeqCst) {
                says(Stance::Malicious, 90)
            } else {
                ends(Outcome::Unauthorised)
            }
        }));
        let server = serving(ground, &[Arc::clone(&double)]).await;
        let mut paths = Vec::new();
        for _ in 0..6 {
            let done = server.finished("?playbook=keyless", "text/plain", "twin.example.com\n").await;
            paths.push(path_of(&done));
        }
        let dead = server.all(&format!("{LOOKUPS}?state=dead"), "lookups", 10).await;
        assert_eq!((dead.len(), double.calls()["twin.example.com"]), (6, 6));
        mended.store(true, Ordering::SeqCst);
        double.gate.forget_permits(tokio::sync::Semaphore::MAX_PERMITS);
        for answer in join_all(dead.iter().map(|lookup| retry(&server, &lookup["id"]))).await {
            assert_eq!(answer.status, 200, "{answer:?}");
        }
        double.gate.add_permits(1_000);
        for path in &paths {
            server.until(path, |submission| submission["state"] == "done").await;
            assert_eq!(server.get(path).await.json()["verdicts"]["malicious"], 1);
        }
        assert_eq!(double.calls()["twin.example.com"], 7);
    }
}
