//! Units by state, each state through its own partial index.

use sea_orm::QueryResult;

use super::DONE_WITHIN;
use crate::{Database, StoreError};

/// Units of one state, in one lane and of one source.
pub(super) struct Row {
    /// Of lookups.
    pub(super) source: Option<i64>,
    pub(super) interactive: bool,
    pub(super) state: i32,
    pub(super) units: i64,
    /// Since when the oldest is there; of queued ones.
    pub(super) oldest_at: Option<i64>,
    /// When the next is due; of those that wait for their time.
    pub(super) next_due_at: Option<i64>,
}

impl Row {
    fn read(row: &QueryResult) -> Result<Self, StoreError> {
        Ok(Self {
            source: row.try_get("", "source_id")?,
            interactive: row.try_get("", "interactive")?,
            state: row.try_get("", "state")?,
            units: row.try_get("", "units")?,
            oldest_at: row.try_get("", "oldest_at")?,
            next_due_at: row.try_get("", "next_due_at")?,
        })
    }
}

/// Chunks. Those of a submission that is still arriving are invisible.
pub(super) async fn chunks(database: &Database, now: i64) -> Result<Vec<Row>, StoreError> {
    read(
        database,
        "SELECT CAST(NULL AS BIGINT) AS source_id, c.interactive, 1 AS state, COUNT(*) AS units,
             MIN(CASE WHEN c.depth = 0 THEN s.sealed_at END) AS oldest_at,
             MIN(CASE WHEN c.not_before > $1 THEN c.not_before END) AS next_due_at
         FROM chunks c JOIN submissions s ON s.id = c.submission_id WHERE c.state = 1 AND s.state = 2 GROUP BY c.interactive
         UNION ALL SELECT NULL, interactive, CAST(state AS INTEGER), COUNT(*), NULL, NULL FROM chunks WHERE state IN (2, 3)
             GROUP BY interactive, state
         UNION ALL SELECT NULL, interactive, 7, COUNT(*), NULL, NULL FROM chunks WHERE state = 7 GROUP BY interactive
         UNION ALL SELECT NULL, interactive, 6, COUNT(*), NULL, NULL FROM chunks WHERE finished_at > $2 AND state = 6
             GROUP BY interactive",
        now,
    )
    .await
}

/// Lookups, by source.
pub(super) async fn lookups(database: &Database, now: i64) -> Result<Vec<Row>, StoreError> {
    read(
        database,
        "SELECT source_id, interactive, 1 AS state, COUNT(*) AS units, MIN(created_at) AS oldest_at,
             MIN(CASE WHEN not_before > $1 THEN not_before END) AS next_due_at
         FROM lookups WHERE phase = 1 GROUP BY source_id, interactive
         UNION ALL SELECT source_id, interactive, CAST(state AS INTEGER), COUNT(*), NULL, NULL FROM lookups
             WHERE phase = 2 GROUP BY source_id, interactive, state
         UNION ALL SELECT source_id, interactive, 4, COUNT(*), NULL, MIN(not_before) FROM lookups WHERE phase = 4
             GROUP BY source_id, interactive
         UNION ALL SELECT source_id, interactive, 5, COUNT(*), NULL, NULL FROM lookups WHERE phase = 5
             GROUP BY source_id, interactive
         UNION ALL SELECT source_id, interactive, 7, COUNT(*), NULL, NULL FROM lookups WHERE phase = 7
             GROUP BY source_id, interactive
         UNION ALL SELECT source_id, interactive, 6, COUNT(*), NULL, NULL FROM lookups
             WHERE finished_at > $2 AND state = 6 GROUP BY source_id, interactive",
        now,
    )
    .await
}

/// Tasks.
pub(super) async fn tasks(database: &Database, now: i64) -> Result<Vec<Row>, StoreError> {
    read(
        database,
        "SELECT CAST(NULL AS BIGINT) AS source_id, false AS interactive, 1 AS state, COUNT(*) AS units,
             MIN(created_at) AS oldest_at, MIN(CASE WHEN not_before > $1 THEN not_before END) AS next_due_at
         FROM tasks WHERE state = 1
         UNION ALL SELECT NULL, false, CAST(state AS INTEGER), COUNT(*), NULL, NULL FROM tasks WHERE state IN (2, 3)
             GROUP BY state
         UNION ALL SELECT NULL, false, 7, COUNT(*), NULL, NULL FROM tasks WHERE state = 7
         UNION ALL SELECT NULL, false, 6, COUNT(*), NULL, NULL FROM tasks WHERE finished_at > $2 AND state = 6",
        now,
    )
    .await
}

async fn read(database: &Database, statement: &str, now: i64) -> Result<Vec<Row>, StoreError> {
    database.sql(statement).bind(now).bind(now - DONE_WITHIN).all(database.reader(), Row::read).await
}
