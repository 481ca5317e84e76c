//! Queues held back by hand: what is due in one is offered to nobody, and goes on when it is resumed.

use std::sync::Arc;

use aggregator_entities::domain::Stance;
use aggregator_entities::repositories::lookups::{self, OfferTerms, Offered};
use aggregator_entities::repositories::units::{self, Lane, Offer};
use reqwest::Method;
use serde_json::Value;

use super::double::{Double, says, serving};
use crate::harness::{Ground, Server};
use crate::submissions::client::path_of;

async fn switch(server: &Server, queue: &str, what: &str) -> Value {
    let answer = server.send(server.request(Method::POST, &format!("/api/v1/queues/{queue}/{what}"))).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

async fn shown(server: &Server, queue: &str) -> Value {
    let all = server.get("/api/v1/queues").await.json();
    all["queues"].as_array().unwrap().iter().find(|shown| shown["name"] == queue).unwrap().clone()
}

#[tokio::test]
async fn chunks_of_a_paused_queue_wait() {
    for ground in Ground::both().await {
        let server = Server::on(Arc::new(ground), &[], |state| state).await;
        let lane = Lane::Screen { interactive: true };
        let paused = switch(&server, "screen:interactive", "pause").await;
        assert_eq!(paused["paused_at"], switch(&server, "screen:interactive", "pause").await["paused_at"]);
        server.submit("", "text/plain", "192.0.2.1\n").await;
        let offer = || units::offer(&server.database, lane, 9, 30_000_000);
        assert_eq!(offer().await.unwrap(), Offer::Offered(Vec::new()));
        assert!(shown(&server, "screen:interactive").await["paused_at"].is_string());
        assert!(shown(&server, "screen").await["paused_at"].is_null());
        assert!(switch(&server, "screen:interactive", "resume").await["paused_at"].is_null());
        assert!(matches!(offer().await.unwrap(), Offer::Offered(ids) if ids.len() == 1));
        let unheard = server.send(server.request(Method::POST, "/api/v1/queues/unheard/pause")).await;
        unheard.is_problem(404, "not_found");
    }
}

#[tokio::test]
async fn lookups_of_a_paused_queue_wait_and_are_made_when_it_goes_on() {
    for ground in Ground::both().await {
        let double = Arc::new(Double::new("voice", |_, _| says(Stance::Malicious, 60)));
        let server = serving(ground, &[double]).await;
        for queue in ["lookup:interactive", "lookup"] {
            switch(&server, queue, "pause").await;
        }
        let path = path_of(&server.submit("?playbook=keyless", "text/plain", "example.com\n").await.json());
        let mut events = server.events(&path, "", None).await;
        assert_eq!(events.next().await.unwrap().data["state"], "looking_up");
        let terms =
            OfferTerms { window: 9, with_bulk: true, offer_micros: 30_000_000, patience_micros: 600_000_000 };
        let offered = loop {
            // The worker's own feeder takes its turns.
            if let Some(offered) = lookups::offer(&server.database, terms).await.unwrap() {
                break offered;
            }
        };
        assert_eq!(offered, Offered::default());
        for queue in ["lookup:interactive", "lookup"] {
            switch(&server, queue, "resume").await;
        }
        while events.next().await.is_some() {}
        assert_eq!(server.get(&path).await.json()["verdicts"]["malicious"], 1);
    }
}
