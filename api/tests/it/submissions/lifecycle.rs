//! List, get, cancel, delete and re-run.

use reqwest::Method;
use serde_json::{Value, json};

use super::client::{SUBMISSIONS, fields, hosts, path_of};
use crate::harness::{Answer, Ground, Server};

async fn post(server: &Server, path: &str) -> Answer {
    server.send(server.request(Method::POST, path)).await
}

async fn delete(server: &Server, path: &str) -> Answer {
    server.send(server.request(Method::DELETE, path)).await
}

async fn submitted(server: &Server, body: &'static str) -> String {
    let answer = server.submit("", "text/plain", body).await;
    assert_eq!(answer.status, 202, "{answer:?}");
    path_of(&answer.json())
}

#[tokio::test]
async fn the_list_is_newest_first_page_by_page() {
    for ground in Ground::both().await {
        let server = Server::on(std::sync::Arc::new(ground), &[], |state| state).await;
        let mut paths = Vec::new();
        for _ in 0..5 {
            paths.insert(0, submitted(&server, "192.0.2.1\n").await);
        }
        assert_eq!(post(&server, &format!("{}/cancel", paths[3])).await.status, 200);
        for limit in [1, 2, 5, 200] {
            let listed = server.all(SUBMISSIONS, "submissions", limit).await;
            assert_eq!(listed.iter().map(path_of).collect::<Vec<_>>(), paths, "limit {limit}");
        }
        let cancelled = server.all(&format!("{SUBMISSIONS}?state=cancelled"), "submissions", 1).await;
        assert_eq!(cancelled.iter().map(path_of).collect::<Vec<_>>(), paths[3..4]);
        assert_eq!(server.get(&paths[3]).await.json(), cancelled[0]);

        let first = server.get(&format!("{SUBMISSIONS}?limit=2")).await.json();
        let cursor = first["next"].as_str().unwrap();
        for query in
            [format!("?cursor={cursor}0"), format!("?cursor={cursor}&state=running"), "?cursor=x".to_owned()]
        {
            server.get(&format!("{SUBMISSIONS}{query}")).await.is_problem(400, "cursor_invalid");
        }
        for query in ["?limit=0", "?limit=1001", "?limit=x", "?state=open", "?page=2"] {
            server.get(&format!("{SUBMISSIONS}{query}")).await.is_problem(400, "invalid_parameter");
        }
    }
}

#[tokio::test]
async fn an_id_that_names_nothing_is_not_found() {
    let server = Server::start().await;
    let path = submitted(&server, "192.0.2.1\n").await;
    for id in ["0", "-1", "999999", "abc", "1x", "01", "+1", "99999999999999999999", "%00", "1%20"] {
        let path = format!("{SUBMISSIONS}/{id}");
        for under in ["", "/items", "/items/0", "/facets", "/rejects", "/events"] {
            server.get(&format!("{path}{under}")).await.is_problem(404, "not_found");
        }
        post(&server, &format!("{path}/cancel")).await.is_problem(404, "not_found");
        post(&server, &format!("{path}/rerun")).await.is_problem(404, "not_found");
        delete(&server, &path).await.is_problem(404, "not_found");
    }
    for ordinal in ["-1", "1", "x", "00", "99999999999"] {
        server.get(&format!("{path}/items/{ordinal}")).await.is_problem(404, "not_found");
    }
}

