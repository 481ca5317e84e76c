//! Feeds that are made, defined anew and deleted over the API.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use aggregator_testkit::{Reply, Upstream};
use reqwest::Method;
use serde_json::{Value, json};

use super::{FEEDS, REMOTE};
use crate::harness::{Answer, Ground, Server};
use crate::submissions::client::path_of;
use crate::submissions::fields;

fn publisher() -> Upstream {
    Upstream::start(move |_, _| Reply::Answer {
        status: 200,
        headers: vec![("content-type", "text/plain".to_owned()), ("etag", "\"one\"".to_owned())],
        body: b"evil.example.com\nbad.example.com\n".to_vec(),
    })
}

fn definition(publisher: &Upstream) -> String {
    format!(
        "slug = 'remote'\nname = 'Remote'\nprovider = 'elsewhere'\nlocation = '{}list.txt'\nlicence = 'CC0'\n\
         role = 'intel'\nrefresh_seconds = 3600\nmin_rows = 1\n[format]\ntype = 'plain'\n[opinion]\n\
         stance = 'malicious'\nconfidence = 80\n",
        publisher.url()
    )
}

async fn create(server: &Server, body: &Value) -> Answer {
    server.change(Method::POST, FEEDS, None, body).await
}

#[tokio::test]
async fn a_feed_is_made_matched_defined_anew_and_deleted() {
    for ground in Ground::both().await {
        let publisher = publisher();
        let server = Server::on(Arc::new(ground), &[], |state| state).await;
        server.work();
        let toml = definition(&publisher);
        let made = create(&server, &json!({"definition": {"toml": toml}})).await;
        assert_eq!((made.status, made.header("location")), (201, REMOTE), "{made:?}");
        let feed = made.json();
        for (field, value) in [
            ("slug", json!("remote")),
            ("provider", json!("elsewhere")),
            ("enabled", json!(true)),
            ("interval_seconds", json!(3_600)),
            ("definition", json!(toml)),
        ] {
            assert_eq!(feed[field], value, "{field}: {feed}");
        }
        create(&server, &json!({"definition": {"toml": toml}})).await.is_problem(409, "slug_taken");
        // Nobody has to ask: its list comes soon.
        server.until(REMOTE, |feed| feed["entries"] == 2).await;
        let submission = server.finished("", "text/plain", "evil.example.com\n").await;
        assert_eq!(submission["verdicts"]["malicious"], 1, "{submission}");

        // Another definition of the same list is another list.
        let body = |toml: &str| json!({"enabled": true, "definition": toml});
        let mild = toml.replace("malicious", "suspicious").replace("'Remote'", "'Mild'");
        let etag = server.etag(REMOTE).await;
        for (wrong, says) in [
            (toml.replace("'remote'", "'other'"), "must have the slug"),
            (toml.replace("3600", "1"), "refresh_seconds"),
            (toml.replace("min_rows", "min_rowz"), "line 8, column 1: unknown field `min_rowz`"),
            (toml.replace("http://", "ftp://"), "must be an http: or https: address"),
        ] {
            let refused = server.put_json(REMOTE, &etag, &body(&wrong)).await;
            refused.is_problem(400, "invalid_body");
            assert!(refused.body.contains(says), "{says}: {refused:?}");
        }
        assert_eq!(server.etag(REMOTE).await, etag);
        let before = publisher.seen().len();
        let changed = server.put_json(REMOTE, &etag, &body(&mild)).await;
        assert_eq!((changed.status, &changed.json()["name"]), (200, &json!("Mild")), "{changed:?}");
        server.put_json(REMOTE, &etag, &body(&toml)).await.is_problem(412, "precondition_failed");
        server
            .until("/api/v1/tasks?kind=feed_swapped", |page| page["tasks"].as_array().unwrap().len() == 2)
            .await;
        assert!(publisher.seen().len() > before);
        let submission = server.finished("", "text/plain", "evil.example.com\n").await;
        assert_eq!(submission["verdicts"]["suspicious"], 1, "{submission}");

        // Deleted, it is matched no more; what it said stays where it was said.
        server.delete(REMOTE, None).await.is_problem(428, "precondition_required");
        server.delete(REMOTE, Some(&etag)).await.is_problem(412, "precondition_failed");
        server.delete("/api/v1/sources/remote", Some("*")).await.is_problem(409, "state_conflict");
        assert_eq!(server.delete(REMOTE, Some(&server.etag(REMOTE).await)).await.status, 204);
        server.get(REMOTE).await.is_problem(404, "not_found");
        server.get("/api/v1/sources/remote").await.is_problem(404, "not_found");
        for table in ["feeds", "feed_runs", "feed_generations", "feed_generation_parts"] {
            assert_eq!(server.ground.rows.count(table).await, 0, "{table}");
        }
        let path = path_of(&submission);
        let item = server.get(&format!("{path}/items/0")).await.json()["item"].clone();
        let known = format!("/api/v1/indicators/{}", item["indicator_id"].as_str().unwrap());
        server.until(&known, |shown| shown["findings"] == json!([])).await;
        assert_eq!(item["verdict"]["stance"], "suspicious", "{item}");
        let submission = server.finished("", "text/plain", "evil.example.com\n").await;
        assert_eq!(submission["verdicts"]["unknown"], 1, "{submission}");
        // Not even what a matching that was under way writes after all was forgotten.
        server.ground.rows.execute("UPDATE findings SET superseded_at = NULL WHERE version = 1").await;
        assert_eq!(server.get(&known).await.json()["findings"], json!([]));

        // Its slug is free, and switched off it is left alone.
        let before = publisher.seen().len();
        let again =
            create(&server, &json!({"definition": {"toml": toml}, "enabled": false, "refresh_seconds": 600}))
                .await;
        assert_eq!((again.status, &again.json()["interval_seconds"]), (201, &json!(600)), "{again:?}");
        assert_eq!((&again.json()["state"], publisher.seen().len()), (&Value::Null, before));
    }
}

