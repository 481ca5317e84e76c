//! Two writers that meet on the same lookups: what one commits between two looks of the other.

use std::sync::Arc;

use aggregator_entities::domain::Outcome;
use aggregator_entities::repositories::units;
use reqwest::Method;
use serde_json::json;

use super::double::{Double, ends, serving};
use super::flow::LETTERS;
use crate::harness::{Ground, Server};
use crate::submissions::client::path_of;

/// One dead letter, and the path of its submission.
async fn dead(ground: Ground) -> (Server, String) {
    let broken = Arc::new(Double::new("broken", |_, _| ends(Outcome::Malformed)));
    let server = serving(ground, &[broken]).await;
    let path = path_of(&server.finished("?playbook=keyless", "text/plain", "example.com").await);
    assert_eq!(server.ground.rows.count("lookups WHERE state = 7").await, 1);
    (server, path)
}

/// Its leader ended between the two statements that made it, and nobody settles it: it leads.
#[tokio::test]
async fn a_lookup_that_waits_on_nobody_is_found() {
    for ground in Ground::both().await {
        let double = Arc::new(Double::new("slow", |_, _| ends(Outcome::NotFound)).closed());
        let server = serving(ground, &[Arc::clone(&double)]).await;
        let ask =
            async || path_of(&server.submit("?playbook=keyless", "text/plain", "example.com").await.json());
        let leader = ask().await;
        server.until_count("lookups WHERE state = 3", |running| running == 1).await;
        let waiter = ask().await;
        server.until_count("lookups WHERE state = 5", |waiting| waiting == 1).await;
        server.ground.rows.execute("UPDATE lookups SET waiting_on = NULL WHERE state = 5").await;
        double.gate.add_permits(1);
        server.until(&leader, |submission| submission["state"] == "done").await;
        units::sweep(&server.database, None).await.unwrap();
        server.until(&waiter, |submission| submission["state"] == "done").await;
        assert_eq!(double.calls()["example.com"], 1, "it finds the answer that is there");
    }
}

/// A letter that is replayed while others are discarded is no letter any more.
#[tokio::test]
async fn a_discard_leaves_what_is_replayed_meanwhile() {
    let (server, _) = dead(Ground::production().await).await;
    let replayed = "UPDATE lookups SET state = 4, not_before = 9000000000000000 WHERE state = 7";
    let held = server.ground.rows.hold(replayed).await;
    let discard = server.send(server.request(Method::POST, &format!("{LETTERS}/discard")));
    let (discarded, ()) = tokio::join!(discard, held.commit_once_awaited());
    assert_eq!((discarded.status, &discarded.json()["moved"]), (200, &json!(0)), "{discarded:?}");
    assert_eq!(server.ground.rows.count("lookups WHERE state = 4").await, 1);
}

/// A submission that is cancelled while its letters are replayed stays cancelled.
#[tokio::test]
async fn a_replay_leaves_what_is_cancelled_meanwhile() {
    let (server, path) = dead(Ground::production().await).await;
    let held = server.ground.rows.hold("UPDATE submissions SET state = 4").await;
    let replay = server.send(server.request(Method::POST, &format!("{LETTERS}/replay")));
    let (replayed, ()) = tokio::join!(replay, held.commit_once_awaited());
    assert_eq!((replayed.status, &replayed.json()["moved"]), (200, &json!(0)), "{replayed:?}");
    assert_eq!(server.get(&path).await.json()["state"], "cancelled");
    assert_eq!(server.ground.rows.count("lookups WHERE state = 7").await, 1);
}
