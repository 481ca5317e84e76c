//! Workers that are alive, by their heartbeat.

use sea_orm::QueryResult;

use super::walk::{Part, Walk};
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
    /// Chunks it screens at once.
    pub slots: i32,
    /// Units it has in hand: chunks, lookups and tasks.
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
             SELECT $1, $2, $3, born.at, born.at, $4, $5, $6, $7 FROM (SELECT {now} AS at) born WHERE true
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

/// What the list of workers is ordered by; names decide between equals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkerKey {
    /// Those alive first.
    Alive,
    /// The name, byte by byte.
    Name,
    /// When it started.
    StartedAt,
}

impl WorkerKey {
    /// The key as a number; `$1` is [`FRESH`]. By name alone all have the same.
    const fn number(self) -> &'static str {
        match self {
            Self::Alive => "CASE WHEN seen_at > {now} - $1 THEN 0 ELSE 1 END",
            Self::Name => "CAST(0 AS BIGINT)",
            Self::StartedAt => "started_at",
        }
    }
}

/// A place in the list of workers: the number and the name of one.
pub type WorkerPlace = (i64, String);

/// The workers that are known. They are those of a day, so that sorting them is cheap.
pub async fn list(
    database: &Database,
    key: WorkerKey,
    walk: &Walk<WorkerPlace>,
) -> Result<Part<KnownWorker, WorkerPlace>, StoreError> {
    let (number, then, order) = (key.number(), walk.then(), walk.order());
    let (at, name) = walk.after.clone().unwrap_or_default();
    let rows = database
        .sql(&format!(
            "SELECT name, version, slots, running, finished, stale_refused, alone, started_at, seen_at,
                 seen_at > {{now}} - $1 AS alive, CAST({number} AS BIGINT) AS place
             FROM workers WHERE $2 = 0 OR ({number}, name {{bytewise}}) {then} ($3, $4)
             ORDER BY {number} {order}, name {{bytewise}} {order} LIMIT $5"
        ))
        .bind(FRESH)
        .bind(i16::from(walk.after.is_some()))
        .bind(at)
        .bind(name)
        .bind(walk.rows())
        .all(database.reader(), |row| {
            let beat = WorkerBeat::read(row)?;
            let place = (row.try_get("", "place")?, beat.name.clone());
            let worker = KnownWorker {
                beat,
                alive: row.try_get("", "alive")?,
                started_at: row.try_get("", "started_at")?,
                seen_at: row.try_get("", "seen_at")?,
            };
            Ok((worker, place))
        })
        .await?;
    let (rows, next) = walk.cut(rows, |(_, place)| place.clone());
    Ok((rows.into_iter().map(|(worker, _)| worker).collect(), next))
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
