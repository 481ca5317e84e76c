//! Workers that are alive, by their heartbeat.

use sea_orm::QueryResult;

use crate::clock::SECOND;
use crate::{Database, StoreError};

/// A worker not seen for so long, microseconds, counts as gone: four of its beats.
pub const FRESH: i64 = 20 * SECOND;

/// A worker process as it reports itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkerBeat {
    /// Unique for one start of one process.
    pub name: String,
    /// Version of the program.
    pub version: String,
    /// Units it works at once.
    pub slots: i32,
    /// Units it works now.
    pub running: i32,
    /// Units it finished since it started.
    pub finished: i64,
    /// Its writes that the fence refused since it started.
    pub stale_refused: i64,
    /// True while it runs a suspect unit and nothing else ([`super::units::SUSPECT_AFTER`]).
    pub alone: bool,
}

/// Records that a worker lives.
pub async fn beat(database: &Database, worker: &WorkerBeat) -> Result<(), StoreError> {
    database
        .sql(
            "INSERT INTO workers (name, version, slots, started_at, seen_at, running, finished, stale_refused, alone)
             VALUES ($1, $2, $3, {now}, {now}, $4, $5, $6, $7)
             ON CONFLICT (name) DO UPDATE SET seen_at = {now}, running = $4, finished = $5, stale_refused = $6,
                 alone = $7",
        )
        .bind(worker.name.clone())
        .bind(worker.version.clone())
        .bind(worker.slots)
        .bind(worker.running)
        .bind(worker.finished)
        .bind(worker.stale_refused)
        .bind(worker.alone)
        .run(database.writer())
        .await?;
    Ok(())
}

/// Records that a worker stopped as planned.
pub async fn leave(database: &Database, name: &str) -> Result<(), StoreError> {
    database.sql("DELETE FROM workers WHERE name = $1").bind(name).run(database.writer()).await?;
    Ok(())
}

/// Slots of the workers seen within `fresh_micros`: what the feeder's window is counted in.
pub async fn slots(database: &Database, fresh_micros: i64) -> Result<i64, StoreError> {
    database
        .sql("SELECT CAST(COALESCE(SUM(slots), 0) AS BIGINT) FROM workers WHERE seen_at > {now} - $1")
        .bind(fresh_micros)
        .scalar(database.reader())
        .await
}

/// A worker that is known: it lives, or vanished within the last day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownWorker {
    /// What it said last.
    pub beat: WorkerBeat,
    /// True when it said so within [`FRESH`].
    pub alive: bool,
    /// When it started, microseconds.
    pub started_at: i64,
    /// When it was last seen, microseconds.
    pub seen_at: i64,
}

/// Every worker that is known: those alive first, then by name.
pub async fn list(database: &Database) -> Result<Vec<KnownWorker>, StoreError> {
    database
        .sql(
            "SELECT name, version, slots, running, finished, stale_refused, alone, started_at, seen_at,
                 seen_at > {now} - $1 AS alive
             FROM workers ORDER BY seen_at <= {now} - $1, name",
        )
        .bind(FRESH)
        .all(database.reader(), |row| {
            Ok(KnownWorker {
                beat: WorkerBeat::read(row)?,
                alive: row.try_get("", "alive")?,
                started_at: row.try_get("", "started_at")?,
                seen_at: row.try_get("", "seen_at")?,
            })
        })
        .await
}

/// Workers seen within `fresh_micros`, by name, with when they were last seen.
pub async fn alive(database: &Database, fresh_micros: i64) -> Result<Vec<(WorkerBeat, i64)>, StoreError> {
    database
        .sql(
            "SELECT name, version, slots, running, finished, stale_refused, alone, seen_at FROM workers
             WHERE seen_at > {now} - $1 ORDER BY name",
        )
        .bind(fresh_micros)
        .all(database.reader(), |row| Ok((WorkerBeat::read(row)?, row.try_get("", "seen_at")?)))
        .await
}

impl WorkerBeat {
    fn read(row: &QueryResult) -> Result<Self, StoreError> {
        Ok(Self {
            name: row.try_get("", "name")?,
            version: row.try_get("", "version")?,
            slots: row.try_get("", "slots")?,
            running: row.try_get("", "running")?,
            finished: row.try_get("", "finished")?,
            stale_refused: row.try_get("", "stale_refused")?,
            alone: row.try_get("", "alone")?,
        })
    }
}

/// Forgets workers not seen for `age_micros`.
pub async fn prune(database: &Database, age_micros: i64) -> Result<u64, StoreError> {
    database
        .sql("DELETE FROM workers WHERE seen_at < {now} - $1")
        .bind(age_micros)
        .run(database.writer())
        .await
}
