//! Queues and sources: the figures are those of the rows.

use std::sync::Arc;
use std::time::Duration;

use aggregator_entities::domain::Outcome;
use aggregator_sources::remote::{Answer, Limit};
use serde_json::{Value, json};

use crate::harness::{Ground, Server};
use crate::lookups::double::{Double, ends, serving};
use crate::submissions::client::{fields, hosts, path_of};

const QUEUES: &str = "/api/v1/queues";
const SOURCES: &str = "/api/v1/queues/sources";

/// One of a list, by its name; `null` where it is not there.
async fn one(server: &Server, path: &str, (list, key): (&str, &str), name: &str) -> Value {
    let found = server.get(path).await.json();
    let entry = found[list].as_array().unwrap().iter().find(|entry| entry[key] == name);
    entry.cloned().unwrap_or_default()
}

async fn queue(server: &Server, name: &str) -> Value {
    one(server, QUEUES, ("queues", "name"), name).await
}

async fn source(server: &Server, slug: &str) -> Value {
    one(server, SOURCES, ("sources", "source"), slug).await
}

async fn until_source(server: &Server, slug: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    loop {
        let found = source(server, slug).await;
        if wanted(&found) {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn nothing_is_there_at_first() {
    for ground in Ground::both().await {
        let server = Server::on(Arc::new(ground), &[], |state| state).await;
        let queues = server.get(QUEUES).await.json();
        assert_eq!(
            fields(queues["queues"].as_array().unwrap(), "/name"),
            ["screen:interactive", "screen", "lookup:interactive", "lookup", "task"]
        );
        for queue in queues["queues"].as_array().unwrap() {
            let units =
                json!({"queued": 0, "offered": 0, "running": 0, "parked": 0, "waiting": 0, "dead": 0});
            assert_eq!(queue["depth"]["units"], units, "{queue}");
            assert_eq!(queue["depth"]["oldest_age_seconds"], Value::Null, "{queue}");
            assert_eq!(queue["window"], json!({"waiting": 0, "in_flight": 0, "slots": 0, "workers": 0}));
        }
        assert_eq!(server.get(SOURCES).await.json()["sources"], json!([]));
        server.get(&format!("{QUEUES}?deep=true")).await.is_problem(400, "invalid_parameter");
    }
}

#[tokio::test]
async fn what_waits_is_counted_until_it_is_done() {
    for ground in Ground::both().await {
        let slow = Arc::new(Double::new("slow", |_, _| ends(Outcome::NotFound)).closed());
        let server = Server::on(Arc::new(ground), &[], |state| state).await;
        let first = server.submit("?playbook=keyless", "text/plain", hosts(120).join("\n")).await.json();
        server.submit("?playbook=keyless", "text/plain", "host1.example.com\n").await;
        let waits = queue(&server, "screen").await;
        assert_eq!(
            (&waits["depth"]["units"]["queued"], &waits["depth"]["in_flight"]),
            (&json!(1), &json!(0))
        );
        assert!(waits["depth"]["oldest_age_seconds"].as_i64().is_some_and(|age| age < 60), "{waits}");
        assert_eq!(queue(&server, "screen:interactive").await["depth"]["units"]["queued"], 1);

        server.work_with(crate::lookups::double::remote(&[Arc::clone(&slow)]));
        // Seven of eight slots are for bulk; the one that another submission asks for, too, is asked for both.
        let full = |found: &Value| {
            let units = &found["depth"]["units"];
            units["running"].as_i64().is_some_and(|running| running >= 7) && units["waiting"] == 1
        };
        let of_source = until_source(&server, "slow", full).await;
        let units = &of_source["depth"]["units"];
        let sum: i64 = ["queued", "offered", "running", "waiting"]
            .map(|state| units[state].as_i64().unwrap())
            .iter()
            .sum();
        assert_eq!(sum, 121, "{of_source}");
        assert_eq!((&of_source["concurrency"], &of_source["hold"]), (&json!(8), &Value::Null), "{of_source}");
        assert!(of_source["depth"]["oldest_age_seconds"].is_number(), "{of_source}");
        let (bulk, waited_for) = (queue(&server, "lookup").await, queue(&server, "lookup:interactive").await);
        for state in ["queued", "offered", "running", "waiting"] {
            let of = |queue: &Value| queue["depth"]["units"][state].as_i64().unwrap();
            assert_eq!(
                of(&bulk) + of(&waited_for),
                units[state].as_i64().unwrap(),
                "{state}: {bulk} {waited_for}"
            );
        }
        assert_eq!(bulk["window"]["workers"], 1, "{bulk}");

        slow.gate.add_permits(1_000);
        server.until(&path_of(&first), |submission| submission["state"] == "done").await;
        let done = until_source(&server, "slow", |found| found["depth"]["done_per_minute"] == 121).await;
        assert_eq!((&done["depth"]["in_flight"], &done["depth"]["units"]["queued"]), (&json!(0), &json!(0)));
        assert_eq!(queue(&server, "screen").await["depth"]["done_per_minute"], 1);
    }
}

#[tokio::test]
async fn what_holds_a_source_back_is_said() {
    const LIMITS: &[Limit] = &[Limit { calls: 1, window: Duration::from_hours(1) }];
    for ground in Ground::both().await {
        let doubles = [
            Arc::new(Double::new("asks-for-rest", |_, _| Answer {
                retry_after: Some(Duration::from_mins(30)),
                ..ends(Outcome::RateLimited)
            })),
            Arc::new(Double::new("broken", |_, _| ends(Outcome::Unauthorised))),
            Arc::new(Double::new("limited", |_, _| ends(Outcome::NotFound)).limited(LIMITS)),
        ];
        let server = serving(ground, &doubles).await;
        server.submit("?playbook=keyless", "text/plain", hosts(9).join("\n")).await;

        let blocked = until_source(&server, "asks-for-rest", |found| {
            found["depth"]["units"]["parked"].as_i64() > Some(0)
        })
        .await;
        assert_eq!(blocked["hold"]["reason"], "blocked", "{blocked}");
        assert!(
            blocked["hold"]["until"].is_string() && blocked["depth"]["next_due_at"].is_string(),
            "{blocked}"
        );
        let broken = until_source(&server, "broken", |found| found["hold"]["reason"] == "broken").await;
        assert!(broken["failures"].as_i64().unwrap() >= 5 && broken["hold"]["until"].is_string(), "{broken}");
        assert!(broken["depth"]["units"]["dead"].as_i64().unwrap() >= 5, "{broken}");
        let limited = until_source(&server, "limited", |found| found["depth"]["done_per_minute"] == 1).await;
        assert_eq!(
            (&limited["hold"]["reason"], &limited["depth"]["units"]["queued"]),
            (&json!("limited"), &json!(8))
        );
        assert_eq!(
            (
                &limited["limits"][0]["window_seconds"],
                &limited["limits"][0]["calls"],
                &limited["limits"][0]["allowed"]
            ),
            (&json!(3_600), &json!(1), &json!(0)),
            "{limited}"
        );
    }
}
