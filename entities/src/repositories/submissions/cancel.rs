//! Cancelling: the submission flips first, then its rows close (architecture.md rule 12). Whoever adds units to it counts them
//! on its row last and only while it runs, so that after the flip there is nothing to come.

use crate::ids::{ChunkId, SubmissionId};
use crate::{Database, StoreError};

/// Cancels a running submission: a commit in progress finds it so and changes nothing. What of it is open is to be closed
/// next ([`close_cancelled`]). Returns false when it is not running.
pub async fn cancel(database: &Database, id: SubmissionId) -> Result<bool, StoreError> {
    let flipped = database
        .sql(
            "UPDATE submissions SET state = 4, finished_at = {now}, touched_at = {now}, seq = seq + 1
             WHERE id = $1 AND state = 2",
        )
        .bind(id.0)
        .run(database.writer())
        .await?;
    Ok(flipped == 1)
}

/// Closes the open chunks and lookups of a cancelled submission and counts their items as cancelled. Idempotent.
pub async fn close_cancelled(database: &Database, id: SubmissionId) -> Result<(), StoreError> {
    let transaction = database.begin().await?;
    let closed = database
        .sql(
            "UPDATE chunks SET state = 8, finished_at = {now}, offered_until = NULL, leased_by = NULL, lease_until = NULL
             WHERE id IN (SELECT id FROM chunks WHERE submission_id = $1 AND state IN (1, 2, 3) ORDER BY id {for_update})
               AND state IN (1, 2, 3) RETURNING id, items",
        )
        .bind(id.0)
        .all(&transaction, |row| Ok((ChunkId(row.try_get("", "id")?), row.try_get::<i32>("", "items")?)))
        .await?;
    let in_chunks: i64 = closed.iter().map(|(_, items)| i64::from(*items)).sum();
    database
        .sql(
            "UPDATE lookups SET state = 8, outcome = 10, finished_at = {now}, offered_until = NULL, leased_by = NULL,
                 lease_until = NULL
             WHERE id IN (SELECT id FROM lookups WHERE submission_id = $1 AND state IN (1, 2, 3, 4, 5)
                          ORDER BY id {for_update})",
        )
        .bind(id.0)
        .run(&transaction)
        .await?;
    let looking_up = database
        .sql("UPDATE items SET state = 5, pending = 0 WHERE submission_id = $1 AND state = 3")
        .bind(id.0)
        .run(&transaction)
        .await?;
    let items = in_chunks + i64::try_from(looking_up).unwrap_or(i64::MAX);
    let seq = database
        .sql(
            "UPDATE submissions SET touched_at = {now}, seq = seq + 1, cancelled = cancelled + $2, outstanding = 0
             WHERE id = $1 AND state = 4 RETURNING seq",
        )
        .bind(id.0)
        .bind(items)
        .one(&transaction, |row| Ok(row.try_get_by_index::<i64>(0)?))
        .await?;
    let Some(seq) = seq else { return Ok(()) };
    database
        .sql("UPDATE chunks SET seq = $1 WHERE id {in $2}")
        .bind(seq)
        .ids(closed.iter().map(|(id, _)| id.0))
        .run(&transaction)
        .await?;
    transaction.commit().await?;
    Ok(())
}

/// Cancelled submissions whose canceller did not come to close their rows.
pub async fn half_cancelled(database: &Database) -> Result<Vec<SubmissionId>, StoreError> {
    database
        .sql("SELECT id FROM submissions WHERE state = 4 AND outstanding > 0 ORDER BY id LIMIT 100")
        .all(database.reader(), |row| Ok(SubmissionId(row.try_get("", "id")?)))
        .await
}
