//! Providers and sources that are made and deleted over the API.

use std::sync::Arc;

use aggregator_testkit::{Reply, Upstream};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Answer, Ground, Server};
use crate::lookups::upstream::mirrors;
use crate::submissions::client::path_of;
use crate::submissions::fields;

const PROVIDERS: &str = "/api/v1/providers";
const SOURCES: &str = "/api/v1/sources";
const MIRROR: &str = "/api/v1/sources/mirror";
const ANSWER: &str = r#"{"cpes":[],"hostnames":[],"ip":"8.8.8.8","ports":[443],"tags":[],"vulns":[]}"#;

/// A server whose worker asks mirrors of a real source, all at this service; they are known.
async fn serving(ground: Ground, upstream: &Upstream) -> Server {
    let server = Server::on(Arc::new(ground), &[], |state| state).await;
    server.work_with(mirrors(upstream));
    server.until(SOURCES, |page| page["sources"].as_array().is_some_and(|all| !all.is_empty())).await;
    server
}

fn mirror(upstream: &Upstream) -> Value {
    json!({
        "slug": "mirror", "name": "Mirror", "provider": "ours", "adapter": "db-a",
        "base_url": format!("{}mirror/", upstream.url()),
    })
}

/// `body` with one field changed.
fn with(body: &Value, field: &str, value: Value) -> Value {
    let mut body = body.clone();
    body[field] = value;
    body
}

async fn create(server: &Server, path: &str, body: &Value) -> Answer {
    server.change(Method::POST, path, None, body).await
}

/// What is made has an address and an ETag, and can be read there.
async fn is_made(server: &Server, path: &str, body: &Value) -> Value {
    let made = create(server, path, body).await;
    assert_eq!(made.status, 201, "{made:?}");
    let location = made.header("location").to_owned();
    assert_eq!(location, format!("{path}/{}", body["slug"].as_str().unwrap()));
    let read = server.get(&location).await;
    assert_eq!((read.json(), read.header("etag")), (made.json(), made.header("etag")));
    create(server, path, body).await.is_problem(409, "slug_taken");
    made.json()
}

/// It goes only under the ETag it was read with, once.
async fn is_deleted(server: &Server, path: &str) {
    let etag = server.etag(path).await;
    server.delete(path, None).await.is_problem(428, "precondition_required");
    server.delete(path, Some("\"1.999\"")).await.is_problem(412, "precondition_failed");
    assert_eq!(server.etag(path).await, etag);
    let deleted = server.delete(path, Some(&etag)).await;
    assert_eq!((deleted.status, &*deleted.body), (204, ""));
    server.get(path).await.is_problem(404, "not_found");
    server.delete(path, Some(&etag)).await.is_problem(404, "not_found");
}

#[tokio::test]
async fn providers_are_made_and_deleted() {
    for ground in Ground::both().await {
        let upstream = Upstream::start(|_, _| Reply::json(200, ANSWER));
        let server = serving(ground, &upstream).await;
        let ours = json!({"slug": "ours", "name": " Ours ", "url": "https://ours.example", "enabled": true});
        let made = is_made(&server, PROVIDERS, &ours).await;
        assert_eq!(
            (&made["name"], &made["url"], &made["sources"]),
            (&json!("Ours"), &json!("https://ours.example/"), &json!(0))
        );
        for wrong in [
            with(&ours, "slug", json!("Ours")),
            with(&ours, "slug", json!("ours~1")),
            with(&ours, "name", json!(" ")),
            with(&ours, "url", json!("ftp://ours.example/")),
            with(&ours, "url", json!("https://me:secret@ours.example/")),
            with(&ours, "url", json!(format!("https://ours.example/{}", "x".repeat(2_048)))),
            with(&ours, "nmae", json!("x")),
        ] {
            create(&server, PROVIDERS, &wrong).await.is_problem(400, "invalid_body");
        }
        // What may be nothing can be unset.
        let path = format!("{PROVIDERS}/ours");
        server.is_fenced(&path, &json!({"name": "Ours", "url": null, "enabled": false})).await;
        assert_eq!(server.get(&path).await.json()["url"], json!(null));

        is_made(&server, SOURCES, &mirror(&upstream)).await;
        server.delete(&path, Some("*")).await.is_problem(409, "in_use");
        server.delete(&format!("{PROVIDERS}/tests"), Some("*")).await.is_problem(409, "in_use");
        is_deleted(&server, MIRROR).await;
        is_deleted(&server, &path).await;
        let listed = fields(&server.all(PROVIDERS, "providers", 10).await, "/slug");
        assert!(!listed.iter().any(|slug| slug.starts_with("ours")), "{listed:?}");
        is_made(&server, PROVIDERS, &ours).await;
    }
}

