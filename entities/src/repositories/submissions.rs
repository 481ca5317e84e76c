//! Submissions as their owner sees them: list, get, cancel, delete, facets, rejects.

mod cancel;

pub use cancel::{cancel, close_cancelled, half_cancelled};

use std::collections::BTreeMap;

use aggregator_domain::Reject;
use aggregator_domain::state::SubmissionState;

use crate::ids::SubmissionId;
use crate::repositories::indicators::HOLD_LOCK;
use crate::sql::code;
use crate::tables::submission::Submission;
use crate::{Database, StoreError};

/// One submission; `None` when there is none, when its body still arrives, or when it was deleted.
pub async fn find(database: &Database, id: SubmissionId) -> Result<Option<Submission>, StoreError> {
    database
        .sql(&format!(
            "SELECT {} FROM submissions WHERE id = $1 AND state <> 1 AND deleted_at IS NULL",
            Submission::COLUMNS
        ))
        .bind(id.0)
        .one(database.reader(), Submission::read)
        .await
}

/// What to list.
#[derive(Debug, Clone, Default)]
pub struct SubmissionFilter {
    /// Only older than this one: the cursor.
    pub before: Option<SubmissionId>,
    /// Only in this state.
    pub state: Option<SubmissionState>,
}

/// Submissions, newest first, at most `limit`.
pub async fn list(
    database: &Database,
    filter: &SubmissionFilter,
    limit: u32,
) -> Result<Vec<Submission>, StoreError> {
    database
        .sql(&format!(
            "SELECT {} FROM submissions WHERE id < $1 AND state <> 1 AND deleted_at IS NULL AND ($2 = 0 OR state = $2)
             ORDER BY id DESC LIMIT $3",
            Submission::COLUMNS
        ))
        .bind(filter.before.map_or(i64::MAX, |id| id.0))
        .bind(filter.state.map_or(0_i16, |state| i16::from(state.code())))
        .bind(i64::from(limit))
        .all(database.reader(), Submission::read)
        .await
}

/// How much accepted work waits: what back-pressure looks at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Backlog {
    /// Submissions receiving or running.
    pub open: i64,
    /// Items of running submissions without a verdict.
    pub items: i64,
}

/// Counts the backlog.
pub async fn backlog(database: &Database) -> Result<Backlog, StoreError> {
    let row = database
        .sql(
            "SELECT COUNT(*) AS open, CAST(COALESCE(SUM(total - done - cancelled), 0) AS BIGINT) AS items
             FROM submissions WHERE state IN (1, 2)",
        )
        .one(database.reader(), |row| {
            Ok(Backlog { open: row.try_get("", "open")?, items: row.try_get("", "items")? })
        })
        .await?;
    Ok(row.unwrap_or_default())
}

/// Hides a terminal submission at once and returns true; its rows go in the background ([`purge`]). False when it is
/// receiving, running or gone.
pub async fn delete(database: &Database, id: SubmissionId) -> Result<bool, StoreError> {
    let hidden = database
        .sql("UPDATE submissions SET deleted_at = {now} WHERE id = $1 AND state IN (3, 4) AND deleted_at IS NULL")
        .bind(id.0)
        .run(database.writer())
        .await?;
    Ok(hidden == 1)
}

/// Rows removed in one transaction of a purge.
const PURGE_ROWS: i64 = 5_000;

