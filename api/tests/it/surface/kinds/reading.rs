//! Values read as custom kinds, everywhere a value comes in.

use std::sync::Arc;

use aggregator_entities::domain::Outcome;
use aggregator_entities::domain::state::FeedRunState;
use reqwest::Method;
use serde_json::json;

use super::{EMPLOYEE, KEEP, employee, shown, without_slug};
use crate::harness::{Ground, Server};
use crate::lookups::double::{Double, ends, serving};
use crate::submissions::client::path_of;
use crate::submissions::fields;

#[tokio::test]
async fn a_value_is_detected_as_it_is_defined_at_that_moment() {
    for ground in Ground::both().await {
        let server = Server::on(Arc::new(ground), &[], |state| state).await;
        let rejected = json!("unrecognised");
        assert_eq!(server.detected(&[("value", "e-12345")]).await["reason"], rejected);
        server.make_kind(employee()).await;
        assert_eq!(server.detected(&[("value", " \"e-12345\", ")]).await["indicator"], shown("E-12345"));
        // What a built-in kind claims stays that; a name decides.
        assert_eq!(server.detected(&[("value", "192.0.2.1")]).await["indicator"]["kind"], "ipv4");
        for (name, result) in [("employee_id", "detected"), ("custom", "detected"), ("cve", "rejected")] {
            let detection = server.detected(&[("value", "E-12345"), ("kind", name)]).await;
            assert_eq!(detection["result"], result, "{name}");
        }
        for name in ["nobody", "Employee", "", "x"] {
            let path = format!("/api/v1/detect?value=x&kind={name}");
            let detail = server.get(&path).await.is_problem(400, "invalid_parameter");
            assert!(detail.contains("there is no kind"), "{detail}");
            let body = json!({"values": ["x"], "kind": name}).to_string();
            server.post_json("/api/v1/detect", body).await.is_problem(400, "invalid_body");
        }
        let many = json!({"values": ["E-1", "E-00001", "8.8.8.8"]}).to_string();
        let many = server.post_json("/api/v1/detect", many).await.json();
        assert_eq!(
            fields(many["detections"].as_array().unwrap(), "/detection/result"),
            ["rejected", "detected", "detected"]
        );

        // The order among them is theirs to say.
        let mut ticket =
            json!({"slug": "ticket", "name": "Ticket", "pattern": "[A-Z]-[0-9]+", "enabled": true});
        server.make_kind(ticket.clone()).await;
        assert_eq!(server.detected(&[("value", "E-12345")]).await["indicator"]["custom_kind"], "employee_id");
        ticket["priority"] = json!(1);
        server.alter("/api/v1/kinds/ticket", &[], without_slug(ticket)).await;
        assert_eq!(server.detected(&[("value", "E-12345")]).await["indicator"]["custom_kind"], "ticket");
        server.alter("/api/v1/kinds/ticket", &KEEP, json!({"enabled": false})).await;
        assert_eq!(server.detected(&[("value", "E-12345")]).await["indicator"]["custom_kind"], "employee_id");
        server.get("/api/v1/detect?value=x&kind=ticket").await.is_problem(400, "invalid_parameter");
        let etag = server.etag(EMPLOYEE).await;
        server.delete(EMPLOYEE, Some(&etag)).await;
        assert_eq!(server.detected(&[("value", "E-12345")]).await["reason"], rejected);
    }
}

const TEXT: &str = "Köder (e-12345) rief 192[.]0[.]2[.]1:8080, id=E-54321; XE-12345.";

#[tokio::test]
async fn a_text_gives_them_with_the_bytes_they_stand_at() {
    let server = Server::start().await;
    server.make_kind(employee()).await;
    let html = format!("<p>{TEXT}</p>");
    for (media_type, text) in [("text/plain", TEXT), ("text/html", &html)] {
        let request = server.request(Method::POST, "/api/v1/extract").header("content-type", media_type);
        let found = server.send(request.body(text.to_owned())).await.json();
        let indicators = found["indicators"].as_array().unwrap();
        assert_eq!(fields(indicators, "/indicator/value"), ["E-12345", "192.0.2.1", "E-54321"], "{found}");
        assert_eq!(indicators[0]["indicator"], shown("E-12345"));
        for one in indicators {
            let place = |name: &str| usize::try_from(one[name].as_u64().unwrap()).unwrap();
            assert_eq!(&text[place("start")..place("end")], one["raw"].as_str().unwrap());
        }
        assert_eq!(found["counts"], json!([{"kind": "ipv4", "count": 1}, {"kind": "custom", "count": 2}]));
    }
    server.alter(EMPLOYEE, &KEEP, json!({"in_text": false})).await;
    let body = json!({"text": TEXT}).to_string();
    let found = server.post_json("/api/v1/extract", body).await.json();
    assert_eq!(fields(found["indicators"].as_array().unwrap(), "/indicator/kind"), ["ipv4"]);
}

