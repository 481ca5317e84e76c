//! Custom kinds through the API: made, changed, deleted, and what is refused. What is read as one: `reading`.

mod reading;

use std::sync::Arc;

use aggregator_entities::domain::{Indicator, Kind};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Ground, Server};
use crate::submissions::fields;

const KINDS: &str = "/api/v1/kinds";
const EMPLOYEE: &str = "/api/v1/kinds/employee_id";

fn employee() -> Value {
    json!({
        "slug": "employee_id", "name": "Employee number", "description": "", "pattern": "E-[0-9]{5}",
        "case_insensitive": false, "normalise": "upper", "in_text": true, "priority": 0, "examples": ["E-12345"],
        "counter_examples": ["E-1234"], "enabled": true
    })
}

/// What may be put of a kind.
fn without_slug(mut kind: Value) -> Value {
    kind.as_object_mut().unwrap().remove("slug");
    kind
}

const KEEP: [&str; 10] = [
    "name",
    "description",
    "pattern",
    "case_insensitive",
    "normalise",
    "in_text",
    "priority",
    "examples",
    "counter_examples",
    "enabled",
];

/// An indicator of the kind, as it is shown.
fn shown(value: &str) -> Value {
    let id = Indicator::from_canonical(Kind::Custom, format!("employee_id:{value}")).id().to_string();
    json!({"id": id, "kind": "custom", "custom_kind": "employee_id", "value": value})
}

impl Server {
    async fn make_kind(&self, kind: Value) {
        let made = self.post_json(KINDS, kind.to_string()).await;
        assert_eq!(made.status, 201, "{made:?}");
    }

