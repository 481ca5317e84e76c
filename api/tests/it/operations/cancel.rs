//! One lookup cancelled, in every state it can be in.

use std::sync::Arc;
use std::time::Duration;

use aggregator_entities::domain::{Outcome, Stance};
use aggregator_sources::remote::Answer;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Answer as Response, Ground, Server};
use crate::lookups::double::{Double, ends, remote, says, serving};
use crate::submissions::client::{fields, path_of};

const LOOKUPS: &str = "/api/v1/lookups";

async fn cancel(server: &Server, id: &Value) -> Response {
    server.send(server.request(Method::POST, &format!("{LOOKUPS}/{id}/cancel"))).await
}

/// Submits one name; the submission's path.
async fn ask_about(server: &Server, name: &str) -> String {
    path_of(&server.submit("?playbook=keyless", "text/plain", format!("{name}\n")).await.json())
}

/// The only lookup of a submission at a source, as soon as it is in this state.
async fn lookup(server: &Server, submission: &str, (source, state): (&str, &str)) -> Value {
    let id = submission.rsplit('/').next().unwrap();
    loop {
        let query = format!("{LOOKUPS}?submission={id}&source={source}&state={state}");
        if let [one] = &server.all(&query, "lookups", 10).await[..] {
            return one.clone();
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn switch(server: &Server, source: &str, verb: &str) {
    // The worker makes its sources known when it starts.
    server.until("/api/v1/sources?limit=100", |page| page["sources"].to_string().contains(source)).await;
    let path = format!("/api/v1/sources/{source}/{verb}");
    let switched = server.send(server.request(Method::POST, &path)).await;
    assert_eq!(switched.status, 200, "{switched:?}");
}

/// Waits for the end; the texts of the reasons of its first item's verdict.
async fn told(server: &Server, submission: &str) -> Vec<String> {
    server.until(submission, |submission| submission["state"] == "done").await;
    let item = server.get(&format!("{submission}/items/0")).await.json();
    fields(item["item"]["verdict"]["reasons"].as_array().unwrap(), "/text")
}

#[tokio::test]
async fn a_queued_lookup_ends_and_its_item_and_submission_with_it() {
    for ground in Ground::both().await {
        let doubles =
            ["held", "well"].map(|slug| Arc::new(Double::new(slug, |_, _| says(Stance::Benign, 60))));
        let server = serving(ground, &doubles).await;
        switch(&server, "held", "pause").await;
        let submission = ask_about(&server, "example.com").await;
        lookup(&server, &submission, ("well", "done")).await;
        let queued = lookup(&server, &submission, ("held", "queued")).await;
        let before = server.get(&submission).await.json();
        assert_eq!((&before["state"], &before["done"]), (&json!("running"), &json!(0)));

        let answer = cancel(&server, &queued["id"]).await;
        let cancelled = answer.json();
        assert_eq!(
            (answer.status, &cancelled["state"], &cancelled["outcome"], &cancelled["reason"]),
            (200, &json!("cancelled"), &json!("cancelled"), &json!("cancelled by hand")),
        );
        assert!(cancelled["finished_at"].is_string(), "{cancelled}");
        // Nothing was waited for: it is all one commit.
        let after = server.get(&submission).await.json();
        assert_eq!(
            (&after["state"], &after["done"], &after["verdicts"]["benign"]),
            (&json!("done"), &json!(1), &json!(1)),
            "{after}"
        );
        assert_eq!(told(&server, &submission).await, ["it was found", "held was not asked: cancelled"]);
        assert!(cancel(&server, &queued["id"]).await.is_problem(409, "state_conflict").contains("cancelled"));
        assert!(doubles[0].calls().is_empty());
    }
}

#[tokio::test]
async fn a_parked_lookup_alone_leaves_nothing_that_looks_clean() {
    for ground in Ground::both().await {
        let double = Arc::new(Double::new("away", |_, _| Answer {
            retry_after: Some(Duration::from_mins(50)),
            ..ends(Outcome::Unavailable)
        }));
        let server = serving(ground, &[double]).await;
        let submission = ask_about(&server, "example.com").await;
        let parked = lookup(&server, &submission, ("away", "parked")).await;
        assert_eq!(cancel(&server, &parked["id"]).await.status, 200);
        assert_eq!(told(&server, &submission).await, ["away did not answer (cancelled): cancelled by hand"]);
        let done = server.get(&submission).await.json();
        assert_eq!((&done["state"], &done["verdicts"]["unknown"]), (&json!("done"), &json!(1)), "{done}");
    }
}

#[tokio::test]
async fn those_that_wait_on_a_cancelled_one_go_on_under_the_oldest() {
    for ground in Ground::both().await {
        let double = Arc::new(Double::new("held", |_, _| says(Stance::Malicious, 90)));
        let server = serving(ground, &[Arc::clone(&double)]).await;
        switch(&server, "held", "pause").await;
        let first = ask_about(&server, "example.com").await;
        let leader = lookup(&server, &first, ("held", "queued")).await;
        let mut waiting = Vec::new();
        for _ in 0..3 {
            let submission = ask_about(&server, "example.com").await;
            let lookup = lookup(&server, &submission, ("held", "waiting")).await;
            assert_eq!(lookup["waiting_on"], leader["id"], "{lookup}");
            waiting.push((submission, lookup["id"].clone()));
        }
        // One of those that wait is nobody else's business.
        let (given_up, id) = waiting.pop().unwrap();
        assert_eq!(cancel(&server, &id).await.status, 200);
        assert_eq!(told(&server, &given_up).await, ["held was not asked: cancelled"]);

        assert_eq!(cancel(&server, &leader["id"]).await.status, 200);
        assert_eq!(told(&server, &first).await, ["held was not asked: cancelled"]);
        let [(second, leads), (third, waits)] = &waiting[..] else { panic!("{waiting:?}") };
        let promoted = server.get(&format!("{LOOKUPS}/{leads}")).await.json();
        assert_eq!((&promoted["state"], &promoted["waiting_on"]), (&json!("queued"), &Value::Null));
        assert_eq!(server.get(&format!("{LOOKUPS}/{waits}")).await.json()["waiting_on"], *leads);

        switch(&server, "held", "resume").await;
        for submission in [second, third] {
            assert_eq!(told(&server, submission).await, ["it was found"]);
        }
        assert_eq!(double.calls()["example.com"], 1);
    }
}

#[tokio::test]
async fn a_running_lookup_ends_with_its_call_whose_answer_is_kept() {
    for ground in Ground::both().await {
        let double = Arc::new(Double::new("slow", |_, _| says(Stance::Malicious, 90)).closed());
        let server = serving(ground, &[Arc::clone(&double)]).await;
        let first = ask_about(&server, "example.com").await;
        let running = lookup(&server, &first, ("slow", "running")).await;
        let second = ask_about(&server, "example.com").await;
        lookup(&server, &second, ("slow", "waiting")).await;
        for _ in 0..2 {
            let answer = cancel(&server, &running["id"]).await;
            let marked = answer.json();
            assert_eq!(
                (answer.status, &marked["state"], &marked["outcome"]),
                (200, &json!("running"), &json!("cancelled")),
                "{marked}"
            );
        }
        assert_eq!(server.get(&first).await.json()["state"], "running");
        double.gate.add_permits(1_000);
        assert_eq!(told(&server, &first).await, ["slow did not answer (cancelled): cancelled by hand"]);
        assert_eq!(lookup(&server, &first, ("slow", "cancelled")).await["id"], running["id"]);
        assert_eq!(told(&server, &second).await, ["it was found"]);
        // It is in the cache: nobody asks again.
        let third = ask_about(&server, "example.com").await;
        assert_eq!(told(&server, &third).await, ["it was found"]);
        assert_eq!(double.calls()["example.com"], 1);
        let done = lookup(&server, &second, ("slow", "done")).await;
        cancel(&server, &done["id"]).await.is_problem(409, "state_conflict");
        cancel(&server, &json!(4_711)).await.is_problem(404, "not_found");
    }
}

#[tokio::test]
async fn a_running_lookup_whose_call_fails_is_not_tried_again_but_by_those_that_wait() {
    for ground in Ground::both().await {
        let double = Double::new("flaky", |_, before| match before {
            0 => ends(Outcome::Unavailable),
            _ => says(Stance::Suspicious, 60),
        });
        let double = Arc::new(double.closed());
        let server = serving(ground, &[Arc::clone(&double)]).await;
        let first = ask_about(&server, "example.com").await;
        let running = lookup(&server, &first, ("flaky", "running")).await;
        let second = ask_about(&server, "example.com").await;
        lookup(&server, &second, ("flaky", "waiting")).await;
        assert_eq!(cancel(&server, &running["id"]).await.status, 200);
        double.gate.add_permits(1_000);
        assert_eq!(told(&server, &first).await, ["flaky did not answer (cancelled): cancelled by hand"]);
        assert_eq!(told(&server, &second).await, ["it was found"]);
        assert_eq!(double.calls()["example.com"], 2);
    }
}

#[tokio::test]
async fn a_running_lookup_whose_worker_stops_is_not_called_again() {
    for ground in Ground::both().await {
        let ground = Arc::new(ground);
        let double = Arc::new(Double::new("slow", |_, _| says(Stance::Malicious, 90)).closed());
        let server = Server::on(Arc::clone(&ground), &[], |state| state).await;
        server.work_with(remote(&[Arc::clone(&double)]));
        let submission = ask_about(&server, "example.com").await;
        let running = lookup(&server, &submission, ("slow", "running")).await;
        server.until(&format!("{LOOKUPS}/{}", running["id"]), |_| !double.calls().is_empty()).await;
        assert_eq!(cancel(&server, &running["id"]).await.status, 200);
        server.stop().await.unwrap();

        let other = Server::on(ground, &[], |state| state).await;
        let fresh = Arc::new(Double::new("slow", |_, _| says(Stance::Malicious, 90)));
        other.work_with(remote(&[Arc::clone(&fresh)]));
        assert_eq!(told(&other, &submission).await, ["slow was not asked: cancelled"]);
        assert!(fresh.calls().is_empty());
    }
}
