//! Submissions as their owner sees them: list, get, cancel, delete, facets, rejects.

mod cancel;

pub use cancel::{cancel, close_cancelled, half_cancelled};

use std::collections::BTreeMap;

use aggregator_domain::Reject;
use aggregator_domain::state::SubmissionState;

use crate::ids::SubmissionId;
use crate::repositories::indicators::HOLD_LOCK;
use crate::repositories::walk::{Part, Span, Walk};
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

/// Which submissions are meant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SubmissionFilter {
    /// Only in this state.
    pub state: Option<SubmissionState>,
}

/// Submissions in the order they were made. With a filter a part may be short, even empty, and not the last.
pub async fn list(
    database: &Database,
    filter: &SubmissionFilter,
    walk: &Walk<SubmissionId>,
) -> Result<Part<Submission, SubmissionId>, StoreError> {
    let (after, descending) = (walk.after.map(|id| id.0), walk.descending);
    let span = match filter.state {
        None => Span::whole(after, descending),
        Some(_) => Span::bounded(database, "submissions", (after, descending)).await?,
    };
    let rows = database
        .sql(&format!(
            "SELECT {} FROM submissions WHERE id >= $1 AND id <= $2 AND state <> 1 AND deleted_at IS NULL
                 AND ($3 = 0 OR state = $3)
             ORDER BY id {} LIMIT $4",
            Submission::COLUMNS,
            walk.order()
        ))
        .bind(span.least)
        .bind(span.greatest)
        .bind(filter.state.map_or(0_i16, |state| i16::from(state.code())))
        .bind(walk.rows())
        .all(database.reader(), Submission::read)
        .await?;
    let (rows, next) = walk.cut(rows, |row| row.id);
    Ok((rows, next.or(span.next.map(SubmissionId))))
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
        // With all that hangs on them: a lookup whose indicator is gone could not be claimed.
        for table in ["item_contexts", "lookups", "items"] {
            database
                .sql(&format!("DELETE FROM {table} WHERE submission_id = $1 AND ordinal <= $2"))
                .bind(id.0)
                .bind(*last)
                .run(&transaction)
                .await?;
        }
        transaction.commit().await?;
        return Ok(true);
    }
    let rejects = database
        .sql(
            "DELETE FROM rejects WHERE submission_id = $1 AND line IN (
                 SELECT r.line FROM rejects r WHERE r.submission_id = $1 ORDER BY r.line LIMIT $2)",
        )
        .bind(id.0)
        .bind(PURGE_ROWS)
        .run(&transaction)
        .await?;
    if rejects > 0 {
        transaction.commit().await?;
        return Ok(true);
    }
    for table in ["item_contexts", "lookups", "chunks", "derivations", "idempotency_keys"] {
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

/// Refused lines in the order of the body.
pub async fn rejects(
    database: &Database,
    id: SubmissionId,
    walk: &Walk<i32>,
) -> Result<Part<RejectRow, i32>, StoreError> {
    let (then, order) = (walk.then(), walk.order());
    let rows = database
        .sql(&format!(
            "SELECT line, reason, raw FROM rejects WHERE submission_id = $1 AND line {then} $2
             ORDER BY line {order} LIMIT $3"
        ))
        .bind(id.0)
        .bind(walk.behind(i64::from))
        .bind(walk.rows())
        .all(database.reader(), |row| {
            Ok(RejectRow {
                line: row.try_get("", "line")?,
                reason: code(row, "reason", Reject::from_code)?,
                raw: row.try_get("", "raw")?,
            })
        })
        .await?;
    Ok(walk.cut(rows, |row| row.line))
}