#[tokio::test]
async fn every_way_in_reads_them_to_a_done_item() {
    for ground in Ground::both().await {
        let server = Server::working(ground).await;
        server.make_kind(employee()).await;
        server
            .make_kind(json!({"slug": "day", "name": "Day", "pattern": "[0-9]{8}", "in_text": false}))
            .await;
        let list = json!({"indicators": [
            "e-12345", {"value": "e-12345", "kind": "employee_id"}, {"value": "20240101", "kind": "day"},
            {"value": "E-00007", "kind": "custom"}, {"value": "E-1", "kind": "employee_id"}, "20240101", "8.8.8.8"
        ]});
        for (query, media_type, body, values) in [
            ("", "application/json", list.to_string(), &["E-12345", "20240101", "E-00007", "8.8.8.8"][..]),
            ("", "text/plain", "e-12345\nE-00007\n8.8.8.8\nnonsense\n".to_owned(), &["E-12345", "E-00007", "8.8.8.8"]),
            ("?text=prose", "text/plain", TEXT.to_owned(), &["E-12345", "192.0.2.1", "E-54321"]),
            ("", "text/csv", "who,what\nx,e-12345\n".to_owned(), &[]),
            ("", "text/csv", "x,e-12345\ny,E-54321\n".to_owned(), &["E-12345", "E-54321"]),
            ("?column=2", "text/csv", "who,what\nx,e-12345\n".to_owned(), &["E-12345"]),
            (
                "",
                "application/x-ndjson",
                "\"e-12345\"\n{\"value\": \"20240101\", \"kind\": \"day\"}\n{\"value\": \"8.8.8.8\", \"kind\": \"nobody\"}\n"
                    .to_owned(),
                &["E-12345", "20240101", "8.8.8.8"],
            ),
        ] {
            if values.is_empty() {
                server.submit(query, media_type, body).await.is_problem(400, "invalid_parameter");
                continue;
            }
            let submission = server.finished(query, media_type, body).await;
            let items = server.all(&format!("{}/items", path_of(&submission)), "items", 10).await;
            assert_eq!(fields(&items, "/value"), values, "{media_type}");
            assert!(items.iter().all(|item| item["state"] == "done"), "{items:?}");
            let custom = items.iter().find(|item| item["value"] == "E-12345").unwrap();
            let expected = shown("E-12345");
            for (field, name) in [("indicator_id", "id"), ("kind", "kind"), ("custom_kind", "custom_kind")] {
                assert_eq!(custom[field], expected[name], "{custom}");
            }
            assert_eq!(custom["verdict"], json!({"stance": "unknown", "confidence": 0, "reasons": []}));
            assert_eq!(custom["contexts"][0]["raw"], "e-12345");
        }
        for kind in ["nobody", "Employee", ""] {
            let body = json!({"indicators": ["8.8.8.8", {"value": "E-12345", "kind": kind}]}).to_string();
            let detail = server.submit("", "application/json", body).await.is_problem(400, "invalid_body");
            assert!(detail.contains("at 2") && detail.contains("there is no kind"), "{detail}");
        }
    }
}

