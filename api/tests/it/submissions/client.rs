//! What every test of submissions does: submit, read all pages, bring a list, wait for rows to go.

use std::path::PathBuf;
use std::time::Duration;

use aggregator_entities::repositories::playbooks;
use aggregator_sources::feeds::refresh::FetchLimits;
use aggregator_worker::feeds::FeedKeeper;
use reqwest::{Body, Method};
use serde_json::Value;

use crate::harness::{Answer, Server};

pub(crate) const SUBMISSIONS: &str = "/api/v1/submissions";

impl Server {
    pub(crate) async fn submit(&self, query: &str, media_type: &str, body: impl Into<Body>) -> Answer {
        let request = self.request(Method::POST, &format!("{SUBMISSIONS}{query}"));
        self.send(request.header("content-type", media_type).body(body)).await
    }

    /// Submits and waits for the end; the submission.
    pub(crate) async fn finished(&self, query: &str, media_type: &str, body: impl Into<Body>) -> Value {
        let joined = if query.is_empty() { "?wait=60".to_owned() } else { format!("{query}&wait=60") };
        let answer = self.submit(&joined, media_type, body).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let submission = answer.json();
        assert_eq!(submission["state"], "done", "{submission}");
        assert_eq!(answer.header("location"), format!("{SUBMISSIONS}/{}", submission["id"]));
        submission
    }

    /// Submits lines and waits for the end; the submission's path.
    pub(crate) async fn finished_lines(&self, lines: &str) -> String {
        path_of(&self.finished("", "text/plain", lines.to_owned()).await)
    }

    /// Every page of a list, joined; `limit` entries a page.
    pub(crate) async fn all(&self, path: &str, field: &str, limit: usize) -> Vec<Value> {
        let joint = if path.contains('?') { '&' } else { '?' };
        let (mut all, mut cursor) = (Vec::new(), String::new());
        loop {
            let answer = self.get(&format!("{path}{joint}limit={limit}{cursor}")).await;
            assert_eq!(answer.status, 200, "{answer:?}");
            let page = answer.json();
            let entries = page[field].as_array().unwrap();
            assert!(entries.len() <= limit, "{page}");
            all.extend(entries.iter().cloned());
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return all,
            }
        }
    }

    /// Makes a list known whose entries are these lines.
    pub(crate) async fn list_feed(
        &self,
        slug: &str,
        (role, stance, confidence): (&str, &str, u8),
        lines: &str,
    ) {
        let generations = self.folder.path().join("generations");
        let file: PathBuf = self.folder.path().join(format!("{slug}.txt"));
        std::fs::write(&file, lines).unwrap();
        let keeper = FeedKeeper {
            database: &self.database,
            doorbell: self.backends.doorbell(),
            folder: &generations,
            limits: FetchLimits::default(),
        };
        let definition = format!(
            "slug = '{slug}'\nname = 'List {slug}'\nprovider = 'tests'\nlocation = '{}'\nlicence = 'none'\nrole = '{role}'\n\
             refresh_seconds = 3600\nmin_rows = 1\n[format]\ntype = 'plain'\n[opinion]\nstance = '{stance}'\n\
             confidence = {confidence}\n",
            file.display()
        );
        let feed = keeper.define(&definition).await.unwrap_or_else(|error| panic!("{error}"));
        let run = keeper.import(&feed, file, true).await.unwrap();
        assert_eq!(run.reason, None, "{run:?}");
    }

    /// Makes a playbook known.
    pub(crate) async fn define_playbook(&self, slug: &str, definition: &str) {
        let playbook = serde_json::from_str(definition).unwrap();
        playbooks::define(&self.database, (slug, slug), &playbook).await.unwrap();
    }

    /// Waits until what a path shows is as wanted.
    pub(crate) async fn until(&self, path: &str, wanted: impl Fn(&Value) -> bool) {
        while !wanted(&self.get(path).await.json()) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until a table holds what is wanted: something another process does in its own time.
    pub(crate) async fn until_count(&self, table: &str, wanted: impl Fn(i64) -> bool) {
        loop {
            if wanted(self.ground.rows.count(table).await) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

pub(crate) fn path_of(submission: &Value) -> String {
    format!("{SUBMISSIONS}/{}", submission["id"])
}

/// So many distinct names, the first `host0.example.com`.
pub(crate) fn hosts(count: u32) -> Vec<String> {
    (0..count).map(|n| format!("host{n}.example.com")).collect()
}

/// One field of every entry, as text.
pub(crate) fn fields(entries: &[Value], pointer: &str) -> Vec<String> {
    entries
        .iter()
        .map(|entry| match entry.pointer(pointer) {
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => panic!("no {pointer} in {entry}"),
        })
        .collect()
}
