//! What opens the breaker of a source, and what does not.

use std::sync::Arc;

use aggregator_entities::domain::{Outcome, Stance};
use aggregator_sources::remote::Answer;
use serde_json::{Value, json};

use super::double::{Double, ends, says, serving};
use crate::harness::{Ground, Server};
use crate::submissions::client::hosts;

async fn source(server: &Server, slug: &str) -> Value {
    server.get(&format!("/api/v1/sources/{slug}")).await.json()
}

/// A maintenance page, told with 200, burnt a whole backlog into dead letters.
#[tokio::test]
async fn a_source_that_tells_nothing_but_nonsense_is_left_alone() {
    for ground in Ground::both().await {
        let closed = Arc::new(Double::new("closed", |_, _| ends(Outcome::Malformed)));
        let server = serving(ground, &[Arc::clone(&closed)]).await;
        server.submit("?playbook=keyless", "text/plain", hosts(200).join("\n")).await;
        server.until("/api/v1/sources/closed", |source| source["state"] == "broken").await;
        // Five are enough; what was under way, or in reserve at the worker, ends, and one at a time is tried thereafter.
        let calls = closed.calls().len();
        assert!(calls < 40, "{calls} calls of 200");
    }
}

#[tokio::test]
async fn one_strange_answer_among_many_breaks_nothing() {
    for ground in Ground::both().await {
        let odd = Arc::new(Double::new("odd", |indicator, _| {
            let is_odd = indicator.value().starts_with("host1");
            if is_odd { ends(Outcome::Malformed) } else { says(Stance::Malicious, 80) }
        }));
        let server = serving(ground, &[odd]).await;
        let done = server.finished("?playbook=keyless", "text/plain", hosts(10).join("\n")).await;
        assert_eq!((&done["verdicts"]["malicious"], &done["verdicts"]["unknown"]), (&json!(9), &json!(1)));
        assert_eq!(source(&server, "odd").await["state"], "ready");
    }
}

/// A list of names whose servers are lame says nothing against the resolver.
#[tokio::test]
async fn failures_that_lie_in_the_indicators_break_nothing() {
    for ground in Ground::both().await {
        let lame = Arc::new(Double::new("resolver", |_, _| Answer {
            is_service_well: true,
            ..ends(Outcome::Unavailable)
        }));
        let server = serving(ground, &[Arc::clone(&lame)]).await;
        let done = server.finished("?playbook=keyless", "text/plain", hosts(20).join("\n")).await;
        assert_eq!(done["verdicts"]["unknown"], 20, "{done}");
        assert_eq!(lame.calls().into_values().collect::<Vec<_>>(), vec![3; 20], "each is tried three times");
        assert_eq!(source(&server, "resolver").await["state"], "ready");
    }
}
