//! What every list that is walked by a key does: it comes from either end, page by page, under each filter, and refuses what it
//! does not take. Those of named things are in `surface`.

use std::sync::Arc;

use aggregator_entities::domain::{Outcome, Stance};
use aggregator_entities::repositories::tasks;
use aggregator_entities::repositories::workers::{self, WorkerBeat};
use reqwest::Method;
use serde_json::json;

use crate::harness::{Ground, Server};
use crate::lookups::double::{Double, ends, says, serving};
use crate::submissions::client::{SUBMISSIONS, fields, hosts, path_of};

/// A list, and what it takes.
struct List<'a> {
    /// Where it is, perhaps with a question that has to be asked.
    path: &'a str,
    /// The field of a page with the entries.
    field: &'a str,
    /// What tells its entries apart.
    identity: &'a str,
    /// What it is sorted by; each with its `-` twin.
    keys: &'a [&'a str],
    /// The order when none is asked for.
    usual: &'a str,
    /// Filters that leave some entries and take others away.
    filters: &'a [&'a str],
}

impl List<'_> {
    fn asked(&self, query: &str) -> String {
        format!("{}{}{query}", self.path, if self.path.contains('?') { '&' } else { '?' })
    }

    async fn walked(&self, server: &Server, query: &str, limit: usize) -> Vec<String> {
        fields(&server.all(&self.asked(query), self.field, limit).await, self.identity)
    }

    async fn is_walked_from_either_end(&self, server: &Server) {
        let all = self.walked(server, "", 1_000).await;
        assert!(all.len() > 2, "{}: {all:?}", self.path);
        assert_eq!(self.walked(server, &format!("sort={}", self.usual), 1_000).await, all, "{}", self.path);
        for filter in [""].iter().chain(self.filters) {
            for key in self.keys {
                let place = format!("{} {key} {filter}", self.path);
                let forwards = self.walked(server, &format!("sort={key}{filter}"), 2).await;
                let whole = self.walked(server, &format!("sort={key}{filter}"), 1_000).await;
                let mut backwards = self.walked(server, &format!("sort=-{key}{filter}"), 2).await;
                backwards.reverse();
                assert_eq!((&forwards, &backwards), (&whole, &whole), "{place}");
                let is_part =
                    if filter.is_empty() { whole.len() == all.len() } else { whole.len() < all.len() };
                assert!(!whole.is_empty() && is_part, "{place}: {whole:?} of {all:?}");
            }
        }
        self.refuses_what_it_does_not_take(server).await;
    }

    async fn refuses_what_it_does_not_take(&self, server: &Server) {
        let detail = server.get(&self.asked("sort=size")).await.is_problem(400, "invalid_parameter");
        for key in self.keys {
            assert!(
                detail.contains(&format!("`{key}`")) && detail.contains(&format!("`-{key}`")),
                "{detail}"
            );
        }
        let key = self.keys[0];
        for query in ["limit=0", "limit=1001", "nmae=x", &format!("sort={key}&sort=-{key}")] {
            server.get(&self.asked(query)).await.is_problem(400, "invalid_parameter");
        }
        // A cursor is one of its list, filter and order.
        let page = server.get(&self.asked(&format!("sort={key}&limit=1"))).await.json();
        let cursor = page["next"].as_str().unwrap();
        let next = server.get(&self.asked(&format!("sort={key}&limit=2&cursor={cursor}"))).await;
        assert_eq!(next.status, 200, "{next:?}");
        let others = self.filters.iter().map(|filter| format!("sort={key}{filter}&cursor={cursor}"));
        for query in
            others.chain([format!("sort=-{key}&cursor={cursor}"), format!("cursor={}", &cursor[2..])])
        {
            server.get(&self.asked(&query)).await.is_problem(400, "cursor_invalid");
        }
    }
}

