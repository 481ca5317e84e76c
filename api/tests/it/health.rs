//! Alive and ready.

use aggregator_api::Check;
use reqwest::Method;
use serde_json::json;

use crate::harness::Server;

struct Fixed(&'static str, Result<(), &'static str>);

#[async_trait::async_trait]
impl Check for Fixed {
    fn name(&self) -> &'static str {
        self.0
    }

    async fn check(&self) -> Result<(), String> {
        self.1.map_err(str::to_owned)
    }
}

struct Silent;

#[async_trait::async_trait]
impl Check for Silent {
    fn name(&self) -> &'static str {
        "silent"
    }

    async fn check(&self) -> Result<(), String> {
        std::future::pending().await
    }
}

struct Panics;

#[async_trait::async_trait]
impl Check for Panics {
    fn name(&self) -> &'static str {
        "panics"
    }

    async fn check(&self) -> Result<(), String> {
        panic!("on purpose: secret-of-the-house")
    }
}

#[tokio::test]
async fn a_server_with_its_rows_and_queues_is_alive_and_ready() {
    let server = Server::start().await;
    let alive = server.get("/livez").await;
    assert_eq!(alive.status, 200);
    assert_eq!(alive.json(), json!({"status": "alive", "version": env!("CARGO_PKG_VERSION")}));
    assert_eq!(alive.header("cache-control"), "no-store");
    let ready = server.get("/readyz").await;
    let checks = json!([{"name": "database", "status": "passed"}, {"name": "queues", "status": "passed"}]);
    assert_eq!((ready.status, ready.json()), (200, json!({"status": "ready", "checks": checks})));
}

#[tokio::test]
async fn head_is_answered_like_get_without_a_body() {
    let server = Server::start().await;
    let head = server.send(server.request(Method::HEAD, "/livez")).await;
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    let length: usize = head.header("content-length").parse().unwrap();
    assert_eq!(length, server.get("/livez").await.body.len());
}

#[tokio::test]
async fn every_part_is_asked_and_one_that_is_away_makes_it_not_ready() {
    let server = Server::start_with(&[], |state| {
        state
            .with_check(Fixed("feeds", Ok(())))
            .with_check(Fixed("mail", Err("the mail server cannot be reached")))
            .with_check(Silent)
    })
    .await;
    let answer = server.get("/readyz").await;
    assert_eq!(answer.status, 503);
    assert_eq!(
        answer.json(),
        json!({"status": "not_ready", "checks": [
            {"name": "database", "status": "passed"},
            {"name": "queues", "status": "passed"},
            {"name": "feeds", "status": "passed"},
            {"name": "mail", "status": "failed", "detail": "the mail server cannot be reached"},
            {"name": "silent", "status": "failed", "detail": "no answer within 2 seconds"},
        ]})
    );
    assert_eq!(server.get("/livez").await.status, 200);
}

#[tokio::test]
async fn a_panic_is_a_problem_without_insides_and_the_server_lives_on() {
    let server = Server::start_with(&[], |state| state.with_check(Panics)).await;
    let answer = server.get("/readyz").await;
    answer.is_problem(500, "internal");
    assert!(!answer.body.contains("secret-of-the-house"), "{}", answer.body);
    assert_eq!(server.get("/livez").await.status, 200);
}
