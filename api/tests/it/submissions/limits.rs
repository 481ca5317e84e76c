//! What is refused as a whole leaves nothing behind; what is sent again is not done again.

use reqwest::{Body, Method};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::client::SUBMISSIONS;
use crate::harness::{Ground, Server};

/// Tables a submission has rows in.
const TABLES: [&str; 5] = ["submissions", "chunks", "item_contexts", "rejects", "idempotency_keys"];

fn addresses(count: u32) -> Body {
    let parts = (0..count).step_by(10_000).map(move |first| {
        let lines = (first..count.min(first + 10_000))
            .map(|n| format!("{}\n", std::net::Ipv4Addr::from_bits(0x0B00_0000 + n)));
        Ok::<_, std::io::Error>(lines.collect::<String>())
    });
    Body::wrap_stream(futures::stream::iter(parts))
}

#[tokio::test(flavor = "multi_thread")]
async fn one_value_too_many_refuses_all_of_them_and_nothing_is_left() {
    for ground in Ground::both().await {
        let server = Server::on(std::sync::Arc::new(ground), &[], |state| state).await;
        let request = server.request(Method::POST, SUBMISSIONS).header("content-type", "text/plain");
        let answer =
            server.send(request.header("Idempotency-Key", "million").body(addresses(1_000_001))).await;
        answer.is_problem(413, "too_many_indicators");
        assert_eq!(answer.json()["limit"], 1_000_000);
        for table in TABLES {
            server.until_count(table, |count| count == 0).await;
        }
    }
}

#[tokio::test]
async fn a_body_too_large_is_refused_and_nothing_is_left() {
    let variables = [("AGGREGATOR_INTAKE_MAX_BODY_BYTES", "200000")];
    let server = Server::start_with(&variables, |state| state).await;
    let answer = server.submit("", "text/plain", addresses(100_000)).await;
    answer.is_problem(413, "body_too_large");
    assert_eq!(answer.json()["limit"], 200_000);
    for table in TABLES {
        server.until_count(table, |count| count == 0).await;
    }
}

