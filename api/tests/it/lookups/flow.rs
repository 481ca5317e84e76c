//! From the submission to the verdict of many voices.

use std::sync::Arc;

use aggregator_entities::domain::{Kind, Outcome, Relation, Stance};
use serde_json::{Value, json};

use super::double::{Double, ends, leads_to, says, serving};
use crate::harness::Ground;
use crate::submissions::client::{SUBMISSIONS, fields, hosts, path_of};

#[tokio::test]
async fn every_chosen_source_is_asked_once_and_heard() {
    for ground in Ground::both().await {
        let bad = Arc::new(Double::new("bad", |_, _| says(Stance::Malicious, 80)));
        let good = Arc::new(Double::new("good", |_, _| says(Stance::Benign, 90)));
        let silent = Arc::new(Double::new("silent", |_, _| ends(Outcome::NotFound)));
        let doubles = [bad, good, silent];
        let server = serving(ground, &doubles).await;
        let lines = hosts(250).join("\n");
        let done = server.finished("?playbook=keyless", "text/plain", lines.clone()).await;
        assert_eq!(
            (&done["done"], &done["verdicts"]["malicious"], &done["total"]),
            (&json!(250), &json!(250), &json!(250)),
            "{done}"
        );
        for double in &doubles {
            assert_eq!(double.calls().into_values().collect::<Vec<_>>(), vec![1; 250]);
        }
        let facets = server.get(&format!("{}/facets", path_of(&done))).await.json();
        assert!(facets.to_string().contains("\"malicious\":250"), "{facets}");
        let item = server.get(&format!("{}/items/7", path_of(&done))).await.json();
        let sources: Vec<_> =
            item["item"]["verdict"]["reasons"].as_array().unwrap().iter().map(|r| &r["source"]).collect();
        assert_eq!(sources, ["bad", "good"], "{item}");
        assert_eq!(
            fields(item["lookups"].as_array().unwrap(), "/source"),
            ["bad", "good", "silent"],
            "{item}"
        );
        assert_eq!(fields(item["lookups"].as_array().unwrap(), "/outcome"), ["found", "found", "not_found"]);

        // Known now: nobody is asked again, and the verdicts are the same.
        let again = server.finished("?playbook=keyless", "text/plain", lines.clone()).await;
        assert_eq!(again["verdicts"], done["verdicts"], "{again}");
        // Unless it is asked for.
        server.finished("?playbook=keyless&max_age=0&sources=good", "text/plain", lines).await;
        let counts = doubles.each_ref().map(|double| double.calls().values().sum::<u32>());
        assert_eq!(counts, [250, 500, 250]);
    }
}

#[tokio::test]
async fn a_failing_source_is_tried_again_and_then_a_dead_letter() {
    for ground in Ground::both().await {
        let flaky = Arc::new(
            Double::new("flaky", |_, before| {
                if before == 0 { ends(Outcome::Unavailable) } else { says(Stance::Suspicious, 50) }
            })
            .paced(),
        );
        let broken = Arc::new(Double::new("broken", |_, _| ends(Outcome::Malformed)));
        let server = serving(ground, &[Arc::clone(&flaky), Arc::clone(&broken)]).await;
        let done = server.finished("?playbook=keyless", "text/plain", "example.com\n").await;
        assert_eq!(done["verdicts"]["suspicious"], 1, "{done}");
        assert_eq!((flaky.calls()["example.com"], broken.calls()["example.com"]), (2, 1));
        let item = server.get(&format!("{}/items/0", path_of(&done))).await.json();
        assert_eq!(fields(item["lookups"].as_array().unwrap(), "/state"), ["dead", "done"], "{item}");
        assert!(item["item"]["verdict"].to_string().contains("did not answer (malformed)"), "{item}");
        // Where its time went: two calls of 5 ms each, and a pause between them.
        let lookup =
            server.get(&format!("/api/v1/lookups?submission={}&source=flaky", done["id"])).await.json();
        let timing = &lookup["lookups"][0]["timing"];
        assert!(
            timing["calling_ms"].as_i64() >= Some(10) && timing["limited_ms"].as_i64() > Some(0),
            "{timing}"
        );
    }
}

