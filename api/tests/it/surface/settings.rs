//! Settings that are changed on a running system: shown, changed, reset, and read although a row was damaged.

mod effects;

use std::sync::Arc;

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Ground, Server};
use crate::submissions::fields;

const SETTINGS: &str = "/api/v1/settings";

/// Each has a test of its effect: in `effects`, and of the last one in `cli/tests/it/settings.rs`.
const KEYS: [&str; 11] = [
    "egress.deny_hosts",
    "feeds.max_download_bytes",
    "feeds.refresh",
    "intake.max_backlog_items",
    "intake.max_body_bytes",
    "intake.max_indicators",
    "intake.max_open_submissions",
    "intake.min_free_disk_bytes",
    "intake.seal_seconds",
    "sources.patience_seconds",
    "telemetry.filter",
];

fn path(key: &str) -> String {
    format!("{SETTINGS}/{key}")
}

async fn serving(ground: Ground) -> Server {
    Server::on(Arc::new(ground), &[], |state| state).await
}

impl Server {
    /// Gives a setting a value, whatever it is now.
    async fn set(&self, key: &str, value: Value) -> Value {
        let changed = self.put_json(&path(key), "*", &json!({ "value": value })).await;
        assert_eq!(changed.status, 200, "{changed:?}");
        let shown = changed.json();
        assert_eq!((&shown["value"], &shown["from"]), (&value, &json!("database")), "{shown}");
        shown
    }

    /// Takes a setting's value away.
    async fn reset(&self, key: &str) {
        assert_eq!(self.delete(&path(key), Some("*")).await.status, 204);
    }

    async fn settings(&self) -> Vec<Value> {
        self.get(SETTINGS).await.json()["settings"].as_array().unwrap().clone()
    }
}

#[tokio::test]
async fn settings_are_listed_shown_changed_and_reset() {
    for ground in Ground::both().await {
        let server = serving(ground).await;
        let listed = server.settings().await;
        assert_eq!(fields(&listed, "/key"), KEYS);
        for setting in &listed {
            let key = setting["key"].as_str().unwrap();
            assert_eq!(server.get(&path(key)).await.json(), *setting);
            assert!(!setting["description"].as_str().unwrap().is_empty(), "{setting}");
            assert_eq!((&setting["version"], &setting["updated_at"]), (&json!(0), &Value::Null), "{setting}");
            assert_eq!(setting["fault"], Value::Null, "{setting}");
            let is_default = key != "feeds.refresh";
            assert_eq!(setting["from"], if is_default { "default" } else { "environment" }, "{setting}");
            assert_eq!(setting["value"] == setting["default"], is_default, "{setting}");
        }
        let most = server.get(&path("intake.max_indicators")).await.json();
        assert_eq!(
            (&most["type"], &most["minimum"], &most["maximum"], &most["value"]),
            (&json!("integer"), &json!(1), &json!(1_000_000), &json!(1_000_000))
        );

        server.is_fenced(&path("intake.max_indicators"), &json!({"value": 7})).await;
        let changed = server.get(&path("intake.max_indicators")).await.json();
        assert_eq!((&changed["value"], &changed["default"]), (&json!(7), &json!(1_000_000)), "{changed}");
        assert_eq!((&changed["from"], &changed["version"]), (&json!("database"), &json!(2)), "{changed}");
        assert!(changed["updated_at"].is_string(), "{changed}");
        let hosts =
            server.put_json(&path("egress.deny_hosts"), "*", &json!({"value": ["Evil.Example"]})).await;
        assert_eq!(hosts.json()["value"], json!(["evil.example"]));

        let etag = server.etag(&path("intake.max_indicators")).await;
        let delete = async |etag: Option<&str>| server.delete(&path("intake.max_indicators"), etag).await;
        delete(None).await.is_problem(428, "precondition_required");
        delete(Some("\"0.1\"")).await.is_problem(412, "precondition_failed");
        assert_eq!(server.etag(&path("intake.max_indicators")).await, etag);
        assert_eq!(delete(Some(&etag)).await.status, 204);
        let back = server.get(&path("intake.max_indicators")).await.json();
        assert_eq!((&back["value"], &back["from"]), (&json!(1_000_000), &json!("default")), "{back}");
        // An ETag is not given twice, and a reset of what is reset is none the worse.
        assert_eq!(back["version"], 3);
        delete(Some(&etag)).await.is_problem(412, "precondition_failed");
        assert_eq!(delete(Some("*")).await.status, 204);
        let never = path("intake.seal_seconds");
        assert_eq!(server.delete(&never, Some("\"0.0\"")).await.status, 204);
        assert_eq!(server.etag(&never).await, "\"0.0\"");
        let put = server.put_json(&never, "\"0.0\"", &json!({"value": 5})).await;
        assert_eq!((put.status, put.header("etag")), (200, "\"0.1\""), "{put:?}");
    }
}