/// An upload under way: its head and the first lines are sent, and its first rows are written.
async fn upload(server: &Server, key: &str, whole: &str) -> (TcpStream, usize) {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let head = format!(
        "POST {SUBMISSIONS} HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nIdempotency-Key: {key}\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n",
        whole.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let sent = whole.len() - 9;
    stream.write_all(&whole.as_bytes()[..sent]).await.unwrap();
    server.until_count("chunks", |count| count > 0).await;
    (stream, sent)
}

fn many_lines() -> String {
    let address = |n: u32| std::net::Ipv4Addr::from_bits(0x0B00_0000 + n).to_string();
    (0..20_000).map(address).collect::<Vec<_>>().join("\n") + "\n"
}

#[tokio::test]
async fn an_upload_cut_in_the_middle_leaves_nothing() {
    for ground in Ground::both().await {
        let server = Server::working(ground).await;
        let (stream, _) = upload(&server, "cut", &many_lines()).await;
        // Invisible while it arrives.
        assert_eq!(server.all(SUBMISSIONS, "submissions", 10).await.len(), 0);
        drop(stream);
        for table in TABLES {
            server.until_count(table, |count| count == 0).await;
        }
        // The key is free for the next try.
        let request = server.request(Method::POST, SUBMISSIONS).header("content-type", "text/plain");
        let answer = server.send(request.header("Idempotency-Key", "cut").body("192.0.2.1")).await;
        assert!(matches!(answer.status, 200 | 202), "{answer:?}");
    }
}

#[tokio::test]
async fn the_same_key_is_one_submission() {
    for ground in Ground::both().await {
        let server = Server::on(std::sync::Arc::new(ground), &[], |state| state).await;
        let lines = many_lines();
        let post = |key: &'static str, body: String| {
            let request = server.request(Method::POST, SUBMISSIONS).header("content-type", "text/plain");
            server.send(request.header("Idempotency-Key", key).body(body))
        };
        let (mut first, sent) = upload(&server, "one", &lines).await;
        let answer = post("one", lines.clone()).await;
        answer.is_problem(409, "idempotency_in_progress");
        assert!(!answer.header("retry-after").is_empty(), "{answer:?}");
        first.write_all(&lines.as_bytes()[sent..]).await.unwrap();
        let mut whole = String::new();
        first.read_to_string(&mut whole).await.unwrap();
        assert!(whole.starts_with("HTTP/1.1 202"), "{whole}");

        let again = post("one", lines.clone()).await;
        assert_eq!(again.status, 202, "{again:?}");
        assert!(whole.contains(&format!("\"id\":{},", again.json()["id"])), "{whole} {again:?}");
        post("one", "192.0.2.1".to_owned()).await.is_problem(422, "idempotency_conflict");
        let labelled = server.request(Method::POST, &format!("{SUBMISSIONS}?label=other"));
        let labelled = labelled.header("content-type", "text/plain").header("Idempotency-Key", "one");
        server.send(labelled.body(lines.clone())).await.is_problem(422, "idempotency_conflict");
        assert_ne!(post("two", lines).await.json()["id"], again.json()["id"]);
        assert_eq!(server.ground.rows.count("submissions").await, 2);
        let rerun = |key: &'static str| {
            let path = format!("{SUBMISSIONS}/{}/rerun", again.json()["id"]);
            server.send(server.request(Method::POST, &path).header("Idempotency-Key", key))
        };
        let repeated = rerun("three").await;
        assert_eq!(
            (repeated.status, rerun("three").await.json()["id"].clone()),
            (202, repeated.json()["id"].clone())
        );
        rerun("one").await.is_problem(422, "idempotency_conflict");
        assert_eq!(server.ground.rows.count("submissions").await, 3);
        for key in ["", "two words", "é"] {
            let value = reqwest::header::HeaderValue::from_bytes(key.as_bytes()).unwrap();
            let request = server.request(Method::POST, SUBMISSIONS).header("content-type", "text/plain");
            let answer = server.send(request.header("Idempotency-Key", value).body("192.0.2.1")).await;
            answer.is_problem(400, "invalid_parameter");
        }
    }
}

#[tokio::test]
async fn too_much_open_work_is_refused_with_the_time_to_come_back() {
    let open = [("AGGREGATOR_INTAKE_MAX_OPEN_SUBMISSIONS", "1")];
    let backlog = [("AGGREGATOR_INTAKE_MAX_BACKLOG_ITEMS", "2")];
    let disk = [("AGGREGATOR_INTAKE_MIN_FREE_DISK_BYTES", "1099511627776")];
    for (variables, status, id) in
        [(open, 429, "too_many_open_submissions"), (backlog, 503, "backlog_full"), (disk, 503, "disk_full")]
    {
        let server = Server::start_with(&variables, |state| state).await;
        let body = "192.0.2.1\n192.0.2.2\n";
        let mut path = String::new();
        if id != "disk_full" {
            let first = server.submit("", "text/plain", body).await;
            assert_eq!(first.status, 202, "{first:?}");
            path = format!("{SUBMISSIONS}/{}", first.json()["id"]);
        }
        let refused = server.submit("", "text/plain", body).await;
        refused.is_problem(status, id);
        assert!(refused.header("retry-after").parse::<u64>().unwrap() > 0, "{refused:?}");
        assert_eq!(refused.json()["retry_after_seconds"].to_string(), refused.header("retry-after"));
        if !path.is_empty() {
            let rerun = server.send(server.request(Method::POST, &format!("{path}/rerun"))).await;
            rerun.is_problem(status, id);
            // Room again: the same request is taken.
            let cancelled = server.send(server.request(Method::POST, &format!("{path}/cancel"))).await;
            assert_eq!(cancelled.json()["state"], json!("cancelled"));
            assert_eq!(server.submit("", "text/plain", body).await.status, 202);
        }
    }
}
