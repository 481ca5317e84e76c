//! Workers and tasks.

use std::sync::Arc;

use aggregator_entities::repositories::tasks;
use aggregator_entities::repositories::workers::{self, WorkerBeat};
use serde_json::json;

use crate::harness::{Ground, Server};
use crate::submissions::client::fields;

const WORKERS: &str = "/api/v1/workers";
const TASKS: &str = "/api/v1/tasks";

#[tokio::test]
async fn workers_are_listed_while_they_live() {
    for ground in Ground::both().await {
        let server = Server::on(Arc::new(ground), &[], |state| state).await;
        assert_eq!(server.get(WORKERS).await.json(), json!({"workers": []}));
        let beat = |name: &str| WorkerBeat {
            name: name.to_owned(),
            version: "9.9.9".to_owned(),
            slots: 16,
            running: 3,
            finished: 12,
            stale_refused: 1,
            alone: name == "second",
        };
        for name in ["first", "second"] {
            workers::beat(&server.database, &beat(name)).await.unwrap();
        }
        let listed = server.get(WORKERS).await.json();
        assert_eq!(fields(listed["workers"].as_array().unwrap(), "/name"), ["first", "second"]);
        let second = &listed["workers"][1];
        assert!(second["started_at"].is_string() && second["started_at"] == second["seen_at"], "{second}");
        for (field, value) in [
            ("version", json!("9.9.9")),
            ("alive", json!(true)),
            ("slots", json!(16)),
            ("running", json!(3)),
            ("finished", json!(12)),
            ("stale_refused", json!(1)),
            ("alone", json!(true)),
        ] {
            assert_eq!(second[field], value, "{field}: {second}");
        }
        workers::leave(&server.database, "first").await.unwrap();
        server.work();
        server.until(WORKERS, |listed| listed["workers"].as_array().unwrap().len() == 2).await;
        let listed = server.get(WORKERS).await.json();
        assert_eq!(fields(listed["workers"].as_array().unwrap(), "/alive"), ["true", "true"]);
    }
}

#[tokio::test]
async fn tasks_are_listed_by_kind_and_state() {
    for ground in Ground::both().await {
        let server = Server::on(Arc::new(ground), &[], |state| state).await;
        for n in 0..5 {
            let payload = json!({ "submission": 4_000 + n });
            assert!(
                tasks::add(&server.database, "purge_submission", &format!("purge:{n}"), &payload)
                    .await
                    .unwrap()
            );
        }
        tasks::add(&server.database, "dance", "dance:1", &json!({})).await.unwrap();
        let all = server.all(TASKS, "tasks", 2).await;
        assert_eq!(all.len(), 6);
        assert_eq!((&all[0]["kind"], &all[5]["key"]), (&json!("dance"), &json!("purge:0")));
        assert_eq!(all[5]["payload"], json!({"submission": 4_000}));
        assert!(all.iter().all(|task| task["state"] == "queued" && task["due_at"].is_string()), "{all:?}");

        server.work();
        server
            .until(&format!("{TASKS}?kind=dance&state=dead"), |page| page["tasks"][0]["kind"] == "dance")
            .await;
        let done = format!("{TASKS}?kind=purge_submission&state=done");
        server.until(&done, |page| page["tasks"].as_array().unwrap().len() == 5).await;
        let dead = server.get(&format!("{TASKS}/{}", all[0]["id"])).await.json();
        assert!(
            dead["reason"].as_str().unwrap().contains("cannot do this task") && dead["due_at"].is_null(),
            "{dead}"
        );
        assert_eq!((&dead["attempts"], dead["finished_at"].is_string()), (&json!(1), true));
        server.get(&format!("{TASKS}?state=late")).await.is_problem(400, "invalid_parameter");
        server.get(&format!("{TASKS}/0")).await.is_problem(404, "not_found");
        server.get(&format!("{TASKS}/4711")).await.is_problem(404, "not_found");
    }
}
