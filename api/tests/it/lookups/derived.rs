//! What answers lead to, when it meets what was sent, or what other answers lead to: each value is one item of a submission.

use std::collections::BTreeMap;
use std::sync::Arc;

use aggregator_entities::domain::{Kind, Outcome, Relation};
use reqwest::Method;
use serde_json::json;

use super::double::{Double, ends, leads_to, remote, serving};
use crate::harness::{Ground, Server};
use crate::submissions::client::{fields, hosts, path_of};

const PIVOT: &str = r#"{"sources":"keyless","follow":[{"relation":"resolves_to"}],"max_depth":1}"#;

/// Holds the second chunk of what was sent back until then.
fn late_chunk(until: i64) -> String {
    format!("UPDATE chunks SET not_before = {until} WHERE first_ordinal = 1000")
}

/// Every name leads to the same two addresses, of which nobody knows anything.
fn names() -> Arc<Double> {
    Arc::new(Double::new("names", |indicator, _| match indicator.kind() {
        Kind::Domain => leads_to(Relation::ResolvesTo, Kind::Ipv4, &["192.0.2.1", "192.0.2.2"]),
        _ => ends(Outcome::NotFound),
    }))
}

/// Chunks that lead to the same, screened in one commit or in two at once, keep each other from ending.
#[tokio::test]
async fn what_many_lead_to_is_one_item_and_holds_nobody_up() {
    for ground in Ground::both().await {
        let names = names();
        let server = serving(ground, &[Arc::clone(&names)]).await;
        server.define_playbook("pivot", PIVOT).await;
        let done = server.finished("?playbook=pivot", "text/plain", hosts(120).join("\n")).await;
        assert_eq!(
            (&done["total"], &done["derived"], &done["done"]),
            (&json!(122), &json!(2), &json!(122)),
            "{done}"
        );
        let items = server.all(&format!("{}/items", path_of(&done)), "items", 1_000).await;
        let mut derived = fields(&items, "/value")[120..].to_vec();
        derived.sort();
        assert_eq!(derived, ["192.0.2.1", "192.0.2.2"]);
        assert_eq!(server.ground.rows.count("chunks WHERE attempt > 1").await, 0, "a lease ran out");
        assert_eq!(names.calls().values().sum::<u32>(), 122);
    }
}

/// A chunk that was sent and comes late, because its worker was lost, meets what the others led to, and never ends.
#[tokio::test]
async fn what_was_sent_comes_before_what_leads_to_it() {
    for ground in Ground::both().await {
        let names = names();
        let server = Server::on(Arc::new(ground), &[], |state| state).await;
        server.define_playbook("pivot", PIVOT).await;
        let mut lines = hosts(1_000);
        lines.push("192.0.2.1".to_owned());
        let path = path_of(&server.submit("?playbook=pivot", "text/plain", lines.join("\n")).await.json());
        server.ground.rows.execute(&late_chunk(9_000_000_000_000_000)).await;
        server.work_with(remote(&[Arc::clone(&names)]));
        server.until_count("chunks WHERE depth = 1", |derived| derived > 0).await;
        // Another one passes through the same queue: what was derived had its turn.
        server.finished("", "text/plain", hosts(1_001).join("\n")).await;
        assert_eq!(server.ground.rows.count("chunks WHERE depth = 1 AND state <> 1").await, 0);
        server.ground.rows.execute(&late_chunk(0)).await;
        server.until(&path, |submission| submission["state"] == "done").await;
        let done = server.get(&path).await.json();
        assert_eq!(
            (&done["total"], &done["derived"], &done["done"]),
            (&json!(1_002), &json!(1), &json!(1_002)),
            "{done}"
        );
        let sent = server.get(&format!("{path}/items?value=192.0.2.1")).await.json();
        assert_eq!(
            (&sent["items"][0]["ordinal"], &sent["items"][0]["depth"]),
            (&json!(1_000), &json!(0)),
            "{sent}"
        );
        assert_eq!(names.calls()["192.0.2.1"], 1);
        assert_eq!(server.ground.rows.count("chunks WHERE attempt > 1").await, 0);
    }
}

/// What many answers lead to spends the budget once, long before it is an item: there is enough left for what one alone leads to.
#[tokio::test]
async fn what_waits_to_be_an_item_spends_the_budget_once() {
    for ground in Ground::both().await {
        let names = Arc::new(Double::new("names", |indicator, _| match indicator.kind() {
            Kind::Domain if indicator.value().starts_with("host1000.") => {
                leads_to(Relation::ResolvesTo, Kind::Ipv4, &["192.0.2.1", "192.0.2.99"])
            }
            Kind::Domain => leads_to(Relation::ResolvesTo, Kind::Ipv4, &["192.0.2.1"]),
            _ => ends(Outcome::NotFound),
        }));
        let server = Server::on(Arc::new(ground), &[], |state| state).await;
        server
            .define_playbook("tight", &PIVOT.replace(r#""max_depth":1"#, r#""max_depth":1,"max_derived":2"#))
            .await;
        let path =
            path_of(&server.submit("?playbook=tight", "text/plain", hosts(1_001).join("\n")).await.json());
        server.ground.rows.execute(&late_chunk(9_000_000_000_000_000)).await;
        server.work_with(remote(&[Arc::clone(&names)]));
        // All that is here has led to the same, in many commits, and none of it is screened.
        server.until_count("lookups WHERE state = 6", |done| done == 1_000).await;
        server.ground.rows.execute(&late_chunk(0)).await;
        server.until(&path, |submission| submission["state"] == "done").await;
        let done = server.get(&path).await.json();
        assert_eq!((&done["total"], &done["derived"]), (&json!(1_003), &json!(2)), "{done}");
        let items = server.all(&format!("{path}/items"), "items", 1_000).await;
        let mut derived = fields(&items, "/value")[1_001..].to_vec();
        derived.sort();
        assert_eq!(derived, ["192.0.2.1", "192.0.2.99"]);
    }
}

/// An item that was derived and turns out to be there already is in no count.
#[tokio::test]
async fn facets_leave_out_what_was_there_already() {
    for ground in Ground::both().await {
        let server = serving(ground, &[names()]).await;
        server.define_playbook("pivot", PIVOT).await;
        // Known, they have their verdicts as soon as they are screened.
        server.finished("?playbook=pivot", "text/plain", "192.0.2.1\n192.0.2.2").await;
        let lane = |verb: &str| server.request(Method::POST, &format!("/api/v1/queues/screen/{verb}"));
        assert_eq!(server.send(lane("pause")).await.status, 200);
        let mut lines = hosts(1_000);
        lines.push("192.0.2.1".to_owned());
        let path = path_of(&server.submit("?playbook=pivot", "text/plain", lines.join("\n")).await.json());
        server.ground.rows.execute(&late_chunk(9_000_000_000_000_000)).await;
        assert_eq!(server.send(lane("resume")).await.status, 200);
        server.until_count("chunks WHERE depth = 1", |derived| derived > 0).await;
        server.ground.rows.execute(&late_chunk(0)).await;
        server.until(&path, |submission| submission["state"] == "done").await;
        let facets = server.get(&format!("{path}/facets")).await.json();
        let counts: BTreeMap<String, i64> = facets["kinds"]
            .as_array()
            .unwrap()
            .iter()
            .map(|facet| (facet["kind"].as_str().unwrap().to_owned(), facet["count"].as_i64().unwrap()))
            .collect();
        assert_eq!(
            counts,
            BTreeMap::from([("domain".to_owned(), 1_000), ("ipv4".to_owned(), 2)]),
            "{facets}"
        );
    }
}
