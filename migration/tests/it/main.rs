//! Every migration goes up, down and up again with data in the tables, on both databases.

#![expect(clippy::unwrap_used, reason = "a test has nobody to hand an error to")]

use aggregator_migration::{Migrator, MigratorTrait};
use aggregator_testkit::TestDatabase;
use sea_orm_migration::sea_orm::{ConnectionTrait, Database, DatabaseConnection};

/// A row for every table, in an order the foreign keys allow. `{id}` is an identity.
const ROWS: [(&str, &str); 24] = [
    (
        "submissions",
        "(state, tlp, playbook, interactive, format, created_at, touched_at) VALUES (2, 2, 'local', true, 'text', 1, 1)",
    ),
    (
        "chunks",
        "(submission_id, first_ordinal, items, interactive, state, not_before) VALUES (1, 0, 1, true, 1, 0)",
    ),
    (
        "items",
        "(submission_id, ordinal, indicator_id, kind, state, stance, confidence, depth, pending, line, position) VALUES (1, 0, {id}, 5, 4, 0, 0, 0, 0, 1, 0)",
    ),
    ("item_contexts", "(submission_id, ordinal, line, position) VALUES (1, 0, 2, 0)"),
    ("rejects", "(submission_id, line, reason, raw) VALUES (1, 3, 5, 'nope')"),
    ("idempotency_keys", "(key, submission_id, created_at) VALUES ('k', 1, 1)"),
    ("indicators", "(id, kind, value, first_seen_at) VALUES ({id}, 5, 'example.com', 1)"),
    ("providers", "(slug, name, enabled, created_at, updated_at) VALUES ('p', 'P', true, 1, 1)"),
    (
        "sources",
        "(slug, name, provider_id, kind, enabled, created_at, updated_at) VALUES ('s', 'S', 1, 'feed', true, 1, 1)",
    ),
    (
        "findings",
        "(indicator_id, source_id, version, outcome, stance, confidence, summary, data_hash, found_at, checked_at) VALUES ({id}, 1, 1, 1, 3, 90, 'listed', 7, 1, 1)",
    ),
    ("feeds", "(source_id, definition, created_at, updated_at) VALUES (1, 'x', 1, 1)"),
    ("feed_generations", "(feed_id, hash, entries, rejected, bytes, created_at) VALUES (1, 'h', 1, 0, 1, 1)"),
    ("feed_generation_parts", "(generation_id, part, bytes) VALUES (1, 0, {bytes})"),
    ("feed_runs", "(feed_id, state, started_at) VALUES (1, 3, 1)"),
    (
        "ignore_lists",
        "(slug, name, description, enabled, action, created_at, updated_at) VALUES ('i', 'I', '', true, 'refuse', 1, 1)",
    ),
    (
        "ignore_list_entries",
        "(list_id, id, mode, value, created_at) VALUES (1, {id}, 'exact', 'example.com', 1)",
    ),
    (
        "custom_kinds",
        "(slug, name, description, enabled, priority, definition, created_at, updated_at) VALUES ('c', 'C', '', true, 0, '{}', 1, 1)",
    ),
    ("settings", "(key, value, updated_at) VALUES ('k', 'v', 1)"),
    (
        "tasks",
        "(kind, unique_key, payload, state, not_before, created_at) VALUES ('prune', 'prune:1', '{}', 1, 0, 1)",
    ),
    ("workers", "(name, version, slots, started_at, seen_at) VALUES ('w', '0', 1, 1, 1)"),
    ("contact", "(id, since, latest) VALUES (1, 1, 1)"),
    ("quotas", "(source_id, window_micros, calls, spent_until) VALUES (1, 60000000, 5, 0)"),
    (
        "lookups",
        "(submission_id, ordinal, indicator_id, source_id, interactive, turn, state, not_before, created_at) VALUES (1, 0, {id}, 1, true, 1, 1, 0, 1)",
    ),
    (
        "relations",
        "(from_id, relation, to_id, source_id, found_at, checked_at) VALUES ({id}, 1, {id}, 1, 1, 1)",
    ),
];

async fn fill(database: &DatabaseConnection, postgres: bool) {
    let id = if postgres {
        "'00112233-4455-6677-8899-aabbccddeeff'"
    } else {
        "X'00112233445566778899AABBCCDDEEFF'"
    };
    let bytes = if postgres { "'\\x00ff'::bytea" } else { "X'00FF'" };
    for (table, row) in ROWS {
        let row = row.replace("{id}", id).replace("{bytes}", bytes);
        database
            .execute_unprepared(&format!("INSERT INTO {table} {row}"))
            .await
            .unwrap_or_else(|error| panic!("{table}: {error}"));
    }
}

async fn count(database: &DatabaseConnection, table: &str) -> Result<i64, String> {
    use sea_orm_migration::sea_orm::Statement;
    let statement =
        Statement::from_string(database.get_database_backend(), format!("SELECT COUNT(*) FROM {table}"));
    let row = database.query_one_raw(statement).await.map_err(|error| error.to_string())?;
    row.unwrap().try_get_by_index(0).map_err(|error| error.to_string())
}

async fn up_down_up(place: TestDatabase) {
    let database = Database::connect(place.url()).await.unwrap();
    fill(&database, place.is_postgres()).await;
    for (table, _) in ROWS {
        assert_eq!(count(&database, table).await, Ok(1), "{table}");
    }
    for left in (0..Migrator::migrations().len()).rev() {
        Migrator::down(&database, Some(1)).await.unwrap();
        assert_eq!(Migrator::get_applied_migrations(&database).await.unwrap().len(), left);
    }
    for (table, _) in ROWS {
        assert!(count(&database, table).await.is_err(), "{table} survived its migration's way down");
    }
    Migrator::up(&database, None).await.unwrap();
    for (table, _) in ROWS {
        assert_eq!(count(&database, table).await, Ok(0), "{table}");
    }
    // The way back is whole: the same rows fit again, and what migrations themselves insert is there once.
    fill(&database, place.is_postgres()).await;
    assert_eq!(count(&database, "playbooks").await, Ok(4));
    assert_eq!(count(&database, "versions").await, Ok(3));
    database.close().await.unwrap();
}

#[tokio::test]
async fn every_migration_goes_up_down_and_up_with_data_on_postgresql() {
    up_down_up(TestDatabase::postgres().await).await;
}

#[tokio::test]
async fn every_migration_goes_up_down_and_up_with_data_on_sqlite() {
    up_down_up(TestDatabase::sqlite().await).await;
}
