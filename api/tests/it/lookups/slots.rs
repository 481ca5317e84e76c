//! How often at once, how soon again, and until when: what a source is asked beyond the answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use aggregator_entities::domain::{Kind, Outcome, Relation, Stance};
use aggregator_sources::remote::{Answer, Limit};
use serde_json::json;

use super::double::{Double, ends, leads_to, remote, says, serving};
use crate::harness::{Ground, Server};
use crate::submissions::client::{fields, hosts, path_of};

#[tokio::test]
async fn a_source_is_never_called_more_often_at_once_than_it_allows() {
    for ground in Ground::both().await {
        let calling = Arc::new(Double::new("busy", |_, _| ends(Outcome::NotFound)).paced());
        let server = serving(ground, &[Arc::clone(&calling)]).await;
        server.work_with(remote(&[Arc::clone(&calling)]));
        server.finished("?playbook=keyless", "text/plain", hosts(400).join("\n")).await;
        assert_eq!(calling.calls().into_values().collect::<Vec<_>>(), vec![1; 400]);
        let most = calling.most_at_once();
        // Bulk leaves one of the eight to those who wait.
        assert!((2..=7).contains(&most), "{most} at once");
    }
}

/// A cancelled call goes on until its service answers: its slot is nobody else's until then, and whoever waits on it waits on.
#[tokio::test]
async fn a_cancellation_frees_no_slot_and_doubles_no_call() {
    for ground in Ground::both().await {
        let slow = Arc::new(Double::new("slow", |_, _| ends(Outcome::NotFound)).paced().closed());
        let server = serving(ground, &[Arc::clone(&slow)]).await;
        let lines = hosts(140).join("\n");
        let first = path_of(&server.submit("?playbook=keyless", "text/plain", lines.clone()).await.json());
        while slow.calls().len() < 7 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        // The same again, and others: some wait on what is called, some on what is not.
        let again = path_of(&server.submit("?playbook=keyless", "text/plain", lines).await.json());
        server.until(&format!("{again}/items/139"), |item| item["item"]["state"] == "looking_up").await;
        let cancel = server.request(reqwest::Method::POST, &format!("{first}/cancel"));
        assert_eq!(server.send(cancel).await.json()["state"], "cancelled");
        // Once somebody who waits has got the one slot that bulk leaves, sources were looked at after the cancellation.
        server.submit("?playbook=keyless", "text/plain", "waits.example.org\n").await;
        while !slow.calls().contains_key("waits.example.org") {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(slow.calls().len(), 8);
        slow.gate.add_permits(1_000);
        server.until(&again, |submission| submission["state"] == "done").await;
        assert_eq!(server.get(&again).await.json()["done"], 140);
        assert_eq!(slow.calls().into_values().collect::<Vec<_>>(), vec![1; 141]);
        assert!(slow.most_at_once() <= 8, "{} at once", slow.most_at_once());
        assert_eq!(server.get(&first).await.json()["cancelled"], 140);
    }
}

/// A slow source is shared by submissions, not given to whoever came first.
#[tokio::test]
async fn a_later_submission_does_not_wait_for_a_slow_source_to_finish_an_earlier_one() {
    const LIMITS: &[Limit] = &[Limit { calls: 20, window: Duration::from_secs(1) }];
    for ground in Ground::both().await {
        let slow = Arc::new(Double::new("slow", |_, _| ends(Outcome::NotFound)).limited(LIMITS));
        let server = serving(ground, &[Arc::clone(&slow)]).await;
        let first =
            path_of(&server.submit("?playbook=keyless", "text/plain", hosts(90).join("\n")).await.json());
        while slow.calls().len() < 3 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let later = "x.example.org\ny.example.org\nz.example.org\n";
        server.finished("?playbook=keyless", "text/plain", later).await;
        let left = server.get(&first).await.json();
        assert!(left["done"].as_i64() < Some(45), "{left}");
    }
}

#[tokio::test]
async fn a_used_up_quota_is_waited_for() {
    for ground in Ground::both().await {
        let calls = Arc::new(std::sync::Mutex::new(Vec::new()));
        let seen = Arc::clone(&calls);
        let spent = Arc::new(Double::new("spent", move |_, _| {
            seen.lock().unwrap().push(Instant::now());
            Answer { retry_after: Some(Duration::from_secs(2)), ..says(Stance::Benign, 50) }
        }));
        let server = serving(ground, &[spent]).await;
        server.finished("?playbook=keyless", "text/plain", "a.example.com\n").await;
        server.finished("?playbook=keyless", "text/plain", "b.example.com\n").await;
        let calls = calls.lock().unwrap().clone();
        let apart = calls[1].duration_since(calls[0]);
        assert!(calls.len() == 2 && apart >= Duration::from_secs(2), "{apart:?}");
    }
}

#[tokio::test]
async fn a_source_that_stays_broken_is_given_up() {
    for ground in Ground::both().await {
        let broken = Arc::new(Double::new("broken", |_, _| ends(Outcome::Unavailable)));
        let patience = [("AGGREGATOR_SOURCES_PATIENCE_SECONDS", "1")];
        let server = Server::on(Arc::new(ground), &patience, |state| state).await;
        server.work_with(remote(&[Arc::clone(&broken)]));
        let done = server.finished("?playbook=keyless", "text/plain", hosts(200).join("\n")).await;
        assert_eq!((&done["done"], &done["verdicts"]["unknown"]), (&json!(200), &json!(200)));
        let letters = server.all("/api/v1/dead-letters", "dead_letters", 100).await;
        assert_eq!(letters.len(), 200);
        assert!(fields(&letters, "/outcome").iter().all(|outcome| outcome == "unavailable"));
        // What was under way when it broke, and a probe now and then.
        let calls: u32 = broken.calls().into_values().sum();
        assert!(calls < 60, "{calls} calls of a broken source");
    }
}

#[tokio::test]
async fn answers_read_in_an_older_way_are_asked_for_again() {
    for ground in Ground::both().await {
        let ground = Arc::new(ground);
        for (version, calls) in [(1, 1), (1, 0), (2, 1), (2, 0)] {
            let double = Arc::new(Double::new("versioned", |_, _| ends(Outcome::Found)).version(version));
            let server = Server::on(Arc::clone(&ground), &[], |state| state).await;
            server.work_with(remote(&[Arc::clone(&double)]));
            server.finished("?playbook=keyless", "text/plain", "example.com\n").await;
            assert_eq!(double.calls().values().sum::<u32>(), calls, "version {version}");
        }
    }
}

#[tokio::test]
async fn what_is_known_is_followed_as_if_it_had_just_been_said() {
    for ground in Ground::both().await {
        let names = Arc::new(Double::new("names", |indicator, _| match indicator.kind() {
            Kind::Url => leads_to(Relation::HasHost, Kind::Domain, &["a.example.com"]),
            Kind::Domain => Answer {
                opinion: says(Stance::Suspicious, 50).opinion,
                ..leads_to(Relation::ResolvesTo, Kind::Ipv4, &["192.0.2.1", "192.0.2.2", "192.0.2.3"])
            },
            _ => ends(Outcome::NotFound),
        }));
        let server = serving(ground, &[Arc::clone(&names)]).await;
        let definition = r#"{"sources":"keyless","max_depth":2,"max_derived":3,
            "follow":[{"relation":"has_host"},{"relation":"resolves_to","at_least":"suspicious"}]}"#;
        server.define_playbook("known", definition).await;
        let mut found = Vec::new();
        for _ in 0..2 {
            let done = server.finished("?playbook=known", "text/plain", "http://a.example.com/x\n").await;
            assert_eq!((&done["total"], &done["done"]), (&json!(4), &json!(4)), "{done}");
            let items = server.all(&format!("{}/items", path_of(&done)), "items", 3).await;
            let chain: Vec<_> = items
                .iter()
                .map(|item| (item["value"].clone(), item["depth"].clone(), item["derived_from"].clone()))
                .collect();
            found.push(chain);
        }
        assert_eq!(found[0], found[1]);
        assert_eq!(names.calls().values().sum::<u32>(), 4, "the second time nobody is asked");
    }
}