#[tokio::test]
async fn what_was_sent_and_what_is_to_be_done() {
    for ground in Ground::both().await {
        let server = Server::on(Arc::new(ground), &[], |state| state).await;
        let lines =
            "a.example.com\n192.0.2.1\none\nb.example.com\ntwo\n192.0.2.2\nthree\nc.example.com\nfour\n";
        let mut paths = Vec::new();
        for _ in 0..7 {
            let made = server.submit("", "text/plain", lines).await;
            paths.push(path_of(&made.json()));
        }
        for path in &paths[2..5] {
            let cancelled = server.send(server.request(Method::POST, &format!("{path}/cancel"))).await;
            assert_eq!(cancelled.status, 200, "{cancelled:?}");
        }
        for n in 0..7 {
            let kind = if n % 2 == 0 { "dance" } else { "purge_submission" };
            let payload = json!({ "submission": 4_000 + n });
            assert!(tasks::add(&server.database, kind, &format!("{kind}:{n}"), &payload).await.unwrap());
        }
        let filters = ["&state=cancelled", "&state=running"];
        let list = List {
            path: SUBMISSIONS,
            field: "submissions",
            identity: "/id",
            keys: &["created_at"],
            usual: "-created_at",
            filters: &filters,
        };
        list.is_walked_from_either_end(&server).await;
        let list = List {
            path: "/api/v1/tasks",
            field: "tasks",
            filters: &["&kind=dance", "&kind=purge_submission&state=queued"],
            ..list
        };
        list.is_walked_from_either_end(&server).await;
        let list = List {
            path: &format!("{}/items", paths[0]),
            field: "items",
            identity: "/ordinal",
            keys: &["ordinal"],
            usual: "ordinal",
            filters: &["&kind=domain", "&prefix=192.0.2."],
        };
        list.is_walked_from_either_end(&server).await;
        // `from` is where it begins, whichever way it goes.
        for (query, ordinals) in [("from=2", ["2", "3", "4"]), ("sort=-ordinal&from=2", ["2", "1", "0"])] {
            assert_eq!(list.walked(&server, query, 2).await[..3], ordinals, "{query}");
        }
        let list = List {
            path: &format!("{}/rejects", paths[0]),
            field: "rejects",
            identity: "/line",
            keys: &["line"],
            usual: "line",
            filters: &[],
        };
        list.is_walked_from_either_end(&server).await;
    }
}

#[tokio::test]
async fn who_works_and_what_is_ignored() {
    for ground in Ground::both().await {
        let server = Server::on(Arc::new(ground), &[], |state| state).await;
        for name in ["d", "a", "e", "B", "c"] {
            let beat = WorkerBeat {
                name: name.to_owned(),
                version: "9.9.9".to_owned(),
                slots: 1,
                running: 0,
                finished: 0,
                stale_refused: 0,
                alone: false,
            };
            workers::beat(&server.database, &beat).await.unwrap();
        }
        // Those who live do so for an hour, however slow the test; two started at once.
        for (names, seen_at, started_at) in
            [("'a', 'B', 'd'", "seen_at + 3600000000", 7), ("'c', 'e'", "1", 5)]
        {
            let row = format!(
                "UPDATE workers SET seen_at = {seen_at}, started_at = {started_at} WHERE name IN ({names})"
            );
            server.ground.rows.execute(&row).await;
        }
        let list = List {
            path: "/api/v1/workers",
            field: "workers",
            identity: "/name",
            keys: &["alive", "name", "started_at"],
            usual: "alive",
            filters: &[],
        };
        list.is_walked_from_either_end(&server).await;
        for (sort, names) in [
            ("alive", ["B", "a", "d", "c", "e"]),
            ("name", ["B", "a", "c", "d", "e"]),
            ("started_at", ["c", "e", "B", "a", "d"]),
        ] {
            assert_eq!(list.walked(&server, &format!("sort={sort}"), 2).await, names, "{sort}");
        }

        let made = server
            .post_json(
                "/api/v1/ignore-lists",
                json!({"slug": "ours", "name": "Ours", "action": "refuse"}).to_string(),
            )
            .await;
        assert_eq!(made.status, 201, "{made:?}");
        let lines = hosts(5)
            .into_iter()
            .chain(["192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"].map(str::to_owned));
        let entries: Vec<_> = lines.map(|value| json!({ "value": value })).collect();
        let added = server
            .post_json("/api/v1/ignore-lists/ours/entries", json!({ "entries": entries }).to_string())
            .await;
        assert_eq!(added.json()["added"], 8, "{added:?}");
        let list = List {
            path: "/api/v1/ignore-lists/ours/entries",
            field: "entries",
            identity: "/id",
            keys: &["id"],
            usual: "id",
            filters: &["&mode=cidr", "&search=HOST"],
        };
        list.is_walked_from_either_end(&server).await;
        assert!(list.walked(&server, "", 3).await.is_sorted());
    }
}

