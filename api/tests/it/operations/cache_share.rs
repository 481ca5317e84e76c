//! The cache share of the stats: what was known before a lookup was made counts, exactly once.

use std::sync::Arc;

use aggregator_entities::domain::{Kind, Outcome, Relation, Stance};
use aggregator_entities::repositories::units;
use reqwest::Method;
use serde_json::{Value, json};

use super::stats::until;
use crate::harness::{Ground, Server};
use crate::lookups::double::{Double, ends, leads_to, says, serving};
use crate::submissions::client::{hosts, path_of};

const LANE: &str = "/api/v1/queues/screen:interactive";

/// The stats once so many items have their verdict: what was known is committed with it.
async fn after(server: &Server, done: i64) -> Value {
    until(server, "", |stats| stats["done"] == done).await
}

/// Hits, lookups without and with a call, and the share, of all sources or of one.
fn asked(of: &Value) -> Value {
    json!([of["cache_hits"], of["without_call"], of["with_call"], of["cache_share"]])
}

/// Puts what ended in a table back by more than a day.
async fn age(server: &Server, table: &str) {
    let statement = format!("UPDATE {table} SET finished_at = finished_at - 90000000000");
    server.ground.rows.execute(&statement).await;
}

async fn post(server: &Server, path: &str) {
    let answer = server.send(server.request(Method::POST, path)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

#[tokio::test]
async fn a_list_sent_again_is_answered_from_the_cache_and_counted() {
    for ground in Ground::both().await {
        let half = Double::new("half", |indicator, _| {
            if indicator.value().starts_with("host1") {
                says(Stance::Malicious, 90)
            } else {
                ends(Outcome::NotFound)
            }
        });
        let shut = Double::new("shut", |_, _| ends(Outcome::Unauthorised));
        let server = serving(ground, &[Arc::new(half), Arc::new(shut)]).await;
        let list = hosts(5).join("\n");
        server.finished("?playbook=keyless&sources=half", "text/plain", list.clone()).await;
        let stats = after(&server, 5).await;
        assert_eq!(asked(&stats), json!([0, 0, 5, 0.0]), "{stats}");

        // Five answers of one source were there; the other, whose failures are no answers, is called.
        server.finished("?playbook=keyless", "text/plain", list.clone()).await;
        let stats = after(&server, 10).await;
        assert_eq!(asked(&stats["sources"][0]), json!([5, 0, 5, 0.5]), "{stats}");
        assert_eq!(asked(&stats["sources"][1]), json!([0, 0, 5, 0.0]), "{stats}");
        assert_eq!(asked(&stats), json!([5, 0, 10, 5.0 / 15.0]), "{stats}");
        assert_eq!(stats["sources"][0]["ended"], 5, "a hit is no lookup: {stats}");

        // Nothing is known to who wants it new.
        server.finished("?playbook=keyless&sources=half&max_age=0", "text/plain", list).await;
        let stats = after(&server, 15).await;
        assert_eq!(asked(&stats["sources"][0]), json!([5, 0, 10, 5.0 / 15.0]), "{stats}");

        // A source that made no lookup within the range is there with its hits.
        age(&server, "lookups").await;
        let stats = until(&server, "", |stats| stats["with_call"] == 0).await;
        assert_eq!(stats["sources"].as_array().unwrap().len(), 1, "{stats}");
        let half = &stats["sources"][0];
        assert_eq!(
            (&half["source"], &half["ended"], &half["outcomes"]),
            (&json!("half"), &json!(0), &json!([]))
        );
        assert_eq!(asked(half), json!([5, 0, 0, 1.0]), "{stats}");
        age(&server, "chunks").await;
        let stats = until(&server, "", |stats| stats["cache_hits"] == 0).await;
        assert_eq!(stats["sources"], json!([]), "{stats}");
        assert_eq!(asked(&stats), json!([0, 0, 0, null]), "{stats}");
        let week = until(&server, "?range=7d", |stats| stats["done"] == 15).await;
        assert_eq!(asked(&week), json!([5, 0, 15, 0.25]), "{week}");
    }
}

#[tokio::test]
async fn hits_in_bulk_of_derived_items_and_of_the_cache_alone_are_counted() {
    for ground in Ground::both().await {
        let names = Arc::new(Double::new("names", |indicator, _| match indicator.value() {
            "host7.example.com" => leads_to(Relation::ResolvesTo, Kind::Ipv4, &["192.0.2.1", "192.0.2.2"]),
            _ => ends(Outcome::NotFound),
        }));
        let server = serving(ground, &[names]).await;
        let pivot =
            r#"{"sources":"keyless","follow":[{"relation":"resolves_to"}],"max_depth":1,"max_derived":9}"#;
        server.define_playbook("pivot", pivot).await;
        // A chunk that is in no hurry, and what one of its items leads to.
        let list = hosts(101).join("\n");
        server.finished("?playbook=pivot", "text/plain", list.clone()).await;
        let stats = after(&server, 103).await;
        assert_eq!(asked(&stats), json!([0, 0, 103, 0.0]), "{stats}");
        server.finished("?playbook=pivot", "text/plain", list.clone()).await;
        let stats = after(&server, 206).await;
        assert_eq!(asked(&stats), json!([103, 0, 103, 0.5]), "{stats}");

        server
            .finished("?playbook=keyless&cache_only=true", "text/plain", format!("{list}\nnew.example.com"))
            .await;
        let stats = after(&server, 308).await;
        assert_eq!((&stats["cache_hits"], &stats["with_call"]), (&json!(204), &json!(103)), "{stats}");
    }
}

#[tokio::test]
async fn hits_of_a_chunk_that_was_claimed_twice_and_halved_are_counted_once() {
    for ground in Ground::both().await {
        let source = Arc::new(Double::new("source", |_, _| ends(Outcome::NotFound)));
        let server = serving(ground, &[source]).await;
        let list = hosts(9).join("\n");
        server.finished("?playbook=keyless", "text/plain", list.clone()).await;
        post(&server, &format!("{LANE}/pause")).await;
        let path = path_of(&server.submit("?playbook=keyless", "text/plain", list).await.json());
        let two_died = "UPDATE chunks SET state = 3, attempt = 2, lost = 1, leased_by = 'doomed', lease_until = 1 WHERE state IN (1, 2)";
        server.ground.rows.execute(two_died).await;
        units::sweep(&server.database, None).await.unwrap();
        assert_eq!(server.ground.rows.count("chunks").await, 3, "one and two halves");
        post(&server, &format!("{LANE}/resume")).await;
        server.until(&path, |submission| submission["state"] == "done").await;
        let stats = after(&server, 18).await;
        assert_eq!(asked(&stats), json!([9, 0, 9, 0.5]), "{stats}");
    }
}
