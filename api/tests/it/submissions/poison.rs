//! A unit that takes its workers with it: isolated, given up, and nothing beside it (architecture.md rule 11).

use std::sync::Arc;

use aggregator_entities::payload;
use aggregator_entities::repositories::units::{self, Lane, Offer, Swept};
use aggregator_entities::repositories::workers::{self, WorkerBeat};
use aggregator_entities::tables::chunk::ClaimedChunk;
use serde_json::Value;

use super::client::{fields, hosts, path_of};
use crate::harness::{Ground, Server};

const POISON: &str = "host5.example.com";

/// A lease that has run out when it begins.
const OVER: i64 = -1;

/// Every chunk that is due, offered and claimed one by one the way a worker does.
async fn claim_all(server: &Server, lease: i64) -> Vec<ClaimedChunk> {
    let mut claimed = Vec::new();
    for lane in [Lane::Screen { interactive: true }, Lane::Screen { interactive: false }] {
        let offer = units::offer(&server.database, lane, 1_000, 60_000_000).await.unwrap();
        let Offer::Offered(ids) = offer else { panic!("no other feeder: {offer:?}") };
        for id in ids {
            let together = units::claim_chunks(&server.database, &[id], "doomed", lease).await.unwrap();
            let alone = units::claim_suspect(&server.database, id, "doomed", lease).await.unwrap();
            assert!(together.is_empty() || alone.is_none());
            claimed.extend(together.into_iter().chain(alone));
        }
    }
    claimed
}

fn holds_poison(chunk: &ClaimedChunk) -> bool {
    payload::decode(&chunk.payload).unwrap().iter().any(|item| item.indicator.value() == POISON)
}

/// A worker takes everything that is due and dies of the poison; what else it had was not begun.
async fn die(server: &Server) -> Swept {
    for chunk in claim_all(server, OVER).await {
        if !holds_poison(&chunk) {
            units::release_chunks(&server.database, &[(chunk.id, chunk.attempt)], 0).await.unwrap();
        }
    }
    units::sweep(&server.database, None).await.unwrap()
}

#[tokio::test]
async fn poison_costs_exactly_the_item_that_kills() {
    for ground in Ground::both().await {
        let server = Server::on(Arc::new(ground), &[], |state| state).await;
        let submission = server.submit("", "text/plain", hosts(9).join("\n")).await.json();
        let path = path_of(&submission);

        let mut workers_lost = 0;
        while die(&server).await.dead == 0 {
            workers_lost += 1;
            assert!(workers_lost < 20, "the poison is never found");
        }
        // Two together, then alone: 9 items, 4 or 5, 2 or 3, 1 or 2, 1.
        assert!(workers_lost <= 6, "{workers_lost}");
        let running = server.get(&path).await.json();
        assert_eq!((&running["state"], &running["done"]), (&"running".into(), &1.into()), "{running}");

        server.work();
        server.until(&path, |submission| submission["state"] == "done").await;
        let done = server.get(&path).await.json();
        assert_eq!(
            (&done["total"], &done["done"], &done["verdicts"]["unknown"]),
            (&9.into(), &9.into(), &9.into()),
            "{done}"
        );
        let items = server.all(&format!("{path}/items"), "items", 2).await;
        assert_eq!(fields(&items, "/value"), hosts(9));
        for item in &items {
            assert_eq!(item["state"], "done", "{item}");
            let reasons = item["verdict"]["reasons"].as_array().unwrap();
            if item["value"] == POISON {
                assert_eq!(reasons[0]["text"], "Not screened: its worker was lost three times", "{item}");
                assert!(item["seq"].is_number(), "{item}");
            } else {
                assert_eq!(reasons.len(), 0, "{item}");
            }
        }
        for filter in ["verdict=unknown", "state=done", "verdict=unknown&state=done&kind=domain"] {
            let filtered = server.all(&format!("{path}/items?{filter}"), "items", 3).await;
            assert_eq!(filtered.len(), 9, "{filter}");
        }
        for filter in ["verdict=malicious", "state=queued", "verdict=unknown&state=cancelled"] {
            assert_eq!(server.all(&format!("{path}/items?{filter}"), "items", 3).await, [] as [Value; 0]);
        }
        let facets = server.get(&format!("{path}/facets")).await.json();
        assert!(facets.to_string().contains("\"unknown\":9"), "{facets}");
    }
}

#[tokio::test]
async fn poison_is_not_blamed_on_what_its_worker_had_beside_it() {
    for ground in Ground::both().await {
        let server = Server::on(Arc::new(ground), &[], |state| state).await;
        let path = path_of(&server.submit("", "text/plain", hosts(9).join("\n")).await.json());
        let beat = WorkerBeat {
            name: "doomed".to_owned(),
            version: "1".to_owned(),
            slots: 1,
            running: 1,
            finished: 0,
            stale_refused: 0,
            alone: true,
        };
        workers::beat(&server.database, &beat).await.unwrap();
        // A hundred losses beside a suspect are none.
        for _ in 0..100 {
            assert_eq!(claim_all(&server, OVER).await.len(), 1);
            assert_eq!(units::sweep(&server.database, None).await.unwrap().dead, 0);
        }
        assert_eq!(server.ground.rows.count("chunks").await, 1, "halved without a reason");
        server.work();
        server.until(&path, |submission| submission["done"] == 9).await;
    }
}

#[tokio::test]
async fn poison_of_a_cancelled_submission_is_cancelled() {
    for ground in Ground::both().await {
        let server = Server::on(Arc::new(ground), &[], |state| state).await;
        let path = path_of(&server.submit("", "text/plain", hosts(9).join("\n")).await.json());
        for _ in 0..3 {
            die(&server).await;
        }
        let held = claim_all(&server, 60_000_000).await;
        assert!(held.len() > 1, "{held:?}");
        let cancel = server.request(reqwest::Method::POST, &format!("{path}/cancel"));
        let cancelled = server.send(cancel).await.json();
        assert_eq!((&cancelled["cancelled"], &cancelled["state"]), (&9.into(), &"cancelled".into()));
        units::bury_chunk(&server.database, &held[0], "too late").await.unwrap();
        assert_eq!(server.get(&path).await.json(), cancelled);
        let items = server.all(&format!("{path}/items?state=cancelled"), "items", 4).await;
        assert_eq!(fields(&items, "/value"), hosts(9));
    }
}
