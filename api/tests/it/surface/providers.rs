//! Providers through the API, and what becomes of their sources.

use std::sync::Arc;

use aggregator_entities::domain::Outcome;
use serde_json::json;

use crate::harness::Ground;
use crate::lookups::double::{Double, ends, serving};
use crate::submissions::client::{hosts, path_of};
use crate::submissions::fields;

const PROVIDERS: &str = "/api/v1/providers";
const TESTS: &str = "/api/v1/providers/tests";
const KEEP: [&str; 2] = ["name", "enabled"];

#[tokio::test]
async fn a_disabled_provider_gets_no_lookups() {
    for ground in Ground::both().await {
        let double = Arc::new(Double::new("one", |_, _| ends(Outcome::NotFound)));
        let server = serving(ground, &[Arc::clone(&double)]).await;
        server.finished("?playbook=keyless", "text/plain", "first.example.com\n").await;
        server.list_feed("bad", ("intel", "malicious", 90), "evil.example.com\n").await;
        let off = server.alter(TESTS, &KEEP, json!({"enabled": false})).await;
        assert_eq!((&off["enabled"], &off["sources"]), (&json!(false), &json!(2)), "{off}");
        let source = server.get("/api/v1/sources/one").await.json();
        assert_eq!(
            (&source["state"], &source["enabled"], &source["provider_enabled"]),
            (&json!("disabled"), &json!(true), &json!(false))
        );
        let done =
            server.finished("?playbook=everything", "text/plain", "a.example.com\nevil.example.com\n").await;
        assert_eq!((double.calls().len(), &done["verdicts"]["unknown"]), (1, &json!(2)), "{done}");
        assert_eq!(server.ground.rows.count("lookups").await, 1);
        server.alter(TESTS, &KEEP, json!({"enabled": true})).await;
        let done =
            server.finished("?playbook=everything", "text/plain", "a.example.com\nevil.example.com\n").await;
        assert_eq!((double.calls().len(), &done["verdicts"]["unknown"]), (3, &json!(1)), "{done}");

        // What was planned before is not asked, and ends: nobody waits for ever.
        double.gate.forget_permits(usize::MAX >> 3);
        let lines = hosts(40).join("\n");
        let path = path_of(&server.submit("?playbook=keyless", "text/plain", lines).await.json());
        server.until("/api/v1/sources/one", |source| source["open_lookups"] == 40).await;
        while double.calls().len() < 4 {
            tokio::task::yield_now().await;
        }
        server.alter(TESTS, &KEEP, json!({"enabled": false})).await;
        double.gate.add_permits(1_000);
        // Those that a worker had in hand already end; no other is taken.
        let other = server.finished("?playbook=keyless", "text/plain", "other.example.com\n").await;
        assert_eq!(other["done"], 1);
        assert!(double.calls().len() < 40, "{}", double.calls().len());
        assert!(!double.calls().contains_key("other.example.com"));
        server.until(&path, |submission| submission["state"] == "done").await;
        let asked = double.calls().len();
        let refused = server.all(&format!("{path}/items"), "items", 100).await;
        let refused = refused.iter().filter(|item| {
            item["verdict"].to_string().contains("did not answer (refused): the source was switched off")
        });
        assert_eq!(refused.count(), 43 - asked);
        server.alter(TESTS, &KEEP, json!({"enabled": true})).await;
    }
}

#[tokio::test]
async fn providers_are_listed_shown_and_changed() {
    for ground in Ground::both().await {
        let double = Arc::new(Double::new("one", |_, _| ends(Outcome::NotFound)));
        let server = serving(ground, &[double]).await;
        server.finished("?playbook=keyless", "text/plain", "first.example.com\n").await;
        let definition = "slug = 'x'\nname = 'X'\nprovider = 'Critical Path Security'\nlocation = '/x'\n\
                          licence = 'none'\nrole = 'intel'\nrefresh_seconds = 3600\nmin_rows = 1\n\
                          [format]\ntype = 'plain'\n";
        server.define_feed(definition).await;
        let spaced = server.get(&format!("{PROVIDERS}/Critical%20Path%20Security")).await;
        assert_eq!(spaced.json()["slug"], "Critical Path Security");
        server.is_fenced(TESTS, &json!({"name": "Ours", "enabled": true})).await;
        server.is_listed(PROVIDERS, "providers").await;
        server.alter(TESTS, &KEEP, json!({"enabled": false})).await;
        let off = server.all(&format!("{PROVIDERS}?enabled=false"), "providers", 1).await;
        assert_eq!(fields(&off, "/name"), ["Ours"]);
        for wrong in [json!({"name": "x"}), json!({"enabled": true}), json!({"name": 1, "enabled": true})] {
            server.put_json(TESTS, "*", &wrong).await.is_problem(400, "invalid_body");
        }
    }
}
