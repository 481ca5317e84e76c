//! How often at once, how soon again, and until when: what a source is asked beyond the answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use aggregator_entities::domain::{Kind, Outcome, Relation, Stance};
use aggregator_sources::remote::Answer;
use aggregator_worker::RemoteOptions;
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
        let server = Server::on(Arc::new(ground), &[], |state| state).await;
        let patience = Duration::from_secs(1);
        server.work_with(RemoteOptions { patience, ..remote(&[Arc::clone(&broken)]) });
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

/// Counts callers at once.
#[derive(Debug, Default)]
pub(super) struct AtOnce {
    now: AtomicUsize,
    most: AtomicUsize,
}

impl AtOnce {
    /// A call that takes a moment.
    pub(super) async fn pass(&self) {
        let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(5)).await;
        self.now.fetch_sub(1, Ordering::SeqCst);
    }

    pub(super) fn most(&self) -> usize {
        self.most.load(Ordering::SeqCst)
    }
}