#[tokio::test]
async fn they_are_shown_filtered_exported_repeated_and_told() {
    for ground in Ground::both().await {
        let server = Server::working(ground).await;
        server.make_kind(employee()).await;
        server.make_kind(json!({"slug": "ticket", "name": "Ticket", "pattern": "T-[0-9]+"})).await;
        let submission = server.finished("", "text/plain", "E-12345\nT-1\n8.8.8.8\ne-54321\nE-12345\n").await;
        let path = path_of(&submission);
        let items = format!("{path}/items");
        for (query, values) in [
            ("?kind=custom", &["E-12345", "T-1", "E-54321"][..]),
            ("?kind=employee_id", &["E-12345", "E-54321"]),
            ("?kind=ticket", &["T-1"]),
            ("?value=e-12345", &["E-12345"]),
            ("?kind=employee_id&value=e-54321", &["E-54321"]),
            ("?kind=ticket&value=E-12345", &[]),
            ("?kind=custom&value=T-1", &["T-1"]),
            ("?kind=employee_id&prefix=e-1", &["E-12345"]),
            ("?prefix=employee_id:E-5", &["E-54321"]),
            ("?kind=ticket&domain=example.com", &[]),
            ("?kind=employee_id&verdict=unknown&state=done", &["E-12345", "E-54321"]),
        ] {
            for limit in [1, 10] {
                let found = server.all(&format!("{items}{query}"), "items", limit).await;
                assert_eq!(fields(&found, "/value"), values, "{query}");
            }
        }
        let mut found =
            fields(&server.all("/api/v1/indicators?kind=employee_id", "indicators", 1).await, "/value");
        found.sort();
        assert_eq!(found, ["E-12345", "E-54321"]);
        for (query, value) in
            [("?value=t-1", None), ("?value=T-1", Some("T-1")), ("?kind=ticket&prefix=T", Some("T-1"))]
        {
            let page = server.get(&format!("/api/v1/indicators{query}")).await.json();
            assert_eq!(page["indicators"][0]["value"].as_str(), value, "{query}");
        }
        for path in [&items, "/api/v1/indicators"] {
            server.get(&format!("{path}?value=a&kind=nobody")).await.is_problem(400, "invalid_parameter");
        }
        let facets = server.get(&format!("{path}/facets")).await.json();
        assert_eq!(fields(facets["kinds"].as_array().unwrap(), "/kind"), ["ipv4", "custom"]);

        let export = async |accept| {
            let request = server.request(Method::GET, &format!("{items}?kind=employee_id"));
            server.send(request.header("accept", accept)).await.body
        };
        let csv = export("text/csv").await;
        let row = "\"0\",\"1\",\"E-12345\",\"\",\"custom\",\"E-12345\",\"done\",\"unknown\",\"0\",\"\",\"employee_id\"\r\n";
        assert_eq!(csv.lines().count(), 3, "{csv}");
        assert!(csv.contains(row) && csv.contains("\"e-54321\",\"\",\"custom\",\"E-54321\""), "{csv}");
        let lines = export("application/x-ndjson").await;
        assert_eq!(
            lines.matches("\"kind\":\"custom\",\"custom_kind\":\"employee_id\",\"value\":\"E-").count(),
            2,
            "{lines}"
        );
        let events = server.follow(&path, "").await;
        assert!(
            events.iter().any(|event| event.data["custom_kind"] == "ticket" && event.data["value"] == "T-1")
        );

        let details = server.get(&format!("{items}/0")).await.json();
        assert_eq!(details["facts"]["defanged"], "E-12345");
        assert_eq!(details["item"]["contexts"][1]["raw"], "E-12345");
        let known = format!("/api/v1/indicators/{}", details["item"]["indicator_id"].as_str().unwrap());
        let known = server.get(&known).await.json();
        assert_eq!(
            (&known["indicator"]["custom_kind"], &known["indicator"]["value"]),
            (&json!("employee_id"), &json!("E-12345"))
        );

        // One with indicators is disabled before it is deleted, and they stay what they are.
        let etag = server.etag(EMPLOYEE).await;
        let detail = server.delete(EMPLOYEE, Some(&etag)).await.is_problem(409, "state_conflict");
        assert!(detail.contains("disable"), "{detail}");
        server.alter(EMPLOYEE, &KEEP, json!({"enabled": false})).await;
        assert_eq!(server.all(&format!("{items}?kind=employee_id"), "items", 10).await.len(), 2);
        let etag = server.etag(EMPLOYEE).await;
        assert_eq!(server.delete(EMPLOYEE, Some(&etag)).await.status, 204);
        let still = server.all(&format!("{items}?kind=custom&prefix=employee_id:"), "items", 10).await;
        assert_eq!(fields(&still, "/custom_kind"), ["employee_id", "employee_id"]);
        let again = server.send(server.request(Method::POST, &format!("{path}/rerun"))).await.json();
        let again = path_of(&again);
        server.follow(&again, "").await;
        let repeated = server.all(&format!("{again}/items"), "items", 10).await;
        assert_eq!(fields(&repeated, "/value"), ["E-12345", "T-1", "8.8.8.8", "E-54321"]);
        assert_eq!(fields(&repeated, "/contexts/0/raw")[3], "e-54321");
    }
}

