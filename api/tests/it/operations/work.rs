//! Workers and tasks.

use std::sync::Arc;

use aggregator_entities::clock;
use aggregator_entities::repositories::tasks;
use aggregator_entities::repositories::workers::{self, WorkerBeat};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Ground, Server};
use crate::submissions::client::fields;

const WORKERS: &str = "/api/v1/workers";
const TASKS: &str = "/api/v1/tasks";

#[tokio::test]
async fn workers_are_listed_while_they_live() {
    for ground in Ground::both().await {
        let server = Server::on(Arc::new(ground), &[], |state| state).await;
        assert_eq!(server.get(WORKERS).await.json(), json!({"workers": [], "next": null}));
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
        // Who vanished comes after those who live, page by page.
        workers::beat(&server.database, &beat("before-all")).await.unwrap();
        server.ground.rows.execute("UPDATE workers SET seen_at = 1 WHERE name = 'before-all'").await;
        for limit in [1, 2, 10] {
            let names = fields(&server.all(WORKERS, "workers", limit).await, "/name");
            assert_eq!(names, ["first", "second", "before-all"], "{limit}");
        }
        server.get(&format!("{WORKERS}?limit=0")).await.is_problem(400, "invalid_parameter");
        server.get(&format!("{WORKERS}?cursor=00")).await.is_problem(400, "cursor_invalid");
        server.ground.rows.execute("DELETE FROM workers WHERE name = 'before-all'").await;
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

#[tokio::test]
async fn a_task_that_was_given_up_is_tried_once_more() {
    for ground in Ground::both().await {
        let server = Server::on(Arc::new(ground), &[], |state| state).await;
        let payload = json!({ "submission": 4_711 });
        let add = async |key: &str| tasks::add(&server.database, "purge_submission", key, &payload).await;
        let retry =
            async |id: i64| server.send(server.request(Method::POST, &format!("{TASKS}/{id}/retry"))).await;
        assert!(add("purge:1").await.unwrap());
        let id = server.get(TASKS).await.json()["tasks"][0]["id"].as_i64().unwrap();
        retry(id).await.is_problem(409, "state_conflict");
        retry(4_711).await.is_problem(404, "not_found");
        let dead = "UPDATE tasks SET state = 7, finished_at = 1, lost = 3, reason = 'its worker was lost three times'";
        server.ground.rows.execute(dead).await;
        assert!(add("purge:2").await.unwrap());
        let twin = retry(id).await.is_problem(409, "state_conflict");
        assert!(twin.contains("the same is open already"), "{twin}");
        server.ground.rows.execute("DELETE FROM tasks WHERE unique_key = 'purge:2'").await;

        let retried = retry(id).await;
        assert_eq!((retried.status, &retried.json()["state"]), (202, &json!("queued")), "{retried:?}");
        assert_eq!(retried.json()["lost"], 2, "it runs alone, and a third loss is its end");
        let detail = retry(id).await.is_problem(409, "state_conflict");
        assert!(detail.contains("the task is queued"), "{detail}");
        server.work();
        server.until(&format!("{TASKS}/{id}"), |task| task["state"] == "done").await;
    }
}

#[tokio::test]
async fn a_task_that_was_given_up_is_forgotten_after_thirty_days() {
    for ground in Ground::both().await {
        let server = Server::on(Arc::new(ground), &[], |state| state).await;
        let now = clock::now(&server.database).await.unwrap();
        for (key, days, state) in [("older", 31, 7), ("dead", 29, 7), ("done", 8, 6)] {
            let row = format!(
                "INSERT INTO tasks (kind, unique_key, payload, state, not_before, created_at, finished_at)
                 VALUES ('dance', '{key}', '{{}}', {state}, 0, 1, {})",
                now - days * 86_400 * clock::SECOND
            );
            server.ground.rows.execute(&row).await;
        }
        server.work();
        let dances = format!("{TASKS}?kind=dance");
        server.until(&dances, |page| page["tasks"].as_array().unwrap().len() == 1).await;
        assert_eq!(server.get(&dances).await.json()["tasks"][0]["key"], "dead");
    }
}

/// A queue that is held back for a day piles up neither prunes nor refreshes.
#[tokio::test]
async fn of_what_the_schedule_adds_one_is_open() {
    for ground in Ground::both().await {
        let server = Server::on(Arc::new(ground), &[], |state| state).await;
        let add = async |kind: &str, tick: i32, payload: Value| {
            tasks::add(&server.database, kind, &format!("{kind}:{tick}"), &payload).await.unwrap()
        };
        for tick in 0..3 {
            assert_eq!(add("prune", tick, json!({})).await, tick == 0);
            assert_eq!(add("refresh_feed", tick, json!({ "feed": 4 })).await, tick == 0);
        }
        // Of another feed another is; and the next once it has ended.
        assert!(add("refresh_feed", 3, json!({ "feed": 5 })).await);
        assert_eq!(server.all(TASKS, "tasks", 10).await.len(), 3);
        server.ground.rows.execute("UPDATE tasks SET state = 6, finished_at = 1 WHERE kind = 'prune'").await;
        assert!(add("prune", 4, json!({})).await);
    }
}
