//! What each setting does, and that what is done follows it without a restart.

use std::sync::Arc;
use std::time::Duration;

use aggregator_entities::domain::Outcome;
use aggregator_testkit::{Reply, Upstream};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::serving;
use crate::harness::{Ground, Server};
use crate::lookups::double::{Double, ends, remote};
use crate::submissions::client::{SUBMISSIONS, hosts, path_of};

const THREE: &str = "192.0.2.1\n192.0.2.2\n192.0.2.3\n";

#[tokio::test]
async fn max_indicators_is_in_force_at_once_here_and_soon_elsewhere() {
    for ground in Ground::both().await {
        let ground = Arc::new(ground);
        let server = Server::on(Arc::clone(&ground), &[], |state| state).await;
        let other = Server::on(Arc::clone(&ground), &[], |state| state).await;
        server.set("intake.max_indicators", json!(2)).await;
        for (media_type, body) in
            [("text/plain", THREE), ("application/json", r#"{"indicators":["a.com","b.com","c.com"]}"#)]
        {
            let refused = server.submit("", media_type, body).await;
            refused.is_problem(413, "too_many_indicators");
            assert_eq!(refused.json()["limit"], 2);
        }
        assert_eq!(server.submit("", "text/plain", "192.0.2.1\n192.0.2.2\n").await.status, 202);
        // Processes that share a Redis hear a ring; others look after a few seconds.
        while other.submit("", "text/plain", THREE).await.status != 413 {
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
        server.reset("intake.max_indicators").await;
        assert_eq!(server.submit("", "text/plain", THREE).await.status, 202);
    }
}

#[tokio::test]
async fn what_is_refused_for_its_size_or_for_what_waits_follows_the_settings() {
    for ground in Ground::both().await {
        let server = serving(ground).await;
        assert_eq!(server.submit("", "text/plain", THREE).await.status, 202);
        for (key, value, (status, id)) in [
            ("intake.max_open_submissions", json!(1), (429, "too_many_open_submissions")),
            ("intake.max_backlog_items", json!(3), (503, "backlog_full")),
            ("intake.min_free_disk_bytes", json!(1_u64 << 40), (503, "disk_full")),
            ("intake.max_body_bytes", json!(1_024), (413, "body_too_large")),
        ] {
            let body = THREE.repeat(50);
            server.set(key, value).await;
            server.submit("", "text/plain", body.clone()).await.is_problem(status, id);
            server.reset(key).await;
            assert_eq!(server.submit("", "text/plain", body).await.status, 202, "{key}");
        }
    }
}

#[tokio::test]
async fn seal_seconds_ends_a_body_that_does_not_arrive() {
    let server = serving(Ground::embedded().await).await;
    server.set("intake.seal_seconds", json!(1)).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let head = format!(
        "POST {SUBMISSIONS} HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\
         Connection: close\r\n\r\n192.0.2.1\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("\"body_timeout\""), "{answer}");
}

#[tokio::test]
async fn patience_seconds_decides_how_long_a_broken_source_is_waited_for() {
    for ground in Ground::both().await {
        let broken = Arc::new(Double::new("broken", |_, _| ends(Outcome::Unavailable)));
        let server = serving(ground).await;
        server.work_with(remote(&[Arc::clone(&broken)]));
        let submitted = server.submit("?playbook=keyless", "text/plain", hosts(50).join("\n")).await;
        server.until("/api/v1/sources/broken", |source| source["state"] == "broken").await;
        assert_eq!(server.all("/api/v1/dead-letters", "dead_letters", 100).await, [Value::Null; 0]);
        server.set("sources.patience_seconds", json!(1)).await;
        server.until(&path_of(&submitted.json()), |submission| submission["state"] == "done").await;
        assert_eq!(server.all("/api/v1/dead-letters", "dead_letters", 100).await.len(), 50);
    }
}

/// A feed whose publisher says this.
async fn feed(server: &Server, publisher: &Upstream) -> String {
    let definition = format!(
        "slug = 'remote'\nname = 'Remote'\nprovider = 'elsewhere'\nlocation = '{}list.txt'\nlicence = 'CC0'\n\
         role = 'intel'\nrefresh_seconds = 3600\nmin_rows = 1\n[format]\ntype = 'plain'\n[opinion]\n\
         stance = 'malicious'\nconfidence = 80\n",
        publisher.url()
    );
    server.define_feed(&definition).await;
    "/api/v1/feeds/remote".to_owned()
}

fn publisher() -> Upstream {
    let lines = hosts(200).join("\n");
    Upstream::start(move |_, _| Reply::Answer {
        status: 200,
        headers: vec![("content-type", "text/plain".to_owned())],
        body: lines.clone().into_bytes(),
    })
}

#[tokio::test]
async fn refresh_switches_the_schedule_of_feeds() {
    for ground in Ground::both().await {
        let publisher = publisher();
        // The tests' servers are started without a schedule.
        let server = serving(ground).await;
        let feed = feed(&server, &publisher).await;
        server.ground.rows.execute("UPDATE feeds SET next_refresh_at = 1").await;
        server.work();
        // The schedule was looked at, and the feed was left alone.
        server.until_count("tasks", |count| count > 0).await;
        let due = server.get(&feed).await.json();
        assert_eq!(due["next_refresh_at"], "1970-01-01T00:00:00.000Z", "{due}");
        server.set("feeds.refresh", json!(true)).await;
        server.until(&feed, |feed| feed["entries"] == 200).await;
        assert_eq!(publisher.seen().len(), 1);
    }
}

/// Asks for a refresh again and again, until its run says this.
async fn until_refused(server: &Server, feed: &str, says: &str) {
    loop {
        let asked = server.send(server.request(Method::POST, &format!("{feed}/refresh"))).await;
        assert_eq!(asked.status, 202, "{asked:?}");
        server.until(feed, |feed| feed["state"] != "queued" && feed["state"] != "running").await;
        let shown = server.get(feed).await.json();
        if shown["last_run"]["reason"].as_str().is_some_and(|reason| reason.contains(says)) {
            return;
        }
    }
}

#[tokio::test]
async fn downloads_are_limited_and_hosts_denied_as_the_settings_say() {
    for ground in Ground::both().await {
        let publisher = publisher();
        let server = serving(ground).await;
        server.work();
        let feed = feed(&server, &publisher).await;
        server.set("feeds.max_download_bytes", json!(1_024)).await;
        until_refused(&server, &feed, "1024").await;
        server.set("egress.deny_hosts", json!(["127.0.0.1"])).await;
        until_refused(&server, &feed, "the operator forbids requests to `127.0.0.1`").await;
        let asked = publisher.seen().len();
        until_refused(&server, &feed, "the operator forbids").await;
        assert_eq!(publisher.seen().len(), asked);
        server.reset("egress.deny_hosts").await;
        until_refused(&server, &feed, "1024").await;
    }
}
