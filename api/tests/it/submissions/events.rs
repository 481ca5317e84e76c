//! A submission's events: told as it happens, resumed where they broke off, on whichever server.

use std::sync::Arc;

use futures::{Stream, StreamExt};
use reqwest::Method;
use serde_json::{Value, json};

use super::client::{fields, hosts, path_of};
use crate::harness::{Ground, Server};

/// One event as a browser would give it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Event {
    pub(crate) name: String,
    pub(crate) id: Option<i64>,
    pub(crate) data: Value,
}

/// An open stream of events.
pub(crate) struct Events {
    bytes: std::pin::Pin<Box<dyn Stream<Item = reqwest::Result<bytes::Bytes>> + Send>>,
    text: String,
}

impl Events {
    /// The next event; `None` at the end of the stream.
    pub(crate) async fn next(&mut self) -> Option<Event> {
        loop {
            while let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                if let Some(event) = parse(&block) {
                    return Some(event);
                }
            }
            // A server that stops cuts the stream: an end like another.
            let piece = self.bytes.next().await?.ok()?;
            self.text.push_str(std::str::from_utf8(&piece).unwrap());
        }
    }

    async fn rest(mut self) -> Vec<Event> {
        let mut events = Vec::new();
        while let Some(event) = self.next().await {
            events.push(event);
        }
        assert_eq!(self.text, "", "the stream ended in the middle of an event");
        events
    }
}

fn parse(block: &str) -> Option<Event> {
    if block.lines().all(|line| line.starts_with(':')) {
        return None;
    }
    let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    assert_eq!(block.lines().filter(|line| line.starts_with("data: ")).count(), 1, "{block}");
    let name = field("event").unwrap().to_owned();
    let mut data: Value = serde_json::from_str(field("data").unwrap()).unwrap();
    // The data say so, too: a client may not see the line.
    assert_eq!(data.as_object_mut().unwrap().remove("event"), Some(json!(name)));
    Some(Event { name, id: field("id").map(|id| id.parse().unwrap()), data })
}

impl Server {
    pub(crate) async fn events(&self, path: &str, query: &str, last: Option<i64>) -> Events {
        let mut request = self.request(Method::GET, &format!("{path}/events{query}"));
        if let Some(last) = last {
            request = request.header("Last-Event-ID", last);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["cache-control"], "no-store");
        Events { bytes: Box::pin(response.bytes_stream()), text: String::new() }
    }

    /// All events until the stream ends.
    pub(crate) async fn follow(&self, path: &str, query: &str) -> Vec<Event> {
        self.events(path, query, None).await.rest().await
    }
}

const LINES: &str = "192.0.2.1\n192.0.2.2\nevil.example.com\n";

fn names(events: &[Event]) -> Vec<&str> {
    events.iter().map(|event| event.name.as_str()).collect()
}

#[tokio::test]
async fn every_item_of_a_small_submission_is_told_then_the_end() {
    for ground in Ground::both().await {
        let server = Server::on(Arc::new(ground), &[], |state| state).await;
        server.list_feed("bad", ("intel", "malicious", 80), "evil.example.com\n").await;
        let path = path_of(&server.submit("", "text/plain", LINES).await.json());
        let (one, other) =
            (server.events(&path, "", None).await, server.events(&path, "?after=0", None).await);
        server.work();
        let events = one.rest().await;
        assert_eq!(names(&events), ["item", "item", "item", "done"]);
        assert_eq!(other.rest().await, events);
        let submission = server.get(&path).await.json();
        // One commit judged them all: the last of it has its number.
        assert_eq!(
            events.iter().map(|event| event.id).collect::<Vec<_>>(),
            [None, None, submission["seq"].as_i64(), submission["seq"].as_i64()]
        );
        assert_eq!(events[3].data, submission);
        let told: Vec<Value> = events[..3].iter().map(|event| event.data.clone()).collect();
        assert_eq!(told, server.all(&format!("{path}/items"), "items", 9).await);
        assert_eq!(fields(&told, "/verdict/stance"), ["unknown", "unknown", "malicious"]);
    }
}

