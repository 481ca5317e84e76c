//! Cancelling: the submission flips first, then its rows close (architecture.md rule 12). Whoever adds units to it counts them
//! on its row last and only while it runs, so that after the flip there is nothing to come.

use sea_orm::DatabaseTransaction;

use crate::ids::{ChunkId, SubmissionId};
use crate::repositories::lookups::lead::pass_on;
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

/// Ordinals closed in one transaction.
const STEP: i32 = 1_000;

/// How often a step is tried again that met another writer.
const MEETINGS: u32 = 10;

/// Closes the open chunks and lookups of a cancelled submission, some thousand at a time, and counts their items as cancelled.
/// Those of other submissions that wait on its lookups go on without them. A lookup that runs is called already: it keeps the slot
/// of its source until the call returns, whose answer is kept and settles those that wait on it. Idempotent.
pub async fn close_cancelled(database: &Database, id: SubmissionId) -> Result<(), StoreError> {
    close_chunks(database, id).await?;
    // Those that wait come first: none of them must come to lead.
    for part in [Part::Waiting, Part::Rest] {
        let (mut after, mut met) = (-1, 0);
        loop {
            match close_step(database, id, (part, after)).await {
                Ok(Some(last)) => after = last,
                Ok(None) => break,
                // A commit of a worker crossed this one, or another lookup began to ask the same.
                Err(StoreError::Duplicate(_) | StoreError::Contention(_)) if met < MEETINGS => met += 1,
                Err(error) => return Err(error),
            }
        }
    }
    database
        .sql("UPDATE submissions SET outstanding = 0 WHERE id = $1 AND state = 4 AND outstanding <> 0")
        .bind(id.0)
        .run(database.writer())
        .await?;
    Ok(())
}

async fn close_chunks(database: &Database, id: SubmissionId) -> Result<(), StoreError> {
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
    let items = closed.iter().map(|(_, items)| i64::from(*items)).sum();
    let Some(seq) = count(database, &transaction, id, items).await? else { return Ok(()) };
    database
        .sql("UPDATE chunks SET seq = $1 WHERE id {in $2}")
        .bind(seq)
        .ids(closed.iter().map(|(id, _)| id.0))
        .run(&transaction)
        .await?;
    transaction.commit().await?;
    Ok(())
}

/// What a pass closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Lookups that wait on others.
    Waiting,
    /// The others, and the items.
    Rest,
}

/// Closes what is open of the next ordinals after `after`; the last of them, `None` when there is nothing more.
async fn close_step(
    database: &Database,
    id: SubmissionId,
    (part, after): (Part, i32),
) -> Result<Option<i32>, StoreError> {
    let first = match part {
        Part::Waiting => {
            "SELECT ordinal FROM lookups WHERE submission_id = $1 AND ordinal > $2 AND state = 5"
        }
        Part::Rest => "SELECT ordinal FROM items WHERE submission_id = $1 AND ordinal > $2 AND state = 3",
    };
    let first = database
        .sql(&format!("{first} ORDER BY submission_id, ordinal LIMIT 1"))
        .bind(id.0)
        .bind(after)
        .one(database.writer(), |row| Ok(row.try_get::<i32>("", "ordinal")?))
        .await?;
    let Some(first) = first else { return Ok(None) };
    let range = (first, first.saturating_add(STEP - 1));
    let transaction = database.begin().await?;
    if part == Part::Rest {
        // First: one that is parked at this very moment is closed with the others.
        database
            .sql(
                "UPDATE lookups SET outcome = 10 WHERE submission_id = $1 AND ordinal >= $2 AND ordinal <= $3 AND state = 3",
            )
            .bind(id.0)
            .bind(range.0)
            .bind(range.1)
            .run(&transaction)
            .await?;
    }
    let states = if part == Part::Waiting { "5" } else { "1, 2, 4, 5" };
    let gone: Vec<i64> = database
        .sql(&format!(
            "UPDATE lookups SET state = 8, outcome = 10, finished_at = {{now}}, offered_until = NULL, leased_by = NULL,
                 lease_until = NULL
             WHERE id IN (SELECT id FROM lookups WHERE submission_id = $1 AND ordinal >= $2 AND ordinal <= $3
                              AND state IN ({states}) ORDER BY id {{for_update}})
               AND state IN ({states}) RETURNING id"
        ))
        .bind(id.0)
        .bind(range.0)
        .bind(range.1)
        .all(&transaction, |row| Ok(row.try_get("", "id")?))
        .await?;
    if part == Part::Rest {
        pass_on(database, &transaction, &gone).await?;
        let items = database
            .sql(
                "UPDATE items SET state = 5, pending = 0
                 WHERE submission_id = $1 AND ordinal >= $2 AND ordinal <= $3 AND state = 3",
            )
            .bind(id.0)
            .bind(range.0)
            .bind(range.1)
            .run(&transaction)
            .await?;
        count(database, &transaction, id, i64::try_from(items).unwrap_or(i64::MAX)).await?;
    }
    transaction.commit().await?;
    Ok(Some(range.1))
}

/// Counts items as cancelled; the number of this commit, `None` where the submission is not cancelled.
async fn count(
    database: &Database,
    on: &DatabaseTransaction,
    id: SubmissionId,
    items: i64,
) -> Result<Option<i64>, StoreError> {
    database
        .sql(
            "UPDATE submissions SET touched_at = {now}, seq = seq + 1, cancelled = cancelled + $2
             WHERE id = $1 AND state = 4 RETURNING seq",
        )
        .bind(id.0)
        .bind(items)
        .one(on, |row| Ok(row.try_get_by_index::<i64>(0)?))
        .await
}

/// Cancelled submissions whose canceller did not come to close their rows.
pub async fn half_cancelled(database: &Database) -> Result<Vec<SubmissionId>, StoreError> {
    database
        .sql("SELECT id FROM submissions WHERE state = 4 AND outstanding > 0 ORDER BY id LIMIT 100")
        .all(database.reader(), |row| Ok(SubmissionId(row.try_get("", "id")?)))
        .await
}
