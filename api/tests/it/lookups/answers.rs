//! What of a strange answer is kept.

use std::sync::Arc;

use aggregator_entities::domain::Outcome;
use aggregator_sources::remote::Answer;
use serde_json::json;

use super::double::{Double, ends, serving};
use super::flow::LETTERS;
use crate::harness::Ground;
use crate::submissions::client::path_of;

/// Half an escape made the facts no JSON, and all of them were shown as one text.
#[tokio::test]
async fn a_nul_is_replaced_and_a_backslash_before_its_digits_is_kept() {
    for ground in Ground::both().await {
        let facts = json!({"nul": "a\0b", "path": r"C:\u0000", "deep": r"\\u0000", "end": r"\"});
        let told = facts.clone();
        let hostile = Arc::new(Double::new("hostile", move |_, _| Answer {
            data: told.clone(),
            ..ends(Outcome::Found)
        }));
        let server = serving(ground, &[hostile]).await;
        let done = server.finished("?playbook=keyless", "text/plain", "example.com\n").await;
        let item = server.get(&format!("{}/items/0", path_of(&done))).await.json();
        let mut expected = facts;
        expected["nul"] = json!("a\u{fffd}b");
        assert_eq!(item["findings"][0]["data"], expected, "{item}");
    }
}

/// What a source says is of any length; the sentence that is kept, and stands with every item it explains, is not.
#[tokio::test]
async fn a_sentence_without_end_is_cut() {
    for ground in Ground::both().await {
        let talker = Arc::new(Double::new("talker", |indicator, _| {
            let outcome =
                if indicator.value().starts_with("bad") { Outcome::Malformed } else { Outcome::Found };
            Answer { summary: "ä\0".repeat(1_000_000), ..ends(outcome) }
        }));
        let server = serving(ground, &[talker]).await;
        let path = path_of(
            &server.finished("?playbook=keyless", "text/plain", "bad.example.com\ngood.example.com").await,
        );
        for ordinal in [0, 1] {
            let item = server.get(&format!("{path}/items/{ordinal}")).await;
            assert!(item.body.len() < 20_000, "{} bytes", item.body.len());
        }
        let letters = server.get(LETTERS).await.json();
        let reason = letters["dead_letters"][0]["reason"].as_str().unwrap();
        assert!(
            reason.starts_with('ä') && reason.ends_with('…') && reason.chars().count() <= 1_001,
            "{reason}"
        );
    }
}