    async fn detected(&self, query: &[(&str, &str)]) -> Value {
        let answer = self.send(self.request(Method::GET, "/api/v1/detect").query(query)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()["detection"].clone()
    }
}

#[tokio::test]
async fn a_kind_is_made_read_changed_and_deleted() {
    for ground in Ground::both().await {
        let server = Server::on(Arc::new(ground), &[], |state| state).await;
        let made = server.post_json(KINDS, employee().to_string()).await;
        assert_eq!((made.status, made.header("location")), (201, EMPLOYEE), "{made:?}");
        let mut shown = made.json();
        assert_eq!((&shown["built_in"], &shown["created_at"]), (&json!(false), &shown["updated_at"]));
        for field in ["built_in", "created_at", "updated_at"] {
            assert!(shown.as_object_mut().unwrap().remove(field).is_some());
        }
        assert_eq!(shown, employee());
        let read = server.get(EMPLOYEE).await;
        assert_eq!((read.json(), read.header("etag")), (made.json(), made.header("etag")));
        server.post_json(KINDS, employee().to_string()).await.is_problem(409, "slug_taken");
        let least = json!({"slug": "a1", "name": "A", "pattern": "a{3}", "enabled": false});
        let least = server.post_json(KINDS, least.to_string()).await.json();
        assert_eq!(
            (&least["normalise"], &least["in_text"], &least["priority"], &least["examples"]),
            (&json!("none"), &json!(true), &json!(0), &json!([])),
        );

        server.is_fenced(EMPLOYEE, &without_slug(employee())).await;
        server.is_listed(KINDS, "kinds").await;
        for (query, slugs) in [
            ("?built_in=false", &["a1", "employee_id"][..]),
            ("?built_in=false&enabled=true", &["employee_id"]),
            ("?enabled=false", &["a1"]),
            ("?search=employee", &["employee_id"]),
            ("?built_in=true&search=sha", &["sha1", "sha256", "sha512"]),
            ("?built_in=true&enabled=false", &[]),
        ] {
            let kinds = server.all(&format!("{KINDS}{query}"), "kinds", 2).await;
            assert_eq!(fields(&kinds, "/slug"), slugs, "{query}");
        }
        assert_eq!(server.all(KINDS, "kinds", 5).await.len(), 16);

        server.delete(EMPLOYEE, None).await.is_problem(428, "precondition_required");
        server.delete(EMPLOYEE, Some("\"1.999\"")).await.is_problem(412, "precondition_failed");
        let etag = server.etag(EMPLOYEE).await;
        assert_eq!(server.delete(EMPLOYEE, Some(&etag)).await.status, 204);
        server.get(EMPLOYEE).await.is_problem(404, "not_found");
        server.delete(EMPLOYEE, Some(&etag)).await.is_problem(404, "not_found");
        // The same slug again is another thing: an old ETag does not fit.
        server.make_kind(employee()).await;
        server.delete(EMPLOYEE, Some(made.header("etag"))).await.is_problem(412, "precondition_failed");
    }
}

#[tokio::test]
async fn what_is_no_kind_is_refused_and_nothing_is_made() {
    for ground in Ground::both().await {
        let server = Server::on(Arc::new(ground), &[], |state| state).await;
        server.make_kind(employee()).await;
        let before = (server.get(KINDS).await.json(), server.etag(EMPLOYEE).await);
        for (field, value, says) in [
            ("slug", json!(""), "slug"),
            ("slug", json!("x"), "slug"),
            ("slug", json!("Employee"), "slug"),
            ("slug", json!("a-b"), "slug"),
            ("slug", json!("a\u{0}"), "slug"),
            ("slug", json!("x".repeat(33)), "slug"),
            ("name", json!(" "), "name"),
            ("description", json!("x".repeat(2_001)), "description"),
            ("pattern", json!(""), "`pattern` must be 1 to 1,000"),
            ("pattern", json!("a".repeat(1_001)), "`pattern` must be 1 to 1,000"),
            ("pattern", json!("E-[0-9"), "`pattern` is no regular expression"),
            ("pattern", json!("(?=E)E-[0-9]{5}"), "look-around"),
            ("pattern", json!("((((E{1,100}){1,100}){1,100}){1,100})"), "larger than 1 MiB"),
            ("pattern", json!("E*"), "empty text"),
            ("pattern", json!("E-[0-9]{4}"), "`examples` holds \"E-12345\""),
            ("pattern", json!("E-[0-9]+"), "`counter_examples` holds \"E-1234\""),
            ("examples", json!(["E-12345", "nonsense"]), "\"nonsense\""),
            ("examples", json!([""]), "examples"),
            ("examples", json!(vec!["E-12345"; 21]), "more than 20"),
            ("counter_examples", json!(["e-54321"]), "\"e-54321\""),
            ("normalise", json!("title"), "title"),
            ("priority", json!(1_001), "priority"),
            ("priority", json!(-1), "priority"),
            ("enabled", json!("yes"), "boolean"),
            ("built_in", json!(true), "built_in"),
        ] {
            let mut wrong = employee();
            wrong["slug"] = json!("another");
            wrong[field] = value;
            let detail = server.post_json(KINDS, wrong.to_string()).await.is_problem(400, "invalid_body");
            assert!(detail.contains(says), "{wrong}: {detail}");
            if field != "slug" {
                let put = server.put_json(EMPLOYEE, &before.1, &without_slug(wrong)).await;
                put.is_problem(400, "invalid_body");
            }
        }
        for slug in ["ipv4", "cve", "custom"] {
            let mut taken = employee();
            taken["slug"] = json!(slug);
            server.post_json(KINDS, taken.to_string()).await.is_problem(409, "slug_taken");
        }
        assert_eq!((server.get(KINDS).await.json(), server.etag(EMPLOYEE).await), before);
    }
}

#[tokio::test]
async fn what_comes_with_the_program_is_shown_and_stays() {
    let server = Server::start().await;
    for kind in Kind::ALL.into_iter().filter(|kind| *kind != Kind::Custom) {
        let path = format!("{KINDS}/{kind}");
        let read = server.get(&path).await;
        let (etag, kind) = (read.header("etag").to_owned(), read.json());
        assert_eq!((&kind["built_in"], &kind["pattern"]), (&json!(true), &json!(null)), "{kind}");
        server.delete(&path, Some(&etag)).await.is_problem(409, "built_in");
        server.put_json(&path, &etag, &without_slug(employee())).await.is_problem(409, "built_in");
    }
    server.get(&format!("{KINDS}/custom")).await.is_problem(404, "not_found");
}

#[tokio::test]
async fn there_are_a_hundred_at_most() {
    let server = Server::start().await;
    for number in 0..100 {
        server.make_kind(json!({"slug": format!("kind_{number}"), "name": "K", "pattern": "a"})).await;
    }
    let one_more = json!({"slug": "kind_100", "name": "K", "pattern": "a"}).to_string();
    let detail = server.post_json(KINDS, one_more.clone()).await.is_problem(409, "state_conflict");
    assert!(detail.contains("100"), "{detail}");
    server.post_json(KINDS, one_more.replace("_100", "_1")).await.is_problem(409, "slug_taken");
    let etag = server.etag(&format!("{KINDS}/kind_7")).await;
    server.delete(&format!("{KINDS}/kind_7"), Some(&etag)).await;
    server.make_kind(serde_json::from_str(&one_more).unwrap()).await;
}