#[tokio::test]
async fn a_cancelled_submission_keeps_its_items() {
    for ground in Ground::both().await {
        let server = Server::on(std::sync::Arc::new(ground), &[], |state| state).await;
        let path = submitted(&server, "192.0.2.1\n192.0.2.2\nhello\n").await;
        let cancelled = post(&server, &format!("{path}/cancel")).await;
        assert_eq!(cancelled.status, 200, "{cancelled:?}");
        let submission = cancelled.json();
        assert_eq!(
            (&submission["state"], &submission["cancelled"], &submission["done"]),
            (&json!("cancelled"), &json!(2), &json!(0)),
            "{submission}"
        );
        let detail = post(&server, &format!("{path}/cancel")).await.is_problem(409, "state_conflict");
        assert!(detail.contains("cancelled"), "{detail}");
        // A worker that comes later finds nothing to do.
        server.work();
        server.finished_lines("192.0.2.9\n").await;
        let items = server.all(&format!("{path}/items"), "items", 1).await;
        assert_eq!(fields(&items, "/value"), ["192.0.2.1", "192.0.2.2"]);
        assert_eq!(fields(&items, "/state"), ["cancelled", "cancelled"]);
        assert_eq!(items[0]["seq"], submission["seq"]);
        assert_eq!(server.all(&format!("{path}/items?state=cancelled"), "items", 9).await.len(), 2);
        assert_eq!(server.all(&format!("{path}/items?state=done"), "items", 9).await.len(), 0);
        post(&server, &path_of(&server.finished("", "text/plain", "192.0.2.1").await))
            .await
            .is_problem(405, "method_not_allowed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancellation_in_the_middle_leaves_every_item_done_or_cancelled() {
    for ground in Ground::both().await {
        let server = Server::working(ground).await;
        let lines = hosts(20_000).join("\n");
        let path = path_of(&server.submit("", "text/plain", lines).await.json());
        let answer = post(&server, &format!("{path}/cancel")).await;
        if answer.status == 409 {
            // The worker was faster.
            assert_eq!(server.get(&path).await.json()["state"], "done");
        } else {
            assert_eq!(answer.status, 200, "{answer:?}");
        }
        let submission = server.get(&path).await.json();
        let items = server.all(&format!("{path}/items"), "items", 1_000).await;
        assert_eq!(items.len(), 20_000);
        let backwards = server.all(&format!("{path}/items?sort=-ordinal"), "items", 1_000).await;
        assert!(fields(&backwards, "/value").iter().rev().eq(&fields(&items, "/value")));
        for state in ["done", "cancelled"] {
            let count = items.iter().filter(|item| item["state"] == state).count();
            assert_eq!(submission[state], count, "{submission}");
        }
    }
}

#[tokio::test]
async fn a_deleted_submission_is_gone_with_what_only_it_held() {
    for ground in Ground::both().await {
        let server = Server::on(std::sync::Arc::new(ground), &[], |state| state).await;
        let running = submitted(&server, "192.0.2.1\n").await;
        let detail = delete(&server, &running).await.is_problem(409, "state_conflict");
        assert!(detail.contains("running"), "{detail}");
        server.work();
        server.list_feed("bad", ("intel", "malicious", 80), "evil.example.com\n").await;
        server.follow(&running, "").await;
        let kept = server.finished_lines("192.0.2.1\nshared.example.org\n").await;
        let lines = "shared.example.org\nevil.example.com\nonly.example.net\nhello\nonly.example.net\n";
        let request =
            server.request(Method::POST, &format!("{SUBMISSIONS}?wait=60")).header("Idempotency-Key", "once");
        let gone =
            path_of(&server.send(request.header("content-type", "text/plain").body(lines)).await.json());
        let only = server.get(&format!("{gone}/items/2")).await.json()["item"]["indicator_id"].clone();
        let only = format!("/api/v1/indicators/{}", only.as_str().unwrap());
        assert_eq!(server.get(&only).await.status, 200);

        let deleted = delete(&server, &gone).await;
        assert_eq!((deleted.status, deleted.body.as_str()), (204, ""), "{deleted:?}");
        for under in ["", "/items", "/items/0", "/facets", "/rejects", "/events"] {
            server.get(&format!("{gone}{under}")).await.is_problem(404, "not_found");
        }
        delete(&server, &gone).await.is_problem(404, "not_found");
        post(&server, &format!("{gone}/rerun")).await.is_problem(404, "not_found");
        let listed = server.all(SUBMISSIONS, "submissions", 10).await;
        assert!(listed.iter().all(|submission| path_of(submission) != gone), "{listed:?}");

        server.until_count("submissions", |count| count == 2).await;
        for (table, left) in
            [("items", 3), ("item_contexts", 0), ("rejects", 0), ("chunks", 2), ("idempotency_keys", 0)]
        {
            assert_eq!(server.ground.rows.count(table).await, left, "{table}");
        }
        // What another submission holds stays, what a source spoke of stays, the rest went.
        server.get(&only).await.is_problem(404, "not_found");
        for value in ["shared.example.org", "evil.example.com"] {
            let found = server.all(&format!("/api/v1/indicators?value={value}"), "indicators", 9).await;
            assert_eq!(found.len(), 1, "{value}");
        }
        assert_eq!(server.all(&format!("{kept}/items"), "items", 9).await.len(), 2);
    }
}

/// What a re-run must keep of an item.
fn kept(items: &[Value]) -> Vec<Value> {
    items
        .iter()
        .map(|item| {
            json!([item["ordinal"], item["kind"], item["value"], item["contexts"], item["more_contexts"]])
        })
        .collect()
}

#[tokio::test]
async fn a_re_run_has_the_same_values_as_they_were_written() {
    for ground in Ground::both().await {
        let server = Server::on(std::sync::Arc::new(ground), &[], |state| state).await;
        let mut lines =
            "evil[.]example[.]com\n192.0.2.1:8080\n\nhello\nEVIL.example.com\n192.0.2.1:443\n192.0.2.1\n"
                .to_owned();
        lines.push_str(&hosts(2_500).join("\n"));
        let answer = server.submit("?label=first&tlp=green", "text/plain", lines).await;
        let (first, before) = (path_of(&answer.json()), answer.json());
        let items = server.all(&format!("{first}/items"), "items", 1_000).await;

        // Of one nobody has screened, and of one that is done.
        for _ in 0..2 {
            let answer = post(&server, &format!("{first}/rerun")).await;
            assert_eq!(answer.status, 202, "{answer:?}");
            let again = answer.json();
            assert_eq!(answer.header("location"), path_of(&again));
            assert_ne!(again["id"], before["id"]);
            for (field, value) in
                [("format", &json!("rerun")), ("rerun_of", &before["id"]), ("rejected", &json!(0))]
            {
                assert_eq!(&again[field], value, "{field}: {again}");
            }
            for field in ["label", "tlp", "playbook", "total", "repeated", "lines"] {
                assert_eq!(again[field], before[field], "{field}: {again}");
            }
            let repeated = server.all(&format!("{}/items", path_of(&again)), "items", 1_000).await;
            assert_eq!(kept(&repeated), kept(&items));
            if server.get(&first).await.json()["state"] == "running" {
                server.work();
            }
            server.follow(&first, "").await;
            server.follow(&path_of(&again), "").await;
        }
        assert_eq!(server.get(&first).await.json()["label"], "first");
    }
}
