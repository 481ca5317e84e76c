//! Paused queues: what is due in one is offered to no worker until it is resumed. The feeders' statements ask this table themselves,
//! so a pause holds for every process from its commit on.

use std::collections::BTreeMap;

use crate::{Database, StoreError};

/// Pauses a queue; one that is paused stays so, since when it was.
pub async fn pause(database: &Database, name: &str) -> Result<(), StoreError> {
    database
        .sql("INSERT INTO paused_queues (name, paused_at) VALUES ($1, {now}) ON CONFLICT (name) DO NOTHING")
        .bind(name)
        .run(database.writer())
        .await
        .map(drop)
}

/// Lets a queue go on; one that is not paused does.
pub async fn resume(database: &Database, name: &str) -> Result<(), StoreError> {
    database
        .sql("DELETE FROM paused_queues WHERE name = $1")
        .bind(name)
        .run(database.writer())
        .await
        .map(drop)
}

/// The paused queues, and since when, microseconds.
pub async fn paused(database: &Database) -> Result<BTreeMap<String, i64>, StoreError> {
    let rows = database
        .sql("SELECT name, paused_at FROM paused_queues")
        .all(database.reader(), |row| Ok((row.try_get("", "name")?, row.try_get("", "paused_at")?)))
        .await?;
    Ok(rows.into_iter().collect())
}
