//! Leases: claimed, renewed, given back.

use sea_orm::{ConnectionTrait, DatabaseTransaction};

use super::flying;
use super::poison::SUSPECT_AFTER;
use crate::ids::{ChunkId, TaskId};
use crate::tables::chunk::ClaimedChunk;
use crate::{Database, StoreError};

/// Text for the condition that makes a claim exclusive; the chaos build without fencing lets claims overlap.
const CLAIMABLE: &str =
    if cfg!(feature = "chaos-without-fencing") { "state IN (1, 2, 3)" } else { "state IN (1, 2)" };

/// Claims chunks for a worker: `queued|offered → running`, `attempt + 1`, with a lease. Those that somebody else holds,
/// that are suspect, or whose submission is not running, are left out.
pub async fn claim_chunks(
    database: &Database,
    ids: &[i64],
    worker: &str,
    lease_micros: i64,
) -> Result<Vec<ClaimedChunk>, StoreError> {
    claim(database, ids, (worker, lease_micros), &format!("lost < {SUSPECT_AFTER}")).await
}

/// Claims one suspect chunk for a worker that does nothing else meanwhile.
pub async fn claim_suspect(
    database: &Database,
    id: i64,
    worker: &str,
    lease_micros: i64,
) -> Result<Option<ClaimedChunk>, StoreError> {
    let suspect = format!("lost >= {SUSPECT_AFTER}");
    Ok(claim(database, &[id], (worker, lease_micros), &suspect).await?.pop())
}

async fn claim(
    database: &Database,
    ids: &[i64],
    (worker, lease_micros): (&str, i64),
    condition: &str,
) -> Result<Vec<ClaimedChunk>, StoreError> {
    let transaction = begin_lease(database).await?;
    let mut claimed = database
        .sql(&format!(
            "UPDATE chunks SET state = 3, attempt = attempt + 1, leased_by = $1, lease_until = {{now}} + $2, offered_until = NULL
             WHERE id {{in $3}} AND {CLAIMABLE} AND {condition}
               AND EXISTS (SELECT 1 FROM submissions s WHERE s.id = chunks.submission_id AND s.state = 2)
             RETURNING id, submission_id, attempt, first_ordinal, depth, interactive, payload"
        ))
        .bind(worker)
        .bind(lease_micros)
        .ids(ids.iter().copied())
        .all(&transaction, ClaimedChunk::read)
        .await?;
    transaction.commit().await?;
    claimed.sort_by_key(|chunk| chunk.id);
    Ok(claimed)
}

/// Which of these chunks are suspect, and free to be claimed.
pub async fn suspect_chunks(database: &Database, ids: &[i64]) -> Result<Vec<i64>, StoreError> {
    suspects(database, "chunks", ids).await
}

/// True when this task is suspect, and free to be claimed.
pub async fn is_suspect_task(database: &Database, id: TaskId) -> Result<bool, StoreError> {
    Ok(!suspects(database, "tasks", &[id.0]).await?.is_empty())
}

async fn suspects(database: &Database, table: &str, ids: &[i64]) -> Result<Vec<i64>, StoreError> {
    database
        .sql(&format!(
            "SELECT id FROM {table} WHERE id {{in $1}} AND state IN (1, 2) AND lost >= {SUSPECT_AFTER} ORDER BY id"
        ))
        .ids(ids.iter().copied())
        .all(database.reader(), |row| Ok(row.try_get("", "id")?))
        .await
}

/// A task under lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedTask {
    /// Its id.
    pub id: TaskId,
    /// What to do.
    pub kind: String,
    /// Ids it is about, as JSON.
    pub payload: String,
    /// Number of this claim: the fence.
    pub attempt: i32,
}

/// Claims one task; `None` when somebody else holds it.
pub async fn claim_task(
    database: &Database,
    id: TaskId,
    worker: &str,
    lease_micros: i64,
) -> Result<Option<ClaimedTask>, StoreError> {
    database
        .sql(
            "UPDATE tasks SET state = 3, attempt = attempt + 1, leased_by = $1, lease_until = {now} + $2, offered_until = NULL
             WHERE id = $3 AND state IN (1, 2) RETURNING id, kind, payload, attempt",
        )
        .bind(worker)
        .bind(lease_micros)
        .bind(id.0)
        .one(database.writer(), |row| {
            Ok(ClaimedTask {
                id: TaskId(row.try_get("", "id")?),
                kind: row.try_get("", "kind")?,
                payload: row.try_get("", "payload")?,
                attempt: row.try_get("", "attempt")?,
            })
        })
        .await
}

/// Extends the leases of the units a worker has in hand; those already taken from it stay taken. One that ran out and was
/// not yet taken back is extended, too: after an outage of the database that is every one. Only what it really works on
/// is named, so a claim whose answer was lost runs out by itself.
pub async fn renew(
    database: &Database,
    worker: &str,
    (chunks, lookups, tasks): (&[i64], &[i64], &[i64]),
    lease_micros: i64,
) -> Result<u64, StoreError> {
    let mut renewed = 0;
    for (table, ids) in [("chunks", chunks), ("lookups", lookups), ("tasks", tasks)] {
        if !ids.is_empty() {
            renewed += database
                .sql(&format!(
                    "UPDATE {table} SET lease_until = {{now}} + $2
                     WHERE id {{in $3}} AND leased_by = $1 AND state = 3"
                ))
                .bind(worker)
                .bind(lease_micros)
                .ids(ids.iter().copied())
                .run(database.writer())
                .await?;
        }
    }
    Ok(renewed)
}

/// Gives back what a worker holds on a planned stop, at once and without a mark against the unit.
pub async fn hand_back(database: &Database, worker: &str) -> Result<u64, StoreError> {
    let mut returned = 0;
    for table in ["chunks", "lookups", "tasks"] {
        returned += database
            .sql(&format!(
                "UPDATE {table} SET state = 1, leased_by = NULL, lease_until = NULL
                 WHERE {}leased_by = $1 AND state = 3",
                flying(table)
            ))
            .bind(worker)
            .run(database.writer())
            .await?;
    }
    Ok(returned)
}

/// Gives back chunks that a worker cannot finish now (the database failed in the middle), without a mark.
pub async fn release_chunks(
    database: &Database,
    chunks: &[(ChunkId, i32)],
    delay_micros: i64,
) -> Result<(), StoreError> {
    for (id, attempt) in chunks {
        database
            .sql(
                "UPDATE chunks SET state = 1, leased_by = NULL, lease_until = NULL, not_before = {now} + $3
                 WHERE id = $1 AND attempt = $2 AND state = 3",
            )
            .bind(id.0)
            .bind(*attempt)
            .bind(delay_micros)
            .run(database.writer())
            .await?;
    }
    Ok(())
}

/// Gives back chunks whose claim was not answered: where it went through all the same, nobody works on them. Without a
/// mark.
pub async fn disclaim_chunks(database: &Database, ids: &[i64], worker: &str) -> Result<u64, StoreError> {
    database
        .sql(
            "UPDATE chunks SET state = 1, leased_by = NULL, lease_until = NULL
             WHERE id {in $2} AND leased_by = $1 AND state = 3",
        )
        .bind(worker)
        .ids(ids.iter().copied())
        .run(database.writer())
        .await
}

/// Leasing need not wait for the disk: a lost claim is claimed again, and the fence refuses the first claimer.
async fn begin_lease(database: &Database) -> Result<DatabaseTransaction, StoreError> {
    let transaction = database.begin().await?;
    if database.is_postgres() {
        transaction.execute_unprepared("SET LOCAL synchronous_commit = off").await?;
    }
    Ok(transaction)
}
