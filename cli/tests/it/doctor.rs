//! `aggregator doctor`: what it finds, and that each fault comes with its cure.

use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, SystemTime};

use aggregator_entities::clock::SECOND;
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

/// What is said of a part, seen and cure, where something is not well with it.
fn told(output: &Output, part: &str) -> String {
    let findings = lines(output);
    let of_part = findings.iter().filter(|finding| finding["part"] == part && finding["level"] != "ok");
    of_part.map(Value::to_string).collect()
}

#[test]
fn a_new_installation_lacks_its_schema_and_is_well_afterwards() {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().join("made-by-nobody");
    let own = [("AGGREGATOR_DATA_DIR", folder.to_str().unwrap())];
    let output = doctor(&own);
    assert!(code(&output) == 1 && has(&output, "schema", "broken"), "{output:?}");
    assert!(!folder.exists(), "it changes nothing");
    let mut migrate = Command::new(env!("CARGO_BIN_EXE_aggregator"));
    assert!(migrate.arg("migrate").env_clear().envs(own).status().unwrap().success());
    let output = doctor(&own);
    assert_eq!(code(&output), 0, "{output:?}");
    for part in ["folder", "database", "schema", "settings", "clock", "workers", "feeds"] {
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
    assert!(has(&output, "settings", "ok"), "{output:?}");
    for (key, value) in [("intake.min_free_disk_bytes", "1099511627776"), ("feeds.refresh", "yes")] {
        let row = format!("INSERT INTO settings (key, value, updated_at) VALUES ('{key}', '{value}', 1)");
        database.execute(&row).await;
    }
    let output = doctor(&own);
    assert!(has(&output, "settings", "warning") && has(&output, "folder", "broken"), "{output:?}");
}

/// The surroundings of a test's own database.
fn on<'a>(database: &'a TestDatabase, data: &'a tempfile::TempDir) -> [(&'static str, &'a str); 2] {
    [("AGGREGATOR_DATA_DIR", data.path().to_str().unwrap()), ("DATABASE_URL", database.url())]
}

#[tokio::test]
async fn what_the_only_worker_left_under_way_is_a_fault() {
    let data = tempfile::tempdir().unwrap();
    for database in TestDatabase::both().await {
        assert!(has(&doctor(&on(&database, &data)), "workers", "ok"));
        // Under a lease that has not run out; nobody says that its worker lives.
        database
            .execute(
                "INSERT INTO tasks (kind, unique_key, payload, state, not_before, attempt, leased_by, lease_until, created_at)
                 VALUES ('prune', 'prune:old', '{}', 3, 0, 1, 'gone', 9000000000000000, 1)",
            )
            .await;
        let output = doctor(&on(&database, &data));
        assert!(code(&output) == 1 && has(&output, "workers", "broken"), "{output:?}");
        assert!(told(&output, "workers").contains("under way in task"), "{output:?}");
    }
}

#[tokio::test]
async fn a_schema_is_looked_at_without_being_made_and_a_newer_one_is_named() {
    let data = tempfile::tempdir().unwrap();
    for database in TestDatabase::both().await {
        database
            .execute("INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_the_future', 1)")
            .await;
        let newer = doctor(&on(&database, &data));
        assert!(code(&newer) == 1 && has(&newer, "schema", "broken"), "{newer:?}");
        let told = told(&newer, "schema");
        assert!(told.contains("m9999_the_future") && told.contains("run the version that made it"), "{told}");

        database.execute("DROP TABLE seaql_migrations").await;
        assert!(has(&doctor(&on(&database, &data)), "schema", "broken"));
        // Fails where the look made it.
        database.execute("CREATE TABLE seaql_migrations (version TEXT)").await;
    }
}

/// Makes the row of a source.
async fn source(database: &TestDatabase, (id, slug, kind): (i64, &str, &str)) {
    let provider = "INSERT INTO providers (id, slug, name, enabled, created_at, updated_at)
                    VALUES (900, 'tests', 'Tests', true, 1, 1) ON CONFLICT DO NOTHING";
    let row = format!(
        "INSERT INTO sources (id, slug, name, provider_id, kind, enabled, created_at, updated_at)
         VALUES ({id}, '{slug}', '{slug}', 900, '{kind}', true, 1, 1)"
    );
    for statement in [provider, &row] {
        database.execute(statement).await;
    }
}