/// The first of many items does not use up what all of them may lead to, neither by what is asked nor by what is known.
#[tokio::test]
async fn each_item_sent_has_a_budget_of_its_own() {
    const HOPS: [[&str; 3]; 3] = [
        ["192.0.2.1", "192.0.2.2", "192.0.2.3"],
        ["198.51.100.1", "198.51.100.2", "198.51.100.3"],
        ["203.0.113.1", "203.0.113.2", "203.0.113.3"],
    ];
    for ground in Ground::both().await {
        let names = Arc::new(Double::new("names", |indicator, _| {
            let n = indicator.value().bytes().find(|byte| matches!(byte, b'0'..=b'2')).unwrap_or(b'0');
            match indicator.kind() {
                Kind::Domain if indicator.value().starts_with("host") => {
                    leads_to(Relation::ResolvesTo, Kind::Ipv4, &HOPS[usize::from(n - b'0')])
                }
                Kind::Ipv4 => {
                    let name = format!("name-{}.example.org", indicator.value().replace('.', "-"));
                    leads_to(Relation::ReverseName, Kind::Domain, &[&name])
                }
                _ => ends(Outcome::NotFound),
            }
        }));
        let server = serving(ground, &[Arc::clone(&names)]).await;
        let definition = r#"{"sources":"keyless","max_depth":2,"max_derived":100,"max_per_root":4,
            "follow":[{"relation":"resolves_to"},{"relation":"reverse_name"}]}"#;
        server.define_playbook("shared", definition).await;
        for _ in 0..2 {
            let done = server.finished("?playbook=shared", "text/plain", hosts(3).join("\n")).await;
            assert_eq!((&done["total"], &done["derived"]), (&json!(15), &json!(12)), "{done}");
            let items = server.all(&format!("{}/items", path_of(&done)), "items", 100).await;
            let of = |depth: i64| items.iter().filter(|item| item["depth"] == depth).count();
            assert_eq!((of(1), of(2)), (9, 3), "three addresses each, and one name behind one of them");
        }
    }
}

/// Counts callers at once.
#[derive(Debug, Default)]
pub(super) struct AtOnce {
    now: AtomicUsize,
    most: AtomicUsize,
}

impl AtOnce {
    pub(super) fn enter(&self) {
        let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
    }

    /// A call takes a moment.
    pub(super) async fn leave(&self) {
        tokio::time::sleep(Duration::from_millis(5)).await;
        self.now.fetch_sub(1, Ordering::SeqCst);
    }

    pub(super) fn most(&self) -> usize {
        self.most.load(Ordering::SeqCst)
    }
}
