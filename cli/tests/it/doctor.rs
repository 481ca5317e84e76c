//! `aggregator doctor`: what it finds, and that each fault comes with its cure.

use std::process::{Command, Output};

use aggregator_testkit::{RedisPrefix, TestDatabase};
use serde_json::Value;

use crate::{code, lines};

fn doctor(variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_aggregator"));
    command.args(["doctor", "--json"]).env_clear().envs(variables.iter().copied());
    command.output().unwrap()
}

/// The worst level of each part, and whether everything that is not well has a cure.
fn levels(output: &Output) -> Vec<(String, String)> {
    let findings = lines(output);
    for finding in &findings {
        assert_eq!(finding["level"] == "ok", finding["cure"] == Value::Null, "{finding}");
    }
    findings
        .iter()
        .map(|finding| ["part", "level"].map(|field| finding[field].as_str().unwrap().to_owned()).into())
        .collect()
}

fn has(output: &Output, part: &str, level: &str) -> bool {
    levels(output).iter().any(|found| *found == (part.to_owned(), level.to_owned()))
}

#[test]
fn a_new_installation_lacks_its_schema_and_is_well_afterwards() {
    let data = tempfile::tempdir().unwrap();
    let own = [("AGGREGATOR_DATA_DIR", data.path().to_str().unwrap())];
    let output = doctor(&own);
    assert!(code(&output) == 1 && has(&output, "schema", "broken"), "{output:?}");
    let mut migrate = Command::new(env!("CARGO_BIN_EXE_aggregator"));
    assert!(migrate.arg("migrate").env_clear().envs(own).status().unwrap().success());
    let output = doctor(&own);
    assert_eq!(code(&output), 0, "{output:?}");
    for part in ["folder", "database", "schema", "clock", "workers", "feeds"] {
        assert!(has(&output, part, "ok"), "{part}: {output:?}");
    }
    let full = doctor(&[own[0], ("AGGREGATOR_INTAKE_MIN_FREE_DISK_BYTES", "1099511627776")]);
    assert!(code(&full) == 1 && has(&full, "folder", "broken"), "{full:?}");
}

#[test]
fn servers_that_do_not_answer_are_named() {
    let data = tempfile::tempdir().unwrap();
    let own = [
        ("AGGREGATOR_DATA_DIR", data.path().to_str().unwrap()),
        ("DATABASE_URL", "postgres://nobody@127.0.0.1:9/none"),
        ("REDIS_URL", "redis://127.0.0.1:9"),
    ];
    let output = doctor(&own);
    assert!(code(&output) == 1 && has(&output, "redis", "broken") && has(&output, "database", "broken"));
}

#[tokio::test]
async fn work_without_a_worker_is_seen_on_postgresql_and_redis() {
    let (database, redis) = (TestDatabase::postgres().await, RedisPrefix::new());
    let data = tempfile::tempdir().unwrap();
    let own = [
        ("AGGREGATOR_DATA_DIR", data.path().to_str().unwrap()),
        ("DATABASE_URL", database.url()),
        ("REDIS_URL", redis.url()),
        ("AGGREGATOR_REDIS_PREFIX", redis.prefix()),
    ];
    let output = doctor(&own);
    assert!(has(&output, "redis", "ok") && has(&output, "workers", "ok"), "{output:?}");
    database
        .execute(
            "INSERT INTO tasks (kind, unique_key, payload, state, not_before, created_at) VALUES ('prune', 'prune:old', '{}', 1, 0, 1)",
        )
        .await;
    let output = doctor(&own);
    assert!(code(&output) == 1 && has(&output, "workers", "broken"), "{output:?}");
}