#[tokio::test]
async fn what_is_no_feed_is_not_made() {
    for ground in Ground::both().await {
        let publisher = publisher();
        let server = Server::on(Arc::new(ground), &[], |state| state).await;
        let toml = definition(&publisher);
        for (body, says) in [
            (json!({}), "definition"),
            (json!({"definition": {}}), "either `preset` or `toml`"),
            (json!({"definition": {"preset": "nobody"}}), "definition.preset"),
            (json!({"definition": {"preset": "spamhaus-drop", "toml": toml}}), "either `preset` or `toml`"),
            (json!({"definition": {"toml": "slug = "}}), "line 1, column 8"),
            (json!({"definition": {"toml": format!("{toml}#{}", "x".repeat(65_536))}}), "65,536"),
            (json!({"definition": {"toml": toml.replace("'remote'", "'re~mote'")}}), "slug"),
            (json!({"definition": {"toml": toml.replace("'Remote'", "' '")}}), "name"),
            (json!({"definition": {"toml": toml.replace("http://", "/etc/passwd#")}}), "location"),
            (json!({"definition": {"toml": toml.replace("http://", "http://me:secret@")}}), "password"),
            (json!({"definition": {"toml": toml}, "refresh_seconds": 299}), "refresh_seconds"),
        ] {
            let refused = create(&server, &body).await;
            refused.is_problem(400, "invalid_body");
            assert!(refused.body.contains(says), "{says}: {refused:?}");
            assert!(!refused.body.contains("me:secret"), "{refused:?}");
        }
        for table in ["feeds", "sources", "providers", "tasks"] {
            assert_eq!(server.ground.rows.count(table).await, 0, "{table}");
        }
    }
}

#[tokio::test]
async fn shipped_definitions_are_listed_and_make_feeds() {
    for ground in Ground::both().await {
        let server = Server::on(Arc::new(ground), &[], |state| state).await;
        let listed = server.get("/api/v1/feed-presets").await.json();
        let presets = listed["presets"].as_array().unwrap();
        let slugs = fields(presets, "/slug");
        assert!(slugs.is_sorted() && slugs.contains(&"spamhaus-drop".to_owned()), "{slugs:?}");
        assert!(presets.iter().all(|preset| preset["known"] == json!(false)));
        for preset in presets {
            // Nothing is asked of anybody.
            let body = json!({"definition": {"preset": preset["slug"]}, "enabled": false});
            let made = create(&server, &body).await;
            assert_eq!(made.status, 201, "{made:?}");
            assert_eq!(made.json()["definition"], preset["definition"]);
        }
        let listed = server.get("/api/v1/feed-presets").await.json();
        assert!(listed["presets"].as_array().unwrap().iter().all(|preset| preset["known"] == json!(true)));
        assert_eq!(fields(&server.all(FEEDS, "feeds", 50).await, "/slug"), slugs);
    }
}

/// A refresh that is storing a list ends before its feed does.
#[tokio::test]
async fn a_feed_is_deleted_while_its_list_is_stored() {
    let publisher = publisher();
    let server = Server::on(Arc::new(Ground::production().await), &[], |state| state).await;
    let body = json!({"definition": {"toml": definition(&publisher)}, "enabled": false});
    assert_eq!(create(&server, &body).await.status, 201);
    let stored = "INSERT INTO feed_generations (feed_id, hash, entries, rejected, bytes, created_at)
         SELECT id, 'x', 1, 0, 1, 0 FROM feeds";
    let held = server.ground.rows.hold(stored).await;
    let (deleted, ()) = tokio::join!(server.delete(REMOTE, Some("*")), held.commit_once_awaited());
    assert_eq!(deleted.status, 204, "{deleted:?}");
    assert_eq!(server.ground.rows.count("feed_generations").await, 0);
}

/// Deleted while its publisher answers: what comes is nobody's, and that is no failure.
#[tokio::test]
async fn a_feed_is_deleted_while_its_list_comes() {
    for ground in Ground::both().await {
        let gone = Arc::new(AtomicBool::new(false));
        let until = Arc::clone(&gone);
        let publisher = Upstream::start(move |_, _| {
            while !until.load(Ordering::SeqCst) {
                std::thread::sleep(Duration::from_millis(5));
            }
            Reply::Answer { status: 200, headers: Vec::new(), body: b"evil.example.com\n".to_vec() }
        });
        let server = Server::working(ground).await;
        let made = create(&server, &json!({"definition": {"toml": definition(&publisher)}})).await;
        assert_eq!(made.status, 201, "{made:?}");
        server.until_count("tasks WHERE kind = 'refresh_feed' AND state = 3", |running| running == 1).await;
        assert_eq!(server.delete(REMOTE, Some("*")).await.status, 204);
        gone.store(true, Ordering::SeqCst);
        let tasks = "/api/v1/tasks?kind=refresh_feed";
        server.until(tasks, |page| page["tasks"][0]["finished_at"].is_string()).await;
        let page = server.get(tasks).await.json();
        assert_eq!(page["tasks"][0]["state"], "done", "{page}");
        assert_eq!(server.ground.rows.count("feed_generations").await, 0);
    }
}