#[tokio::test]
async fn answers_are_followed_within_depth_and_budget() {
    for ground in Ground::both().await {
        let names = Arc::new(Double::new("names", |indicator, _| match indicator.kind() {
            Kind::Domain => {
                leads_to(Relation::ResolvesTo, Kind::Ipv4, &["192.0.2.1", "192.0.2.2", "192.0.2.3"])
            }
            _ => leads_to(Relation::ReverseName, Kind::Domain, &["a.example.com", "deeper.example.com"]),
        }));
        let server = serving(ground, &[Arc::clone(&names)]).await;
        server
            .define_playbook(
                "pivot",
                r#"{"sources":"keyless","follow":[{"relation":"resolves_to"},{"relation":"reverse_name"}],"max_depth":2,"max_derived":4}"#,
            )
            .await;
        let done = server.finished("?playbook=pivot", "text/plain", "a.example.com\nb.example.com\n").await;
        let items = server.all(&format!("{}/items", path_of(&done)), "items", 3).await;
        let mut values = fields(&items, "/value");
        values[2..].sort();
        assert_eq!(
            values,
            ["a.example.com", "b.example.com", "192.0.2.1", "192.0.2.2", "192.0.2.3", "deeper.example.com"],
            "{items:?}"
        );
        assert_eq!((&done["total"], &done["done"]), (&json!(6), &json!(6)), "{done}");
        let derived = items.iter().find(|item| item["value"] == "192.0.2.1").unwrap();
        assert_eq!((&derived["depth"], &derived["contexts"]), (&json!(1), &json!([])), "{derived}");
        assert!(derived["derived_from"].is_number(), "{derived}");
        let calls = names.calls();
        assert_eq!(calls.values().sum::<u32>(), 6, "{calls:?}");
        // A re-run begins with what was sent.
        let rerun = server.request(reqwest::Method::POST, &format!("{}/rerun", path_of(&done)));
        let rerun = path_of(&server.send(rerun).await.json());
        server.until(&rerun, |submission| submission["state"] == "done").await;
        let sent: Vec<Value> = server
            .all(&format!("{rerun}/items"), "items", 100)
            .await
            .into_iter()
            .filter(|item| item["depth"] == 0)
            .collect();
        assert_eq!(fields(&sent, "/value"), ["a.example.com", "b.example.com"]);
    }
}

/// Lookups a worker has in hand beyond those it calls: as many as the source takes at once.
const RESERVE: usize = 8;

