//! Ignore lists through the API, their entries, and what screening makes of them.

use std::fmt::Write;
use std::sync::Arc;

use aggregator_entities::domain::{Outcome, Stance};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Answer, Ground, Server};
use crate::lookups::double::{Double, ends, says, serving};
use crate::submissions::client::path_of;
use crate::submissions::fields;

const LISTS: &str = "/api/v1/ignore-lists";
const OURS: &str = "/api/v1/ignore-lists/ours";
const KEEP: [&str; 4] = ["name", "description", "enabled", "action"];

fn ours() -> Value {
    json!({"slug": "ours", "name": "Our own", "description": "names", "enabled": true, "action": "refuse"})
}

impl Server {
    /// Makes the list `ours`.
    async fn make_ours(&self) -> Answer {
        let made = self.post_json(LISTS, ours().to_string()).await;
        assert_eq!((made.status, made.header("location")), (201, OURS), "{made:?}");
        made
    }

    async fn import(&self, method: Method, etag: Option<&str>, lines: impl Into<reqwest::Body>) -> Answer {
        let request = self.request(method, &format!("{OURS}/entries")).header("content-type", "text/plain");
        let request = etag.into_iter().fold(request, |request, etag| request.header("if-match", etag));
        self.send(request.body(lines)).await
    }

    async fn add_lines(&self, lines: &str) -> Value {
        let answer = self.import(Method::POST, None, lines.to_owned()).await;
        assert_eq!((answer.status, answer.header("etag")), (200, &*self.etag(OURS).await), "{answer:?}");
        answer.json()
    }

    async fn values(&self, query: &str) -> Vec<String> {
        let mut values = fields(&self.all(&format!("{OURS}/entries{query}"), "entries", 2).await, "/value");
        values.sort();
        values
    }
}