#[tokio::test]
async fn what_a_setting_does_not_take_is_refused_and_changes_nothing() {
    for ground in Ground::both().await {
        let server = serving(ground).await;
        let before = server.settings().await;
        for (key, value, says) in [
            ("intake.max_indicators", json!(0), "a whole number from 1 to 1000000"),
            ("intake.max_indicators", json!(1_000_001), "a whole number from 1 to 1000000"),
            ("intake.max_indicators", json!("7"), "a whole number"),
            ("intake.max_indicators", json!(7.5), "a whole number"),
            ("intake.max_indicators", json!(-1), "a whole number"),
            ("intake.max_indicators", json!(null), "a whole number"),
            ("intake.max_indicators", json!([7]), "a whole number"),
            ("feeds.refresh", json!("true"), "true or false"),
            ("feeds.refresh", json!(1), "true or false"),
            ("egress.deny_hosts", json!("evil.example"), "a list"),
            ("egress.deny_hosts", json!(["https://evil.example/"]), "host names"),
            ("egress.deny_hosts", json!(vec!["evil.example"; 1_001]), "at most 1,000"),
            ("telemetry.filter", json!("loud"), "error, warn, info"),
            ("telemetry.filter", json!(""), "error, warn, info"),
            ("telemetry.filter", json!(["info"]), "error, warn, info"),
        ] {
            let answer = server.put_json(&path(key), "*", &json!({ "value": value })).await;
            let detail = answer.is_problem(400, "invalid_body");
            assert!(detail.contains(says), "{key} = {value}: {detail}");
        }
        for wrong in [json!({}), json!({"value": 7, "key": "x"}), json!(7)] {
            let answer = server.put_json(&path("intake.max_indicators"), "*", &wrong).await;
            answer.is_problem(400, "invalid_body");
        }
        // Of what takes a restart it is said; what is no setting is not there.
        for key in ["http.listen", "database.url", "worker.lease_seconds", "egress.proxy"] {
            server.get(&path(key)).await.is_problem(404, "not_found");
            let answer = server.put_json(&path(key), "*", &json!({"value": "x"})).await;
            assert!(answer.is_problem(409, "restart_needed").contains(key));
            server.delete(&path(key), Some("*")).await.is_problem(409, "restart_needed");
        }
        for key in ["intake", "intake.max", "Intake.max_indicators", "%00", "a%2Fb", &"x".repeat(5_000)] {
            server.get(&path(key)).await.is_problem(404, "not_found");
            server.put_json(&path(key), "*", &json!({"value": 1})).await.is_problem(404, "not_found");
            server.delete(&path(key), Some("*")).await.is_problem(404, "not_found");
        }
        server.get(&format!("{SETTINGS}?limit=1")).await.is_problem(400, "invalid_parameter");
        server
            .change(Method::PATCH, &path("feeds.refresh"), Some("*"), &json!({"value": true}))
            .await
            .is_problem(405, "method_not_allowed");
        assert_eq!(server.settings().await, before);
        assert_eq!(server.ground.rows.count("settings").await, 0);
    }
}

/// A bad settings value breaks reading the settings.
#[tokio::test]
async fn bad_config_value() {
    for ground in Ground::both().await {
        let ground = Arc::new(ground);
        let server = Server::on(Arc::clone(&ground), &[], |state| state).await;
        server.set("intake.max_body_bytes", json!(4_096)).await;
        server.set("sources.patience_seconds", json!(60)).await;
        let damaged = [
            ("intake.max_indicators", "'lots'"),
            ("intake.max_open_submissions", "'0'"),
            ("intake.seal_seconds", "'1e400'"),
            ("intake.max_backlog_items", "''"),
            ("feeds.refresh", "'\"yes\"'"),
            ("egress.deny_hosts", "'[[[{'"),
            ("telemetry.filter", "'\"loud\"'"),
            ("http.listen", "'\"0.0.0.0:80\"'"),
            ("no.such", "'1'"),
        ];
        for (key, value) in damaged {
            let row = format!("INSERT INTO settings (key, value, updated_at) VALUES ('{key}', {value}, 1)");
            ground.rows.execute(&row).await;
        }
        if !ground.rows.is_postgres() {
            // A hand can do more there.
            ground
                .rows
                .execute("UPDATE settings SET value = X'ff00' WHERE key = 'sources.patience_seconds'")
                .await;
        }
        // Whether it finds them so at its start or later.
        let later = Server::on(Arc::clone(&ground), &[], |state| state).await;
        for server in [&server, &later] {
            let listed = server.settings().await;
            assert_eq!(fields(&listed, "/key"), KEYS);
            for setting in &listed {
                let key = setting["key"].as_str().unwrap();
                let is_damaged = damaged.iter().any(|(of, _)| *of == key)
                    || key == "sources.patience_seconds" && !ground.rows.is_postgres();
                assert_eq!(setting["fault"].is_string(), is_damaged, "{setting}");
                if is_damaged {
                    let fallback =
                        if key == "feeds.refresh" { json!(false) } else { setting["default"].clone() };
                    assert_eq!(setting["value"], fallback, "{setting}");
                    assert_ne!(setting["from"], "database", "{setting}");
                }
            }
            let body = server.get(&path("intake.max_body_bytes")).await.json();
            assert_eq!((&body["value"], &body["from"]), (&json!(4_096), &json!("database")), "{body}");
            assert_eq!(server.submit("", "text/plain", "192.0.2.1\n").await.status, 202);
        }
        let shown = server.get(&path("intake.max_open_submissions")).await.json();
        let fault = shown["fault"].as_str().unwrap();
        assert!(fault.contains("`0`") && fault.contains("from 1 to 100000"), "{fault}");
        // Each is mended as it would be changed.
        for (key, _) in &damaged[..7] {
            let etag = server.etag(&path(key)).await;
            assert_eq!(server.delete(&path(key), Some(&etag)).await.status, 204, "{key}");
        }
        server.set("sources.patience_seconds", json!(61)).await;
        assert!(server.settings().await.iter().all(|setting| setting["fault"].is_null()));
    }
}