#[tokio::test]
async fn a_cancelled_submission_asks_nobody_any_more() {
    for ground in Ground::both().await {
        let slow = Arc::new(Double::new("slow", |_, _| ends(Outcome::NotFound)).closed());
        let server = serving(ground, &[Arc::clone(&slow)]).await;
        let submitted = server.submit("?playbook=keyless", "text/plain", hosts(120).join("\n")).await.json();
        let path = path_of(&submitted);
        while slow.calls().len() < 7 {
            tokio::task::yield_now().await;
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        let cancelled =
            server.send(server.request(reqwest::Method::POST, &format!("{path}/cancel"))).await.json();
        assert_eq!(
            (&cancelled["state"], &cancelled["cancelled"], &cancelled["done"]),
            (&json!("cancelled"), &json!(120), &json!(0))
        );
        let asked = slow.calls().len();
        slow.gate.add_permits(1_000);
        // What was under way, or in reserve at the worker, ends; it changes nothing that was told.
        let other = server.finished("?playbook=keyless", "text/plain", "after.example.org\n").await;
        assert_eq!(other["done"], 1);
        assert_eq!(server.get(&path).await.json(), cancelled);
        assert!(slow.calls().len() <= asked + RESERVE + 1, "{asked} {:?}", slow.calls().len());
        assert_eq!(server.all(&format!("{path}/items?state=cancelled"), "items", 100).await.len(), 120);
        assert_eq!(
            server.get(&format!("{SUBMISSIONS}?state=cancelled")).await.json()["submissions"][0],
            cancelled
        );
    }
}

pub(super) const LETTERS: &str = "/api/v1/dead-letters";

/// What dies again while it is replayed is not replayed again: a replay of a source that still fails ends.
#[tokio::test]
async fn a_replay_tries_each_letter_once() {
    for ground in Ground::both().await {
        let broken = Arc::new(Double::new("broken", |indicator, _| {
            // Not held against the source, which would be left alone.
            let is_odd = indicator.value().contains(['1', '3', '5', '7', '9']);
            ends(if is_odd { Outcome::UserError } else { Outcome::NotFound })
        }));
        let server = serving(ground, &[Arc::clone(&broken)]).await;
        let done = server.finished("?playbook=keyless", "text/plain", hosts(1_200).join("\n")).await;
        let letters = server.all(LETTERS, "dead_letters", 100).await.len();
        assert!(letters > 500, "more than one step of a replay: {letters}");
        let replay = server.request(reqwest::Method::POST, &format!("{LETTERS}/replay?source=broken"));
        assert_eq!(server.send(replay).await.json()["moved"], letters);
        server.until(&path_of(&done), |submission| submission["state"] == "done").await;
        let calls: u32 = broken.calls().values().sum();
        assert_eq!(usize::try_from(calls), Ok(1_200 + letters), "each once more");
    }
}

#[tokio::test]
async fn dead_letters_are_listed_replayed_and_discarded() {
    for ground in Ground::both().await {
        let mended = Arc::new(std::sync::atomic::AtomicBool::new(false));
        let well = Arc::clone(&mended);
        let broken = Arc::new(Double::new("broken", move |indicator, _| {
            let hopeless = indicator.value() == "host0.example.com";
            if well.load(std::sync::atomic::Ordering::SeqCst) && !hopeless {
                says(Stance::Malicious, 70)
            } else {
                ends(Outcome::Malformed)
            }
        }));
        let server = serving(ground, &[Arc::clone(&broken)]).await;
        let path = path_of(&server.finished("?playbook=keyless", "text/plain", hosts(5).join("\n")).await);
        let letters = server.all(LETTERS, "dead_letters", 2).await;
        assert_eq!(letters.len(), 5);
        assert!(
            letters
                .iter()
                .all(|letter| letter["outcome"] == "malformed" && letter["reason"] == "it was malformed")
        );
        assert_eq!(
            server.all(&format!("{LETTERS}?outcome=timeout"), "dead_letters", 2).await,
            [] as [Value; 0]
        );
        let moved = |path: String| {
            let request = server.request(reqwest::Method::POST, &path);
            async { server.send(request).await.json()["moved"].clone() }
        };
        assert_eq!(moved(format!("{LETTERS}/replay?source=other")).await, 0);

        mended.store(true, std::sync::atomic::Ordering::SeqCst);
        let one = letters.iter().find(|letter| letter["value"] == "host3.example.com").unwrap();
        assert_eq!(moved(format!("{LETTERS}/replay?id={}", one["id"])).await, 1);
        server.until(&path, |submission| submission["state"] == "done").await;
        assert_eq!(server.get(&path).await.json()["verdicts"]["malicious"], 1);
        assert_eq!(moved(format!("{LETTERS}/replay?outcome=malformed")).await, 4);
        server.until(&path, |submission| submission["state"] == "done").await;
        let done = server.get(&path).await.json();
        assert_eq!(
            (&done["done"], &done["verdicts"]["malicious"], &done["verdicts"]["unknown"]),
            (&json!(5), &json!(4), &json!(1))
        );
        let facets = server.get(&format!("{path}/facets")).await.json();
        assert!(facets.to_string().contains("\"malicious\":4"), "{facets}");
        for (ordinal, lines) in [(0, 1), (3, 1)] {
            let item = server.get(&format!("{path}/items/{ordinal}")).await.json();
            assert_eq!(item["item"]["verdict"]["reasons"].as_array().unwrap().len(), lines, "{item}");
        }
        assert_eq!(moved(format!("{LETTERS}/discard")).await, 1);
        assert_eq!(server.all(LETTERS, "dead_letters", 2).await, [] as [Value; 0]);
    }
}

#[tokio::test]
async fn what_an_answer_leads_to_outlives_the_submission() {
    for ground in Ground::both().await {
        let names = Arc::new(Double::new("names", |indicator, _| match indicator.kind() {
            Kind::Domain => leads_to(Relation::ResolvesTo, Kind::Ipv4, &["192.0.2.77"]),
            _ => ends(Outcome::Malformed),
        }));
        let server = serving(ground, &[names]).await;
        let definition = r#"{"sources":"keyless","follow":[{"relation":"resolves_to"}],"max_depth":1}"#;
        server.define_playbook("pivot", definition).await;
        let path = path_of(&server.finished("?playbook=pivot", "text/plain", "a.example.com\n").await);
        let derived = server.get(&format!("{path}/items/1")).await.json()["item"]["indicator_id"].clone();
        let derived = format!("/api/v1/indicators/{}", derived.as_str().unwrap());
        let deleted = server.send(server.request(reqwest::Method::DELETE, &path)).await;
        assert_eq!(deleted.status, 204, "{deleted:?}");
        server.until_count("submissions", |count| count == 0).await;
        for (table, left) in [("items", 0), ("lookups", 0), ("relations", 1), ("indicators", 2)] {
            assert_eq!(server.ground.rows.count(table).await, left, "{table}");
        }
        // Nobody has a finding about it, and the edge still ends somewhere.
        assert_eq!(server.get(&derived).await.json()["indicator"]["value"], "192.0.2.77");
    }
}
