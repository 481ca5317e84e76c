//! The kit against the real servers: what one test writes no other test sees, and nothing stays behind.
#![expect(clippy::unwrap_used, reason = "in a test a panic is the answer")]

use aggregator_entities::Database;
use aggregator_testkit::{RedisPrefix, TestDatabase, postgres_url};
use sqlx::{Connection, PgConnection, Row};

/// Tables a migrated database has, by a statement of its own dialect.
async fn tables(database: &TestDatabase) -> Vec<String> {
    let statement = if database.is_postgres() {
        "SELECT tablename::text AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
    } else {
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY 1"
    };
    if database.is_postgres() {
        let mut connection = PgConnection::connect(database.url()).await.unwrap();
        let rows = sqlx::query(statement).fetch_all(&mut connection).await.unwrap();
        rows.iter().map(|row| row.get("name")).collect()
    } else {
        let mut connection = sqlx::SqliteConnection::connect(database.url()).await.unwrap();
        let rows = sqlx::query(statement).fetch_all(&mut connection).await.unwrap();
        rows.iter().map(|row| row.get("name")).collect()
    }
}

#[tokio::test]
async fn both_databases_are_migrated_to_the_same_tables() {
    let [postgres, sqlite] = TestDatabase::both().await;
    let tables_there = tables(&postgres).await;
    assert!(tables_there.iter().any(|name| name == "submissions"), "{tables_there:?}");
    assert_eq!(tables_there, tables(&sqlite).await);
}

#[tokio::test]
async fn two_tests_do_not_share_a_database() {
    for [one, other] in [
        [TestDatabase::postgres().await, TestDatabase::postgres().await],
        [TestDatabase::sqlite().await, TestDatabase::sqlite().await],
    ] {
        assert_ne!(one.url(), other.url());
    }
}

#[tokio::test]
async fn a_dropped_database_is_gone_even_with_a_connection_open() {
    let database = TestDatabase::postgres().await;
    let name = database.url().rsplit('/').next().unwrap().split('?').next().unwrap().to_owned();
    let open = Database::connect(database.url(), 1).await.unwrap();
    open.ping().await.unwrap();
    drop(database);
    let mut server = PgConnection::connect(&postgres_url()).await.unwrap();
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM pg_database WHERE datname = $1")
        .bind(&name)
        .fetch_one(&mut server)
        .await
        .unwrap();
    assert_eq!(left, 0, "{name}");
}

#[tokio::test]
async fn a_dropped_sqlite_file_is_gone() {
    let database = TestDatabase::sqlite().await;
    let file = std::path::PathBuf::from(database.url().trim_start_matches("sqlite://"));
    assert!(file.exists());
    drop(database);
    assert!(!file.exists());
}

#[test]
fn a_prefix_is_deleted_with_its_keys_and_leaves_the_others_alone() {
    let (mine, other) = (RedisPrefix::new(), RedisPrefix::new());
    let mut connection = redis::Client::open(mine.url()).unwrap().get_connection().unwrap();
    for prefix in [mine.prefix(), other.prefix()] {
        redis::cmd("SET").arg(format!("{prefix}key")).arg(1).exec(&mut connection).unwrap();
    }
    assert_eq!(mine.keys(), [format!("{}key", mine.prefix())]);
    let gone = mine.prefix().to_owned();
    drop(mine);
    let left: bool = redis::cmd("EXISTS").arg(format!("{gone}key")).query(&mut connection).unwrap();
    assert!(!left);
    assert_eq!(other.keys().len(), 1);
}