#[tokio::test]
async fn a_list_is_made_read_changed_and_deleted() {
    for ground in Ground::both().await {
        let server = Server::on(Arc::new(ground), &[], |state| state).await;
        let made = server.make_ours().await;
        let mut shown = made.json();
        assert_eq!(shown["entries"], 0);
        for field in ["entries", "created_at", "updated_at"] {
            assert!(shown.as_object_mut().unwrap().remove(field).is_some());
        }
        assert_eq!(shown, ours());
        server.post_json(LISTS, ours().to_string()).await.is_problem(409, "slug_taken");
        server
            .post_json(LISTS, r#"{"slug": "caps", "name": "Caps", "enabled": false, "action": "cap"}"#)
            .await;
        let mut body = ours();
        body.as_object_mut().unwrap().remove("slug");
        server.is_fenced(OURS, &body).await;
        server.is_listed(LISTS, "ignore_lists").await;
        for (query, slugs) in [
            ("?enabled=true", &["ours"][..]),
            ("?enabled=false", &["caps"]),
            ("?action=cap", &["caps"]),
            ("?action=refuse&enabled=false", &[]),
        ] {
            let lists = server.all(&format!("{LISTS}{query}"), "ignore_lists", 1).await;
            assert_eq!(fields(&lists, "/slug"), slugs, "{query}");
        }
        for (field, value) in [
            ("slug", json!("Ours!")),
            ("description", json!("x".repeat(2_001))),
            ("description", json!("\u{0}")),
            ("action", json!("delete")),
            ("enabled", json!("yes")),
            ("entries", json!([])),
        ] {
            let mut wrong = ours();
            wrong[field] = value;
            server.post_json(LISTS, wrong.to_string()).await.is_problem(400, "invalid_body");
        }
        server.add_lines("example.com\n").await;
        server.delete(OURS, None).await.is_problem(428, "precondition_required");
        server.delete(OURS, Some(made.header("etag"))).await.is_problem(412, "precondition_failed");
        let etag = server.etag(OURS).await;
        assert_eq!(server.delete(OURS, Some(&etag)).await.status, 204);
        server.get(OURS).await.is_problem(404, "not_found");
        server.get(&format!("{OURS}/entries")).await.is_problem(404, "not_found");
        server.import(Method::POST, None, "a.example.com").await.is_problem(404, "not_found");
        assert_eq!(server.ground.rows.count("ignore_list_entries").await, 0);
    }
}

#[tokio::test]
async fn entries_are_added_shown_replaced_and_deleted() {
    for ground in Ground::both().await {
        let server = Server::on(Arc::new(ground), &[], |state| state).await;
        server.make_ours().await;
        let lines = "\u{feff}# ours\r\n.Example[.]com # all of it\r\n\n192.0.2.7/24\n/^CVE-2019-/\nhxxp://example[.]org/a\n\
                     10.0.0.0/99\n/(/\n!!\n192.0.2.0/24\n";
        let imported = server.add_lines(lines).await;
        assert_eq!(
            (&imported["read"], &imported["added"], &imported["known"], &imported["rejected"]),
            (&json!(8), &json!(4), &json!(1), &json!(3)),
            "{imported}"
        );
        let rejects = imported["rejects"].as_array().unwrap();
        assert_eq!(fields(rejects, "/line"), ["7", "8", "9"], "{imported}");
        assert_eq!(fields(rejects, "/raw"), ["10.0.0.0/99", "/(/", "!!"]);
        assert!(rejects.iter().all(|reject| !reject["message"].as_str().unwrap().is_empty()));
        let all = ["192.0.2.0/24", "^CVE-2019-", "example.com", "http://example.org/a"];
        assert_eq!(server.values("").await, all);
        assert_eq!(server.values("?mode=cidr").await, ["192.0.2.0/24"]);
        assert_eq!(server.values("?search=EXAMPLE").await, ["example.com", "http://example.org/a"]);
        assert_eq!(server.values("?search=%25").await, [""; 0]);
        assert_eq!(server.get(OURS).await.json()["entries"], 4);

        let json = json!({"entries": [
            {"value": "example.net", "mode": "suffix"}, {"value": "192.0.2.9"}, {"value": "", "mode": "regex"},
            {"value": "a\u{0}bc", "mode": "substring"}, {"value": "x".repeat(8_193), "mode": "regex"},
            {"value": "192.0.2.1", "mode": "suffix"}, {"value": "tr", "mode": "substring"}
        ]});
        let imported = server.post_json(&format!("{OURS}/entries"), json.to_string()).await.json();
        assert_eq!((&imported["read"], &imported["added"]), (&json!(7), &json!(2)), "{imported}");
        assert_eq!(
            fields(imported["rejects"].as_array().unwrap(), "/reason"),
            ["missing_value", "unrecognised", "too_long", "invalid", "bad_pattern"],
        );
        for wrong in [json!({"entries": [{"value": "a", "kind": "x"}]}), json!({"values": []}), json!([])] {
            let answer = server.post_json(&format!("{OURS}/entries"), wrong.to_string()).await;
            answer.is_problem(400, "invalid_body");
        }

        let etag = server.etag(OURS).await;
        server.import(Method::PUT, None, "a.example.com").await.is_problem(428, "precondition_required");
        server.import(Method::PUT, Some("\"1.1\""), "a").await.is_problem(412, "precondition_failed");
        let detail =
            server.import(Method::PUT, Some(&etag), "<html>\n!!\n").await.is_problem(400, "invalid_body");
        assert!(detail.contains("none of 2"), "{detail}");
        assert_eq!(server.etag(OURS).await, etag);
        let replaced = server.import(Method::PUT, Some(&etag), "192.0.2.9\nevil.example.com\n").await;
        assert_eq!((replaced.status, &replaced.json()["added"]), (200, &json!(2)), "{replaced:?}");
        assert_eq!(server.values("").await, ["192.0.2.9", "evil.example.com"]);
        server.import(Method::PUT, Some(&etag), "192.0.2.9").await.is_problem(412, "precondition_failed");

        let entry = server.get(&format!("{OURS}/entries?search=evil")).await.json()["entries"][0].clone();
        let path = format!("{OURS}/entries/{}", entry["id"].as_str().unwrap());
        assert_eq!(server.delete(&path, None).await.status, 204);
        server.delete(&path, None).await.is_problem(404, "not_found");
        server.delete(&format!("{OURS}/entries/x"), None).await.is_problem(404, "not_found");
        assert_eq!(server.values("").await, ["192.0.2.9"]);
        let emptied = server.import(Method::PUT, Some("*"), "").await;
        assert_eq!((emptied.status, &*server.values("").await), (200, &[][..] as &[String]));
        for query in ["?mode=domain", "?search=", "?search=%00", "?limit=0", "?kind=x"] {
            server.get(&format!("{OURS}/entries{query}")).await.is_problem(400, "invalid_parameter");
        }
        server.get(&format!("{OURS}/entries?cursor=00")).await.is_problem(400, "cursor_invalid");
    }
}

#[tokio::test]
async fn a_hundred_thousand_entries_come_in_one_import() {
    for ground in Ground::both().await {
        let double = Arc::new(Double::new("asked", |_, _| ends(Outcome::NotFound)));
        let server = serving(ground, &[Arc::clone(&double)]).await;
        server.make_ours().await;
        let mut lines = String::new();
        for n in 0..100_000 {
            writeln!(lines, "host{n}.example.com").unwrap();
        }
        lines.push_str("no entry at all\n");
        let imported = server.add_lines(&lines).await;
        assert_eq!((&imported["added"], &imported["rejected"]), (&json!(100_000), &json!(1)), "{imported}");
        assert_eq!(imported["rejects"][0]["line"], 100_001);
        assert_eq!(server.add_lines(&lines).await["known"], 100_000);
        assert_eq!(server.get(OURS).await.json()["entries"], 100_000);
        server
            .finished("?playbook=keyless", "text/plain", "host99999.example.com\nhost100000.example.com\n")
            .await;
        assert_eq!(double.calls().into_keys().collect::<Vec<_>>(), ["host100000.example.com"]);
    }
}

#[tokio::test]
async fn more_than_a_list_may_hold_is_refused_and_nothing_is_kept() {
    let server = Server::start().await;
    server.make_ours().await;
    let before = server.etag(OURS).await;
    let expressions: String = (0..1_001).fold(String::new(), |all, n| all + &format!("/^a{n}/\n"));
    let answer = server.import(Method::POST, None, expressions.clone()).await;
    answer.is_problem(413, "too_many_entries");
    assert_eq!(answer.json()["limit"], 1_000);
    let answer = server.import(Method::POST, None, "a\n".repeat(200_001)).await;
    answer.is_problem(413, "too_many_entries");
    assert_eq!(answer.json()["limit"], 200_000);
    let answer = server.import(Method::POST, None, "#".repeat((16 << 20) + 1)).await;
    answer.is_problem(413, "body_too_large");
    let request = server.request(Method::POST, &format!("{OURS}/entries")).header("content-type", "text/csv");
    server.send(request.body("a")).await.is_problem(415, "unsupported_media_type");
    assert_eq!(
        (server.etag(OURS).await, server.get(OURS).await.json()["entries"].clone()),
        (before, json!(0))
    );
    // A thousand fit, and then not one more.
    let thousand = expressions.split_once('\n').unwrap().1.to_owned();
    assert_eq!(server.add_lines(&thousand).await["added"], 1_000);
    server.import(Method::POST, None, "/^b/\nexample.com\n").await.is_problem(413, "too_many_entries");
    assert_eq!(server.get(OURS).await.json()["entries"], 1_000);
}

/// A list that is switched off goes on refusing.
#[tokio::test]
async fn disabled_list_still_applies() {
    for ground in Ground::both().await {
        let double = Arc::new(Double::new("asked", |_, _| says(Stance::Malicious, 90)));
        let server = serving(ground, &[Arc::clone(&double)]).await;
        server.make_ours().await;
        server.add_lines("a.example.com\n192.0.2.0/24\n/^https:/\n").await;
        let lines = "a.example.com\n192.0.2.1\nhttps://b.example.com/\n";
        let refused = server.finished("?playbook=keyless", "text/plain", lines).await;
        assert_eq!((double.calls().len(), &refused["verdicts"]["unknown"]), (0, &json!(3)), "{refused}");
        let item = server.get(&format!("{}/items/0", path_of(&refused))).await.json();
        assert!(item["item"]["verdict"].to_string().contains("Our own"), "{item}");

        server.alter(OURS, &KEEP, json!({"enabled": false})).await;
        let asked = server.finished("?playbook=keyless", "text/plain", lines).await;
        assert_eq!((double.calls().len(), &asked["verdicts"]["malicious"]), (3, &json!(3)), "{asked}");

        // On again, it caps: they are asked about, and nothing is malicious.
        server.alter(OURS, &KEEP, json!({"enabled": true, "action": "cap"})).await;
        let capped = server.finished("?playbook=keyless&max_age=0", "text/plain", lines).await;
        assert_eq!(double.calls().values().sum::<u32>(), 6);
        assert_eq!(capped["verdicts"]["malicious"], 0, "{capped}");

        // Every way to change it is felt at once.
        server.alter(OURS, &KEEP, json!({"action": "refuse"})).await;
        let counted = async |lines: &'static str| {
            let before = double.calls().values().sum::<u32>();
            server.finished("?playbook=keyless&max_age=0", "text/plain", lines).await;
            double.calls().values().sum::<u32>() - before
        };
        assert_eq!(counted("a.example.com\nc.example.com\n").await, 1);
        server.add_lines("c.example.com\n").await;
        assert_eq!(counted("a.example.com\nc.example.com\n").await, 0);
        let entry = server.get(&format!("{OURS}/entries?search=a.example.com")).await.json();
        let id = entry["entries"][0]["id"].as_str().unwrap().to_owned();
        server.delete(&format!("{OURS}/entries/{id}"), None).await;
        assert_eq!(counted("a.example.com\nc.example.com\n").await, 1);
        server.import(Method::PUT, Some("*"), "a.example.com\n").await;
        assert_eq!(counted("a.example.com\nc.example.com\n").await, 1);
        let etag = server.etag(OURS).await;
        server.delete(OURS, Some(&etag)).await;
        assert_eq!(counted("a.example.com\nc.example.com\n").await, 2);
    }
}

/// `google.com` and what is below it is not `google.co`.
#[tokio::test]
async fn google_co() {
    for ground in Ground::both().await {
        let double = Arc::new(Double::new("asked", |_, _| ends(Outcome::NotFound)));
        let server = serving(ground, &[Arc::clone(&double)]).await;
        server.make_ours().await;
        server.add_lines(".google.com\n").await;
        let lines = "google.com\nmail.google.com\nhttps://mail.google.com/x\ngoogle.co\nnotgoogle.com\n\
                     google.com.br\noogle.com\n";
        server.finished("?playbook=keyless", "text/plain", lines).await;
        let asked: Vec<String> = double.calls().into_keys().collect();
        assert_eq!(asked, ["google.co", "google.com.br", "notgoogle.com", "oogle.com"]);
    }
}
