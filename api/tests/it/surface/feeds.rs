//! Feeds through the API: shown, changed, refreshed.

mod made;

use std::sync::Arc;

use aggregator_entities::clock;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Ground, Server};
use crate::submissions::fields;

const FEEDS: &str = "/api/v1/feeds";
const REMOTE: &str = "/api/v1/feeds/remote";

/// A feed whose publisher is a port of this machine nobody listens on.
const DEFINITION: &str = "slug = 'remote'\nname = 'Remote'\nprovider = 'elsewhere'\n\
    location = 'http://127.0.0.1:9/list.txt'\nlicence = 'CC0'\nrole = 'intel'\nrefresh_seconds = 3600\nmin_rows = 1\n\
    [format]\ntype = 'plain'\n[opinion]\nstance = 'malicious'\nconfidence = 80\n";

async fn refresh(server: &Server, path: &str) -> crate::harness::Answer {
    server.send(server.request(Method::POST, &format!("{path}/refresh"))).await
}

#[tokio::test]
async fn feeds_are_listed_shown_and_changed() {
    for ground in Ground::both().await {
        let server = Server::on(Arc::new(ground), &[], |state| state).await;
        server.define_feed(DEFINITION).await;
        server.list_feed("local", ("warninglist", "unknown", 0), "a.example.com\nb.example.com\n").await;
        let local = server.get(&format!("{FEEDS}/local")).await.json();
        for (field, value) in [
            ("role", json!("warninglist")),
            ("provider", json!("tests")),
            ("entries", json!(2)),
            ("state", json!("swapped")),
            ("interval_seconds", json!(null)),
            ("next_refresh_at", json!(null)),
            ("enabled", json!(true)),
        ] {
            assert_eq!(local[field], value, "{field}: {local}");
        }
        assert!((0..600).contains(&local["age_seconds"].as_i64().unwrap()), "{local}");
        assert_eq!(
            (&local["last_run"]["state"], &local["last_run"]["added"], &local["last_run"]["removed"]),
            (&json!("swapped"), &json!(2), &json!(0))
        );
        let remote = server.get(REMOTE).await.json();
        assert_eq!(
            (&remote["state"], &remote["entries"], &remote["age_seconds"], &remote["interval_seconds"]),
            (&Value::Null, &Value::Null, &Value::Null, &json!(3_600)),
            "{remote}"
        );
        assert_eq!(
            (&remote["location"], &remote["licence"]),
            (&json!("http://127.0.0.1:9/list.txt"), &json!("CC0"))
        );
        server.is_listed(FEEDS, "feeds").await;
        for (query, slugs) in [
            ("?provider=tests", &["local"][..]),
            ("?enabled=true", &["local", "remote"]),
            ("?enabled=false", &[]),
        ] {
            assert_eq!(
                fields(&server.all(&format!("{FEEDS}{query}"), "feeds", 1).await, "/slug"),
                slugs,
                "{query}"
            );
        }

        server.is_fenced(REMOTE, &json!({"enabled": true, "refresh_seconds": 86_400})).await;
        let changed = server.get(REMOTE).await.json();
        assert_eq!(
            (&changed["interval_seconds"], &changed["refresh_seconds"]),
            (&json!(86_400), &json!(86_400)),
            "{changed}"
        );
        assert!(changed["next_refresh_at"].as_str() > remote["next_refresh_at"].as_str(), "{changed}");
        let back = server.put_json(REMOTE, "*", &json!({"enabled": false})).await.json();
        assert_eq!(
            (&back["interval_seconds"], &back["refresh_seconds"], &back["enabled"]),
            (&json!(3_600), &json!(null), &json!(false))
        );
        for wrong in [
            json!({"enabled": true, "refresh_seconds": 299}),
            json!({"enabled": true, "refresh_seconds": 2_678_401}),
            json!({"refresh_seconds": 300}),
            json!({"enabled": true, "definition": "x"}),
            json!({"enabled": true, "definition": 1}),
        ] {
            server.put_json(REMOTE, "*", &wrong).await.is_problem(400, "invalid_body");
        }
        let path = format!("{FEEDS}/local");
        server
            .put_json(&path, "*", &json!({"enabled": true, "refresh_seconds": 300}))
            .await
            .is_problem(409, "state_conflict");
    }
}