#[tokio::test]
async fn lists_of_this_machine_speak_of_them_and_no_source_is_asked_that_does_not_take_them() {
    for ground in Ground::both().await {
        let names = Arc::new(Double::new("names", |_, _| ends(Outcome::NotFound)));
        let server = serving(ground, &[Arc::clone(&names)]).await;
        server.make_kind(employee()).await;
        server.list_feed("leaked", ("intel", "malicious", 80), "e-12345\nexample.com\nnonsense\n").await;
        server
            .post_json("/api/v1/ignore-lists", r#"{"slug": "ours", "name": "Ours", "action": "refuse"}"#)
            .await;
        let entries = json!({"entries": [{"value": "^employee_id:E-9", "mode": "regex"}]}).to_string();
        server.post_json("/api/v1/ignore-lists/ours/entries", entries).await;
        let submission =
            server.finished("?playbook=everything", "text/plain", "E-12345\nE-99999\nexample.org\n").await;
        let items = server.all(&format!("{}/items", path_of(&submission)), "items", 10).await;
        assert_eq!(fields(&items, "/verdict/stance"), ["malicious", "unknown", "unknown"], "{items:?}");
        assert_eq!(items[0]["verdict"]["reasons"][0]["source"], "leaked");
        assert_eq!(items[1]["verdict"]["reasons"][0]["source"], "ignore-list");
        let asked: Vec<String> = names.calls().into_keys().collect();
        assert_eq!(asked, ["example.org"]);
        let body = json!({"value": "E-12345"});
        let refused = server.change(Method::POST, "/api/v1/sources/names/test", None, &body).await;
        let detail = refused.is_problem(400, "invalid_body");
        assert!(detail.contains("is custom; the source takes"), "{detail}");
    }
}

/// What a feed was read with is part of its being unchanged.
#[tokio::test]
async fn an_unchanged_list_is_read_again_for_a_new_kind() {
    for ground in Ground::both().await {
        let server = Server::on(Arc::new(ground), &[], |state| state).await;
        server
            .list_feed("leaked", ("intel", "malicious", 80), "e-12345\na.example.com\nb.example.com\n")
            .await;
        // The import left no validators.
        for entries in [Some(2), None] {
            assert_eq!(server.refreshed("leaked").await, (FeedRunState::Unchanged, entries));
        }
        server.make_kind(employee()).await;
        assert_eq!(server.refreshed("leaked").await, (FeedRunState::Swapped, Some(3)));
        assert_eq!(server.refreshed("leaked").await, (FeedRunState::Unchanged, None));
        server
            .alter(EMPLOYEE, &KEEP, json!({"pattern": "F-[0-9]{5}", "examples": [], "counter_examples": []}))
            .await;
        assert_eq!(server.refreshed("leaked").await, (FeedRunState::Swapped, Some(2)));
    }
}

#[tokio::test]
async fn another_process_reads_with_what_was_changed_in_this_one() {
    let ground = Arc::new(Ground::production().await);
    let first = Server::on(Arc::clone(&ground), &[], |state| state).await;
    let second = Server::on(Arc::clone(&ground), &[], |state| state).await;
    let path = "/api/v1/detect?value=e-12345";
    assert_eq!(second.get(path).await.json()["detection"]["result"], "rejected");
    first.make_kind(employee()).await;
    second.until(path, |seen| seen["detection"]["indicator"] == shown("E-12345")).await;
    first
        .alter(EMPLOYEE, &KEEP, json!({"pattern": "F-[0-9]{5}", "examples": [], "counter_examples": []}))
        .await;
    second.until(path, |seen| seen["detection"]["result"] == "rejected").await;
    // One that starts later has it from its first answer on.
    let third = Server::on(ground, &[], |state| state).await;
    assert_eq!(third.get("/api/v1/detect?value=F-12345").await.json()["detection"]["result"], "detected");
}