#[tokio::test]
async fn a_source_of_the_program_is_asked_at_another_place() {
    for ground in Ground::both().await {
        let upstream = Upstream::start(|_, _| Reply::json(200, ANSWER));
        let server = serving(ground, &upstream).await;
        create(&server, SOURCES, &mirror(&upstream)).await.is_problem(409, "state_conflict");
        create(&server, PROVIDERS, &json!({"slug": "ours", "name": "Ours"})).await;
        for (wrong, problem) in [
            (with(&mirror(&upstream), "adapter", json!("nobody")), (409, "state_conflict")),
            (with(&mirror(&upstream), "slug", json!("db-b")), (409, "slug_taken")),
            (with(&mirror(&upstream), "base_url", json!("file:///etc/passwd")), (400, "invalid_body")),
            (with(&mirror(&upstream), "base_url", json!("http://a.example/?q=")), (400, "invalid_body")),
            (with(&mirror(&upstream), "concurrency", json!(0)), (400, "invalid_body")),
            (
                with(&mirror(&upstream), "limits", json!([{"calls": 0, "window_seconds": 1}])),
                (400, "invalid_body"),
            ),
        ] {
            create(&server, SOURCES, &wrong).await.is_problem(problem.0, problem.1);
        }
        let said = with(&mirror(&upstream), "limits", json!([{"calls": 600, "window_seconds": 60}]));
        let made = is_made(&server, SOURCES, &said).await;
        let program = server.get(&format!("{SOURCES}/db-a")).await.json();
        for (field, value) in [
            ("kind", json!("native")),
            ("adapter", json!("db-a")),
            ("base_url", said["base_url"].clone()),
            ("movable", json!(false)),
            ("state", json!("ready")),
            ("limits", said["limits"].clone()),
            ("kinds", program["kinds"].clone()),
            ("concurrency", program["concurrency"].clone()),
        ] {
            assert_eq!(made[field], value, "{field}: {made}");
        }
        assert_eq!((&program["movable"], &program["adapter"]), (&json!(true), &json!(null)), "{program}");
        create(&server, SOURCES, &with(&with(&said, "slug", json!("third")), "adapter", json!("mirror")))
            .await
            .is_problem(409, "state_conflict");

        // Asked where it is, once; what it says is its own.
        for (query, calls) in
            [("mirror", ["/mirror/8.8.8.8"].as_slice()), ("mirror", &[]), ("db-a", &["/db-a/8.8.8.8"])]
        {
            let before = upstream.seen().len();
            server.finished(&format!("?playbook=keyless&sources={query}"), "text/plain", "8.8.8.8\n").await;
            let seen: Vec<String> = upstream.seen_after(before).into_iter().map(|seen| seen.path).collect();
            assert_eq!(seen, calls, "{query}");
        }
        let test = create(&server, &format!("{MIRROR}/test"), &json!({"value": "8.8.4.4"})).await;
        let task = format!("/api/v1/tasks/{}", test.json()["id"]);
        server.until(&task, |task| task["state"] == "done").await;
        assert_eq!(upstream.counts()["/mirror/8.8.4.4"], 1);
        // Who asks everybody asks it, too.
        server.finished("?playbook=everything", "text/plain", "1.1.1.1\n").await;
        assert_eq!(upstream.counts()["/mirror/1.1.1.1"], 1);
    }
}

#[tokio::test]
async fn what_a_deleted_source_said_stays_in_the_histories_alone() {
    for ground in Ground::both().await {
        let upstream = Upstream::start(|_, _| Reply::json(200, ANSWER));
        let server = serving(ground, &upstream).await;
        create(&server, PROVIDERS, &json!({"slug": "ours", "name": "Ours"})).await;
        is_made(&server, SOURCES, &mirror(&upstream)).await;
        server.delete(&format!("{SOURCES}/db-a"), Some("*")).await.is_problem(409, "built_in");
        let path =
            path_of(&server.finished("?playbook=keyless&sources=mirror", "text/plain", "8.8.8.8\n").await);
        let item = server.get(&format!("{path}/items/0")).await.json()["item"].clone();
        let known = format!("/api/v1/indicators/{}", item["indicator_id"].as_str().unwrap());
        let said = |shown: &Value| fields(shown["findings"].as_array().unwrap(), "/source");
        assert_eq!(said(&server.get(&known).await.json()), ["mirror"]);

        // What waits for it ends, and is not asked.
        let keep = ["name", "enabled", "paused", "concurrency", "weight", "limits"];
        server.alter(MIRROR, &keep, json!({"paused": true})).await;
        let waiting = server.submit("?playbook=keyless&sources=mirror", "text/plain", "9.9.9.9\n").await;
        server.until(MIRROR, |source| source["open_lookups"] == 1).await;
        is_deleted(&server, MIRROR).await;
        let waiting = path_of(&waiting.json());
        server.until(&waiting, |submission| submission["state"] == "done").await;
        let lookups = server
            .all(
                &format!("/api/v1/lookups?submission={}", waiting.rsplit('/').next().unwrap()),
                "lookups",
                10,
            )
            .await;
        assert_eq!(lookups[0]["outcome"], "refused", "{lookups:?}");
        assert!(!upstream.counts().contains_key("/mirror/9.9.9.9"));

        // Its answer is no longer current, and is still in the submission it was part of.
        server.until(&known, |shown| shown["findings"] == json!([])).await;
        let after = server.get(&format!("{path}/items/0")).await.json()["item"].clone();
        assert_eq!(after["verdict"], item["verdict"]);
        assert!(
            !fields(&server.all(SOURCES, "sources", 100).await, "/slug")
                .iter()
                .any(|slug| slug.contains("mirror"))
        );
        assert!(!server.get("/api/v1/queues/sources").await.body.contains("mirror"));
        server
            .submit("?playbook=keyless&sources=mirror", "text/plain", "8.8.8.8\n")
            .await
            .is_problem(400, "invalid_parameter");

        // Another one of the same slug knows nothing of it.
        is_made(&server, SOURCES, &mirror(&upstream)).await;
        server.finished("?playbook=keyless&sources=mirror", "text/plain", "8.8.8.8\n").await;
        assert_eq!(upstream.counts()["/mirror/8.8.8.8"], 2);
    }
}