/// Removes a part of a deleted submission; call until it returns false. What goes: its items, contexts, rejects, chunks,
/// lookups, idempotency key and row, and every indicator that no other submission holds, no source has a finding about and
/// no answer leads to.
pub async fn purge(database: &Database, id: SubmissionId) -> Result<bool, StoreError> {
    let transaction = database.begin().await?;
    let items = database
        .sql("SELECT ordinal FROM items WHERE submission_id = $1 ORDER BY ordinal LIMIT $2")
        .bind(id.0)
        .bind(PURGE_ROWS)
        .all(&transaction, |row| Ok(row.try_get::<i32>("", "ordinal")?))
        .await?;
    if let Some(last) = items.last() {
        if database.is_postgres() {
            database.sql("SELECT pg_advisory_xact_lock($1)").bind(HOLD_LOCK).run(&transaction).await?;
        }
        database
            .sql(
                "DELETE FROM indicators WHERE id IN (SELECT indicator_id FROM items WHERE submission_id = $1 AND ordinal <= $2)
                 AND NOT EXISTS (SELECT 1 FROM items i WHERE i.indicator_id = indicators.id AND i.submission_id <> $1)
                 AND NOT EXISTS (SELECT 1 FROM findings f WHERE f.indicator_id = indicators.id)
                 AND NOT EXISTS (SELECT 1 FROM relations r WHERE r.to_id = indicators.id)",
            )
            .bind(id.0)
            .bind(*last)
            .run(&transaction)
            .await?;
        database
            .sql("DELETE FROM items WHERE submission_id = $1 AND ordinal <= $2")
            .bind(id.0)
            .bind(*last)
            .run(&transaction)
            .await?;
        transaction.commit().await?;
        return Ok(true);
    }
    for table in ["item_contexts", "rejects", "lookups", "chunks", "idempotency_keys"] {
        database
            .sql(&format!("DELETE FROM {table} WHERE submission_id = $1"))
            .bind(id.0)
            .run(&transaction)
            .await?;
    }
    database
        .sql("DELETE FROM submissions WHERE id = $1 AND deleted_at IS NOT NULL")
        .bind(id.0)
        .run(&transaction)
        .await?;
    transaction.commit().await?;
    Ok(false)
}

/// Deleted submissions whose rows are not all gone.
pub async fn deleted(database: &Database) -> Result<Vec<SubmissionId>, StoreError> {
    database
        .sql("SELECT id FROM submissions WHERE deleted_at IS NOT NULL ORDER BY id LIMIT 100")
        .all(database.reader(), |row| Ok(SubmissionId(row.try_get("", "id")?)))
        .await
}

/// Done items per kind and stance (in the order of the stances' codes): the sum of what the chunks counted.
pub type Facets = BTreeMap<String, [u64; 4]>;

/// Sums the facets of a submission over its chunks; never counts items.
pub async fn facets(database: &Database, id: SubmissionId) -> Result<Facets, StoreError> {
    let counts = database
        .sql(
            "SELECT counts FROM chunks WHERE submission_id = $1 AND counts IS NOT NULL
             UNION ALL SELECT late_counts FROM submissions WHERE id = $2 AND late_counts IS NOT NULL",
        )
        .bind(id.0)
        .bind(id.0)
        .all(database.reader(), |row| Ok(row.try_get::<String>("", "counts")?))
        .await?;
    let mut facets = Facets::new();
    for text in counts {
        let chunk: Facets = serde_json::from_str(&text)
            .map_err(|error| StoreError::Corrupt(format!("chunk counts: {error}")))?;
        for (kind, counts) in chunk {
            let sum = facets.entry(kind).or_default();
            sum.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        }
    }
    Ok(facets)
}

/// A refused line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectRow {
    /// Line of the body, from 1.
    pub line: i32,
    /// Why.
    pub reason: Reject,
    /// The line, made printable and cut.
    pub raw: String,
}

/// Refused lines after line `after`, in order, at most `limit`.
pub async fn rejects(
    database: &Database,
    id: SubmissionId,
    after: i32,
    limit: u32,
) -> Result<Vec<RejectRow>, StoreError> {
    database
        .sql("SELECT line, reason, raw FROM rejects WHERE submission_id = $1 AND line > $2 ORDER BY line LIMIT $3")
        .bind(id.0)
        .bind(after)
        .bind(i64::from(limit))
        .all(database.reader(), |row| {
            Ok(RejectRow {
                line: row.try_get("", "line")?,
                reason: code(row, "reason", Reject::from_code)?,
                raw: row.try_get("", "raw")?,
            })
        })
        .await
}
