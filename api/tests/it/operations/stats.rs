//! Stats: what happened, counted from rows.

use std::sync::Arc;
use std::time::Duration;

use aggregator_entities::domain::{Outcome, Stance};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Ground, Server};
use crate::lookups::double::{Double, ends, says, serving};
use crate::submissions::client::{fields, hosts, path_of};

const STATS: &str = "/api/v1/stats";

/// The stats as soon as they say what is wanted: they are kept for a moment.
pub(crate) async fn until(server: &Server, query: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    loop {
        let stats = server.get(&format!("{STATS}{query}")).await.json();
        if wanted(&stats) {
            return stats;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn what_happened_is_counted_from_rows() {
    for ground in Ground::both().await {
        let doubles = [
            Arc::new(Double::new("half", |indicator, _| {
                if indicator.value().starts_with("host1") {
                    says(Stance::Malicious, 90)
                } else {
                    ends(Outcome::NotFound)
                }
            })),
            Arc::new(Double::new("shut", |_, _| ends(Outcome::Unauthorised))),
        ];
        let server = serving(ground, &doubles).await;
        let nothing = server.get(STATS).await.json();
        assert_eq!((&nothing["submissions"], &nothing["sources"]), (&json!(0), &json!([])), "{nothing}");

        server.finished("?playbook=keyless", "text/plain", hosts(5).join("\n")).await;
        let gone = server.finished("?playbook=keyless&max_age=0", "text/plain", "host1.example.com\n").await;
        for query in ["", "?range=24h", "?range=7d", "?range=30d"] {
            let stats = until(&server, query, |stats| stats["done"] == 6).await;
            assert_eq!(
                (&stats["submissions"], &stats["items"], &stats["cancelled"]),
                (&json!(2), &json!(6), &json!(0))
            );
            assert_eq!(
                stats["verdicts"],
                json!({"malicious": 2, "suspicious": 0, "benign": 0, "unknown": 4})
            );
            assert_eq!(stats["lookups_whole"], true, "{stats}");
            let sources = stats["sources"].as_array().unwrap();
            assert_eq!(fields(sources, "/source"), ["half", "shut"], "{stats}");
            let outcomes = json!([{"outcome": "found", "count": 2}, {"outcome": "not_found", "count": 4}]);
            assert_eq!((&sources[0]["ended"], &sources[0]["outcomes"]), (&json!(6), &outcomes), "{stats}");
            assert_eq!(
                (&sources[0]["without_call"], &sources[0]["without_call_share"]),
                (&json!(0), &json!(0.0))
            );
            let latency = &sources[0]["latency"];
            let classes = latency["classes"].as_array().unwrap();
            let counted: i64 = classes.iter().map(|class| class["count"].as_i64().unwrap()).sum();
            assert_eq!((&latency["measured"], counted, classes.len()), (&json!(6), 6, 10), "{stats}");
            assert_eq!(sources[1]["outcomes"], json!([{"outcome": "unauthorised", "count": 6}]), "{stats}");
            assert_eq!(sources[1]["without_call_share"], Value::Null, "nobody answered: {stats}");
        }
        server.send(server.request(Method::DELETE, &path_of(&gone))).await;
        until(&server, "", |stats| stats["submissions"] == 1).await;
        server.get(&format!("{STATS}?range=1h")).await.is_problem(400, "invalid_parameter");
    }
}

#[tokio::test]
async fn one_answer_for_two_is_one_without_a_call() {
    for ground in Ground::both().await {
        let slow = Arc::new(Double::new("slow", |_, _| says(Stance::Suspicious, 70)).closed());
        let server = serving(ground, &[Arc::clone(&slow)]).await;
        let mut paths = Vec::new();
        for _ in 0..2 {
            paths.push(path_of(
                &server.submit("?playbook=keyless", "text/plain", "twin.example.com\n").await.json(),
            ));
        }
        for path in &paths {
            server.until(&format!("{path}/items/0"), |item| item["item"]["state"] == "looking_up").await;
        }
        slow.gate.add_permits(1_000);
        let stats = until(&server, "", |stats| stats["done"] == 2).await;
        let source = &stats["sources"][0];
        assert_eq!((&source["ended"], &source["without_call"]), (&json!(2), &json!(1)), "{stats}");
        assert_eq!(source["without_call_share"], 0.5, "{stats}");
    }
}
