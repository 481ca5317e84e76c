//! What of a strange answer is kept.

use std::sync::Arc;

use aggregator_entities::domain::Outcome;
use aggregator_sources::remote::Answer;
use serde_json::json;

use super::double::{Double, ends, serving};
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