#[tokio::test]
async fn who_comes_back_gets_what_it_does_not_have() {
    let server = Server::working(Ground::embedded().await).await;
    let path = server.finished_lines(LINES).await;
    let all = server.follow(&path, "").await;
    assert_eq!(names(&all), ["item", "item", "item", "done"]);
    let last = all[3].id.unwrap();
    // Broken off inside the commit: it is told whole again. After it: only that it ended.
    assert_eq!(server.events(&path, "", Some(last - 1)).await.rest().await, all);
    assert_eq!(server.events(&path, "", Some(last)).await.rest().await, all[3..]);
    assert_eq!(server.follow(&path, &format!("?after={last}")).await, all[3..]);
    // The header is newer than the address the browser keeps.
    assert_eq!(server.events(&path, "?after=0", Some(last)).await.rest().await, all[3..]);
    for (query, header) in [("?after=x", "1"), ("?after=-1", "1"), ("?from=1", "1"), ("", "x"), ("", "-1")] {
        let request = server.request(Method::GET, &format!("{path}/events{query}"));
        server.send(request.header("Last-Event-ID", header)).await.is_problem(400, "invalid_parameter");
    }
}

#[tokio::test]
async fn a_cancellation_is_an_end_too() {
    for ground in Ground::both().await {
        let server = Server::on(Arc::new(ground), &[], |state| state).await;
        let path = path_of(&server.submit("", "text/plain", LINES).await.json());
        let events = server.events(&path, "", None).await;
        assert_eq!(server.send(server.request(Method::POST, &format!("{path}/cancel"))).await.status, 200);
        let events = events.rest().await;
        assert_eq!(names(&events), ["done"]);
        assert_eq!(events[0].data["state"], "cancelled");
    }
}

/// A cancelled submission's rows are closed some thousand at a time: it has not ended before all of them are.
#[tokio::test]
async fn a_cancellation_ends_with_the_counts_that_stay() {
    let server = Server::on(Arc::new(Ground::production().await), &[], |state| state).await;
    let path = path_of(&server.submit("", "text/plain", LINES).await.json());
    let held = server.ground.rows.hold("SELECT id FROM chunks FOR UPDATE").await;
    let cancel = server.send(server.request(Method::POST, &format!("{path}/cancel")));
    let follow = async {
        server.until(&path, |submission| submission["state"] == "cancelled").await;
        let events = server.events(&path, "", None).await;
        held.commit_once_awaited().await;
        events.rest().await
    };
    let (cancelled, events) = tokio::join!(cancel, follow);
    assert_eq!(names(&events), ["done"]);
    assert_eq!((&events[0].data, &events[0].data["cancelled"]), (&cancelled.json(), &json!(3)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_submission_tells_its_progress_on_another_server() {
    // Rows and rings alone join the two: the work is done beside the first, the stream comes from the second.
    let ground = Arc::new(Ground::production().await);
    let worker = Server::on(Arc::clone(&ground), &[], |state| state).await;
    let other = Server::on(ground, &[], |state| state).await;
    let lines = hosts(12_000).join("\n");
    let path = path_of(&worker.submit("", "text/plain", lines).await.json());
    let mut events = other.events(&path, "", None).await;
    let first = events.next().await.unwrap();
    assert_eq!((first.name.as_str(), &first.data["done"]), ("progress", &json!(0)));
    worker.work();
    let rest = events.rest().await;
    let (done, progress) = rest.split_last().unwrap();
    assert!(progress.iter().all(|event| event.name == "progress"), "{progress:?}");
    let ids: Vec<i64> = std::iter::once(&first).chain(progress).map(|event| event.id.unwrap()).collect();
    assert!(ids.is_sorted_by(|a, b| a < b), "{ids:?}");
    assert_eq!((done.name.as_str(), &done.data["done"]), ("done", &json!(12_000)));
    assert_eq!(done.data, other.get(&path).await.json());
    let last = done.id.unwrap();
    assert_eq!(names(&other.events(&path, "", Some(last - 1)).await.rest().await), ["progress", "done"]);
    assert_eq!(names(&other.events(&path, "", Some(last)).await.rest().await), ["done"]);
}

#[tokio::test]
async fn a_server_that_stops_lets_go_of_its_streams() {
    let server = Server::start().await;
    let path = path_of(&server.submit("", "text/plain", LINES).await.json());
    let events = server.events(&path, "", None).await;
    server.stop().await.unwrap();
    assert!(events.rest().await.is_empty());
}