#[tokio::test]
async fn a_feed_is_refreshed_when_somebody_asks() {
    for ground in Ground::both().await {
        let server = Server::on(Arc::new(ground), &[], |state| state).await;
        server.define_feed(DEFINITION).await;
        server.list_feed("local", ("intel", "malicious", 90), "a.example.com\n").await;
        let before = server.ground.rows.count("tasks").await;
        for _ in 0..2 {
            let asked = refresh(&server, REMOTE).await;
            assert_eq!((asked.status, &asked.json()["state"]), (202, &json!("queued")), "{asked:?}");
        }
        assert_eq!(server.ground.rows.count("tasks").await, before + 1, "one that waits already is it");
        assert_eq!(server.get(&format!("{FEEDS}/local")).await.json()["state"], "swapped");
        refresh(&server, &format!("{FEEDS}/local")).await.is_problem(409, "state_conflict");
        refresh(&server, &format!("{FEEDS}/nobody")).await.is_problem(404, "not_found");

        server.work();
        server.until(REMOTE, |feed| feed["state"] != "queued" && feed["state"] != "running").await;
        server.until(REMOTE, |feed| feed["last_run"].is_object()).await;
        let failed = server.get(REMOTE).await.json();
        assert_eq!(
            (&failed["state"], &failed["last_run"]["state"]),
            (&json!("failed"), &json!("failed")),
            "{failed}"
        );
        assert!(!failed["last_run"]["reason"].as_str().unwrap().is_empty(), "{failed}");
        // It was asked, and yet nothing was taken: it fails from the first failure on until something is.
        assert!(failed["checked_at"].is_string() && failed["accepted_at"].is_null(), "{failed}");
        assert!(failed["failing_since"].is_string(), "{failed}");
        let sample = |slug: &str| format!("aggregator_feed_failing{{feed=\"{slug}\"}} 1.0");
        let metrics = server.get("/metrics").await.body;
        assert!(metrics.contains(&sample("remote")) && !metrics.contains(&sample("local")), "{metrics}");
        let again = refresh(&server, REMOTE).await;
        assert_eq!(again.status, 202, "{again:?}");
        server
            .until(REMOTE, |feed| feed["last_run"]["finished_at"] != failed["last_run"]["finished_at"])
            .await;
        assert_eq!(server.get(REMOTE).await.json()["failing_since"], failed["failing_since"]);
        server.list_feed("remote", ("intel", "malicious", 90), "a.example.com\n").await;
        let mended = server.get(REMOTE).await.json();
        assert!(mended["accepted_at"].is_string() && mended["failing_since"].is_null(), "{mended}");
        assert!(!server.get("/metrics").await.body.contains(&sample("remote")));
        server.define_feed(DEFINITION).await;

        server.put_json(REMOTE, "*", &json!({"enabled": false})).await;
        refresh(&server, REMOTE).await.is_problem(409, "state_conflict");
    }
}

/// Of many who ask for a refresh at once, one task is made.
#[tokio::test]
async fn a_refresh_asked_for_by_many_is_one() {
    for ground in Ground::both().await {
        let server = Server::on(Arc::new(ground), &[], |state| state).await;
        server.define_feed(DEFINITION).await;
        let asked = futures::future::join_all((0..12).map(|_| refresh(&server, REMOTE))).await;
        assert!(asked.iter().all(|asked| asked.status == 202), "{asked:?}");
        assert_eq!(server.ground.rows.count("tasks").await, 1);
    }
}

/// A definition that comes again takes nothing back that was changed by hand.
#[tokio::test]
async fn a_definition_again_leaves_what_was_changed_by_hand() {
    for ground in Ground::both().await {
        let server = Server::on(Arc::new(ground), &[], |state| state).await;
        server.define_feed(DEFINITION).await;
        server.define_feed(&DEFINITION.replace("'Remote'", "'Renamed'")).await;
        assert_eq!(server.get(REMOTE).await.json()["name"], "Renamed");
        let keep = ["name", "enabled", "paused", "concurrency", "limits"];
        server.alter("/api/v1/sources/remote", &keep, json!({"name": "Ours"})).await;
        server.put_json(REMOTE, "*", &json!({"enabled": true, "refresh_seconds": 86_400})).await;
        server.define_feed(DEFINITION).await;
        let feed = server.get(REMOTE).await.json();
        assert_eq!((&feed["name"], &feed["interval_seconds"]), (&json!("Ours"), &json!(86_400)), "{feed}");
        let now = clock::now(&server.database).await.unwrap();
        let tomorrow = clock::rfc3339(now + 86_000 * clock::SECOND);
        assert!(feed["next_refresh_at"].as_str() > Some(&tomorrow), "{feed}");
    }
}