#[tokio::test]
async fn what_was_asked_and_found() {
    for ground in Ground::both().await {
        // Fewer failures than open a breaker.
        let failing = |slug, host: &'static str| {
            Arc::new(Double::new(slug, move |asked, _| {
                let fails = asked.value().starts_with(host);
                if fails { ends(Outcome::Unauthorised) } else { says(Stance::Unknown, 0) }
            }))
        };
        let known = Arc::new(Double::new("known", |_, _| says(Stance::Benign, 50)));
        let doubles = [failing("broken", "host0."), failing("failing", "host1."), known];
        let server = serving(ground, &doubles).await;
        let mut sent = Vec::new();
        for n in 0..3 {
            let names: Vec<String> = (0..5).map(|host| format!("host{host}.s{n}.example.com")).collect();
            let lines = format!("{}\nhttps://host2.example.com/{n}\n192.0.2.1\n", names.join("\n"));
            sent.push(server.finished("?playbook=keyless", "text/plain", lines).await);
        }
        let lookups = List {
            path: "/api/v1/lookups",
            field: "lookups",
            identity: "/id",
            keys: &["created_at"],
            usual: "-created_at",
            filters: &["&source=known", "&state=dead", "&outcome=unauthorised&source=broken"],
        };
        lookups.is_walked_from_either_end(&server).await;
        let of_one = format!("/api/v1/lookups?submission={}", sent[0]["id"]);
        let of_submission = List {
            path: &of_one,
            keys: &["ordinal"],
            usual: "ordinal",
            filters: &["&source=known", "&state=dead"],
            ..lookups
        };
        of_submission.is_walked_from_either_end(&server).await;
        // What the one is sorted by the other is not.
        for query in [lookups.asked("sort=ordinal"), of_submission.asked("sort=-created_at")] {
            let detail = server.get(&query).await.is_problem(400, "invalid_parameter");
            assert!(detail.contains("sorted by `"), "{detail}");
        }
        let letters = List {
            path: "/api/v1/dead-letters",
            field: "dead_letters",
            filters: &["&source=failing"],
            ..lookups
        };
        letters.is_walked_from_either_end(&server).await;
        let items = List {
            path: &format!("{}/items", path_of(&sent[0])),
            field: "items",
            identity: "/ordinal",
            keys: &["ordinal"],
            usual: "ordinal",
            filters: &["&kind=domain", "&domain=host0.s0.example.com", "&value=192.0.2.1"],
        };
        items.is_walked_from_either_end(&server).await;
        let found = server.get("/api/v1/indicators?value=192.0.2.1").await.json();
        let history = List {
            path: &format!("/api/v1/indicators/{}/history", found["indicators"][0]["id"].as_str().unwrap()),
            field: "sightings",
            identity: "/submission_id",
            filters: &[],
            ..lookups
        };
        history.is_walked_from_either_end(&server).await;
        for path in ["/api/v1/indicators?prefix=h", "/api/v1/indicators?domain=example.com"] {
            let indicators = List {
                path,
                field: "indicators",
                identity: "/value",
                keys: &["natural"],
                usual: "natural",
                filters: &["&kind=domain"],
            };
            // Only one of the two finds something else.
            let filters = if path.contains("prefix") { indicators.filters } else { &[] };
            List { filters, ..indicators }.is_walked_from_either_end(&server).await;
        }
        let sources = List {
            path: "/api/v1/queues/sources",
            field: "sources",
            identity: "/source",
            keys: &["source", "queued", "in_flight", "dead"],
            usual: "source",
            filters: &["&search=K", "&search=failing"],
        };
        sources.is_walked_from_either_end(&server).await;
        server.get(&sources.asked("search=%00")).await.is_problem(400, "invalid_parameter");
        // Those in hand are found by another index.
        let taken = "UPDATE lookups SET state = 3, lease_until = 9000000000000000 WHERE state = 7";
        server.ground.rows.execute(taken).await;
        List { filters: &["&state=running"], ..lookups }.is_walked_from_either_end(&server).await;
    }
}

/// With a filter a page looks at so many ids and no further, from whichever end.
#[tokio::test]
async fn a_page_looks_a_bounded_way() {
    for ground in Ground::both().await {
        let server = Server::on(Arc::new(ground), &[], |state| state).await;
        let mut ids = Vec::new();
        for _ in 0..4 {
            ids.push(server.submit("", "text/plain", "192.0.2.1\n").await.json()["id"].as_i64().unwrap());
        }
        let far = format!("UPDATE submissions SET id = id + 500000 WHERE id > {}", ids[1]);
        server.ground.rows.execute(&far).await;
        let expected: Vec<String> =
            [ids[0], ids[1], ids[2] + 500_000, ids[3] + 500_000].map(|id| id.to_string()).into();
        for (sort, first) in [("created_at", &expected[..2]), ("-created_at", &expected[2..])] {
            let query = format!("{SUBMISSIONS}?state=running&sort={sort}");
            let page = server.get(&query).await.json();
            let mut part = fields(page["submissions"].as_array().unwrap(), "/id");
            part.sort();
            assert_eq!((&part[..], page["next"].is_string()), (first, true), "{sort}: {page}");
            let mut all = fields(&server.all(&query, "submissions", 2).await, "/id");
            if sort.starts_with('-') {
                all.reverse();
            }
            assert_eq!(all, expected, "{sort}");
        }
    }
}
