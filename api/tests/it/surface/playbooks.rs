//! Playbooks through the API, and what submissions make of them.

use std::sync::Arc;

use aggregator_entities::domain::{Kind, Outcome, Relation};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Ground, Server};
use crate::lookups::double::{Double, ends, leads_to, serving};
use crate::submissions::client::path_of;
use crate::submissions::fields;

const PLAYBOOKS: &str = "/api/v1/playbooks";

fn mail() -> Value {
    json!({
        "slug": "mail", "name": "Phishing mail", "sources": {"choice": "these", "slugs": ["names"]},
        "follow": [{"relation": "resolves_to", "from": ["domain"], "source": null, "at_least": null}], "max_depth": 1,
        "max_derived": 10,
        "max_per_root": 20
    })
}

/// What may be put of a playbook.
fn without_slug(mut playbook: Value) -> Value {
    playbook.as_object_mut().unwrap().remove("slug");
    playbook
}

#[tokio::test]
async fn a_playbook_is_made_read_changed_and_deleted() {
    for ground in Ground::both().await {
        let server = Server::on(Arc::new(ground), &[], |state| state).await;
        let made = server.post_json(PLAYBOOKS, mail().to_string()).await;
        assert_eq!((made.status, made.header("location")), (201, "/api/v1/playbooks/mail"), "{made:?}");
        let path = made.header("location").to_owned();
        let mut shown = made.json();
        assert_eq!(shown["built_in"], false);
        assert_eq!(shown["created_at"], shown["updated_at"]);
        for field in ["built_in", "created_at", "updated_at"] {
            assert!(shown.as_object_mut().unwrap().remove(field).is_some());
        }
        assert_eq!(shown, mail());
        let read = server.get(&path).await;
        assert_eq!((read.json(), read.header("etag")), (made.json(), made.header("etag")));
        server.post_json(PLAYBOOKS, mail().to_string()).await.is_problem(409, "slug_taken");

        server.is_fenced(&path, &without_slug(mail())).await;
        server.is_listed(PLAYBOOKS, "playbooks").await;
        let built_in =
            fields(&server.all(&format!("{PLAYBOOKS}?built_in=true"), "playbooks", 2).await, "/slug");
        assert!(["everything", "keyless", "local"].iter().all(|slug| built_in.iter().any(|of| of == slug)));
        assert!(!built_in.contains(&"mail".to_owned()), "{built_in:?}");
        assert_eq!(
            fields(&server.all(&format!("{PLAYBOOKS}?built_in=false"), "playbooks", 2).await, "/slug"),
            ["mail"]
        );

        server.delete(&path, None).await.is_problem(428, "precondition_required");
        server.delete(&path, Some("\"1.1\"")).await.is_problem(412, "precondition_failed");
        let etag = server.etag(&path).await;
        assert_eq!(server.delete(&path, Some(&etag)).await.status, 204);
        server.get(&path).await.is_problem(404, "not_found");
        server.delete(&path, Some(&etag)).await.is_problem(404, "not_found");
        // The same slug again is another thing: an old ETag does not fit.
        server.post_json(PLAYBOOKS, mail().to_string()).await;
        server.delete(&path, Some(made.header("etag"))).await.is_problem(412, "precondition_failed");
    }
}

#[tokio::test]
async fn what_is_no_playbook_is_refused_and_nothing_is_made() {
    let server = Server::start().await;
    let before = server.get(PLAYBOOKS).await.json();
    for (field, value, says) in [
        ("slug", json!(""), "slug"),
        ("slug", json!("Mail"), "slug"),
        ("slug", json!("a b"), "slug"),
        ("slug", json!("-a"), "slug"),
        ("slug", json!("a\u{0}"), "slug"),
        ("slug", json!("x".repeat(65)), "slug"),
        ("slug", json!(7), "string"),
        ("name", json!("x".repeat(201)), "name"),
        ("name", json!("\u{0}"), "name"),
        ("sources", json!("local"), "tagged"),
        ("sources", json!({"choice": "everything"}), "everything"),
        ("sources", json!({"choice": "local", "slugs": ["dns"]}), "slugs"),
        ("sources", json!({"choice": "these"}), "slugs"),
        ("sources", json!({"choice": "these", "slugs": []}), "1 to 100"),
        ("sources", json!({"choice": "these", "slugs": vec!["a"; 101]}), "1 to 100"),
        ("sources", json!({"choice": "these", "slugs": ["a,b"]}), "slugs"),
        ("follow", json!([{"relation": "likes"}]), "likes"),
        ("follow", json!([{"relation": "has_host", "to": []}]), "to"),
        ("follow", json!([{"relation": "has_host", "source": "\u{0}"}]), "follow.source"),
        ("follow", json!(vec![json!({"relation": "has_host"}); 101]), "follow"),
        ("max_depth", json!(6), "max_depth"),
        ("max_depth", json!(-1), "max_depth"),
        ("max_derived", json!(100_001), "max_derived"),
        ("max_derived", json!(-1), "u32"),
        ("max_per_root", json!(100_001), "max_per_root"),
        ("built_in", json!(true), "built_in"),
    ] {
        let mut wrong = mail();
        wrong[field] = value;
        let detail = server.post_json(PLAYBOOKS, wrong.to_string()).await.is_problem(400, "invalid_body");
        assert!(detail.contains(says), "{wrong}: {detail}");
    }
    assert_eq!(server.get(PLAYBOOKS).await.json(), before);
    // The least there is.
    let least = json!({"slug": "a", "name": "A", "sources": {"choice": "all"}});
    let made = server.post_json(PLAYBOOKS, least.to_string()).await.json();
    assert_eq!(
        (&made["follow"], &made["max_depth"], &made["max_derived"]),
        (&json!([]), &json!(0), &json!(1_000))
    );
}