#[tokio::test]
async fn feeds_that_fail_and_feeds_nobody_asks_for_are_named_with_the_reason() {
    let data = tempfile::tempdir().unwrap();
    for database in TestDatabase::both().await {
        let day = 86_400 * SECOND;
        let now = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_micros();
        let ago = |days: i64| (i64::try_from(now).unwrap() - days * day).to_string();
        // Each was asked for today and is due tomorrow, as a feed is that fails for weeks.
        for (id, slug, accepted_at, failing_since) in [
            (911, "well", ago(0), "NULL".to_owned()),
            (912, "fails", ago(20), ago(19)),
            (913, "unasked", ago(5), "NULL".to_owned()),
            (914, "never", "NULL".to_owned(), "NULL".to_owned()),
            (915, "off", ago(20), ago(19)),
        ] {
            source(&database, (id, slug, "feed")).await;
            let row = format!(
                "INSERT INTO feeds (id, source_id, definition, checked_at, next_refresh_at, refresh_seconds, accepted_at,
                     failing_since, created_at, updated_at)
                 VALUES ({id}, {id}, '', {}, {}, 7200, {accepted_at}, {failing_since}, {}, 1)",
                ago(0),
                ago(-1),
                ago(30),
            );
            database.execute(&row).await;
        }
        database.execute("UPDATE sources SET enabled = false WHERE slug = 'off'").await;
        for (state, reason) in [(3, "NULL"), (6, "'no route to host'"), (6, "'502 Bad Gateway'")] {
            let run = format!(
                "INSERT INTO feed_runs (feed_id, state, reason, started_at, finished_at)
                 VALUES (912, {state}, {reason}, 1, 1)"
            );
            database.execute(&run).await;
        }
        let output = doctor(&on(&database, &data));
        assert_eq!(code(&output), 0, "a list that grows old is a warning: {output:?}");
        let told = told(&output, "feeds");
        for wanted in [
            "fails is failing since",
            "502 Bad Gateway",
            "`aggregator feeds refresh fails`",
            "unasked is overdue since",
            "never is overdue since",
        ] {
            assert!(told.contains(wanted), "{wanted}: {told}");
        }
        assert!(!told.contains("well is") && !told.contains("off is"), "{told}");
    }
}

#[tokio::test]
async fn what_was_given_up_and_who_is_broken_comes_with_what_can_be_done() {
    let data = tempfile::tempdir().unwrap();
    for database in TestDatabase::both().await {
        source(&database, (921, "sick", "native")).await;
        let id = if database.is_postgres() {
            "'00112233-4455-6677-8899-aabbccddeeff'"
        } else {
            "X'00112233445566778899AABBCCDDEEFF'"
        };
        let lookup = format!(
            "INSERT INTO lookups (submission_id, ordinal, indicator_id, source_id, interactive, turn, state, not_before,
                 outcome, created_at, finished_at) VALUES (1, 0, {id}, 921, true, 1, 7, 0, 5, 1, 2)"
        );
        for row in [
            &*lookup,
            "UPDATE sources SET broken_until = 9000000000000000",
            "INSERT INTO tasks (kind, unique_key, payload, state, not_before, created_at, finished_at)
             VALUES ('dance', 'dance:1', '{}', 7, 0, 1, 2)",
            "INSERT INTO chunks (submission_id, first_ordinal, items, interactive, state, not_before)
             VALUES (1, 0, 1, true, 7, 0)",
        ] {
            database.execute(row).await;
        }
        let output = doctor(&on(&database, &data));
        let given_up = told(&output, "queues");
        for wanted in
            ["1 lookups", "aggregator dead list", "1 tasks", "/api/v1/tasks/ID/retry", "1 chunks", "/rerun"]
        {
            assert!(given_up.contains(wanted), "{wanted}: {given_up}");
        }
        assert!(told(&output, "sources").contains("sick fails"), "{output:?}");
    }
}

/// A Redis of the test's own; it ends with it.
struct Redis {
    server: Child,
    url: String,
}

impl Redis {
    fn start(arguments: &[&str]) -> Self {
        // Free a moment ago; who takes it meanwhile makes the test fail, not pass.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let server = Command::new("redis-server")
            .args(["--bind", "127.0.0.1", "--port", &port.to_string(), "--save", ""])
            .args(arguments)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let redis = Self { server, url: format!("redis://127.0.0.1:{port}") };
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            std::thread::sleep(Duration::from_millis(20));
        }
        redis
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        // Both fail only when it is gone already.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

#[tokio::test]
async fn a_redis_that_throws_away_or_forgets_is_named() {
    let (data, database) = (tempfile::tempdir().unwrap(), TestDatabase::postgres().await);
    let folder = data.path().to_str().unwrap();
    let redis = Redis::start(&["--maxmemory-policy", "allkeys-lru", "--appendonly", "no", "--dir", folder]);
    let output = doctor(&[&on(&database, &data)[..], &[("REDIS_URL", &*redis.url)]].concat());
    assert!(code(&output) == 1 && has(&output, "redis", "broken"), "{output:?}");
    let told = told(&output, "redis");
    for wanted in ["allkeys-lru", "CONFIG SET maxmemory-policy noeviction", "CONFIG SET appendonly yes"] {
        assert!(told.contains(wanted), "{wanted}: {told}");
    }
}

#[tokio::test]
async fn a_clock_that_is_elsewhere_is_named() {
    let (data, database) = (tempfile::tempdir().unwrap(), TestDatabase::postgres().await);
    // A database whose clock is an hour ahead.
    database
        .execute(
            "CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
                 AS $$ SELECT pg_catalog.clock_timestamp() + interval '1 hour' $$;
             DO $$ BEGIN
                 EXECUTE format('ALTER DATABASE %I SET search_path = public, pg_catalog', current_database());
             END $$",
        )
        .await;
    let output = doctor(&on(&database, &data));
    let told = told(&output, "clock");
    assert!(
        has(&output, "clock", "warning") && (told.contains("3600.") || told.contains("3599.")),
        "{output:?}"
    );
}