#[tokio::test]
async fn what_comes_with_the_program_stays_and_asks_whom_it_asked() {
    for ground in Ground::both().await {
        let server = Server::on(Arc::new(ground), &[], |state| state).await;
        for (slug, choice) in [("local", "local"), ("keyless", "keyless"), ("everything", "all")] {
            let path = format!("{PLAYBOOKS}/{slug}");
            let etag = server.etag(&path).await;
            server.delete(&path, Some(&etag)).await.is_problem(409, "built_in");
            let mut body = json!({"name": "Ours", "sources": {"choice": "these", "slugs": ["dns"]}});
            server.put_json(&path, &etag, &body).await.is_problem(409, "built_in");
            body["sources"] = json!({"choice": choice});
            body["follow"] = json!([{"relation": "resolves_to"}]);
            body["max_depth"] = json!(2);
            let changed = server.put_json(&path, &etag, &body).await.json();
            assert_eq!((&changed["name"], &changed["built_in"]), (&json!("Ours"), &json!(true)), "{changed}");
        }
    }
}

#[tokio::test]
async fn submissions_run_what_was_put_and_hold_it_while_they_run() {
    for ground in Ground::both().await {
        let names = Arc::new(Double::new("names", |indicator, _| match indicator.kind() {
            Kind::Domain => leads_to(Relation::ResolvesTo, Kind::Ipv4, &["192.0.2.1"]),
            _ => ends(Outcome::NotFound),
        }));
        let server = serving(ground, &[Arc::clone(&names)]).await;
        let path = server.post_json(PLAYBOOKS, mail().to_string()).await.header("location").to_owned();
        let followed = server.finished("?playbook=mail", "text/plain", "a.example.com\n").await;
        assert_eq!((&followed["total"], names.calls().len()), (&json!(2), 2), "{followed}");
        let keep = ["name", "sources", "follow", "max_depth", "max_derived", "max_per_root"];
        server.alter(&path, &keep, json!({"follow": []})).await;
        let alone = server.finished("?playbook=mail", "text/plain", "b.example.com\n").await;
        assert_eq!((&alone["total"], names.calls().len()), (&json!(1), 3), "{alone}");
        server.alter(&path, &keep, json!({"sources": {"choice": "local"}})).await;
        server.finished("?playbook=mail", "text/plain", "c.example.com\n").await;
        assert_eq!(names.calls().len(), 3);
        server.alter(&path, &keep, json!({"sources": {"choice": "keyless"}})).await;

        // Held while a submission runs it.
        names.gate.forget_permits(usize::MAX >> 3);
        let running = path_of(&server.submit("?playbook=mail", "text/plain", "d.example.com\n").await.json());
        let etag = server.etag(&path).await;
        let detail = server.delete(&path, Some(&etag)).await.is_problem(409, "in_use");
        assert!(detail.starts_with("1 submission"), "{detail}");
        names.gate.add_permits(1_000);
        server.until(&running, |submission| submission["state"] == "done").await;
        assert_eq!(server.delete(&path, Some(&etag)).await.status, 204);
        assert_eq!(server.get(&running).await.json()["playbook"], "mail");
        let rerun = server.send(server.request(Method::POST, &format!("{running}/rerun"))).await;
        rerun.is_problem(409, "state_conflict");
        server
            .submit("?playbook=mail", "text/plain", "a.example.com\n")
            .await
            .is_problem(400, "invalid_parameter");
    }
}

/// Of many who change the same state one does; nobody's change is lost unseen.
#[tokio::test]
async fn of_many_changes_of_one_state_one_is_made() {
    for ground in Ground::both().await {
        let server = Server::on(Arc::new(ground), &[], |state| state).await;
        let path = server.post_json(PLAYBOOKS, mail().to_string()).await.header("location").to_owned();
        let etag = server.etag(&path).await;
        let bodies: Vec<Value> = (0..12)
            .map(|n| {
                let mut body = without_slug(mail());
                body["name"] = json!(format!("Writer {n}"));
                body
            })
            .collect();
        let answers =
            futures::future::join_all(bodies.iter().map(|body| server.put_json(&path, &etag, body))).await;
        let made: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
        assert_eq!(made.len(), 1, "{answers:?}");
        for lost in answers.iter().filter(|answer| answer.status != 200) {
            lost.is_problem(412, "precondition_failed");
        }
        assert_eq!(server.get(&path).await.json()["name"], made[0].json()["name"]);
    }
}

/// A submission that begins while its playbook is deleted either holds it or is refused.
#[tokio::test]
async fn no_submission_is_left_without_its_playbook() {
    for ground in Ground::both().await {
        let server = Server::on(Arc::new(ground), &[], |state| state).await;
        for _ in 0..12 {
            let path = server.post_json(PLAYBOOKS, mail().to_string()).await.header("location").to_owned();
            let etag = server.etag(&path).await;
            let (deleted, submitted) = tokio::join!(
                server.delete(&path, Some(&etag)),
                server.submit("?playbook=mail", "text/plain", "a.example.com\n")
            );
            match (deleted.status, submitted.status) {
                (204, 400 | 409) => {}
                (409, 202) => {
                    let cancel = format!("{}/cancel", path_of(&submitted.json()));
                    server.send(server.request(Method::POST, &cancel)).await;
                    assert_eq!(server.delete(&path, Some(&etag)).await.status, 204);
                }
                _ => panic!("{deleted:?} {submitted:?}"),
            }
        }
    }
}
