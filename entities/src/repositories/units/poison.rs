//! Poison: a unit that takes its worker with it, again and again.
//!
//! After two lost workers a unit is *suspect*: it runs alone, and a chunk is halved before. A half that is lost again is
//! halved again, so that of a chunk of a thousand exactly the item that kills is given up. A third loss of what cannot be
//! halved is its end (architecture.md rule 11). A worker that runs a suspect says so in its heartbeat; its loss is blamed on
//! the suspect and on nothing else it had in hand.

use aggregator_domain::Stance;
use sea_orm::DatabaseTransaction;

use crate::ids::{ChunkId, SubmissionId};
use crate::payload::{self, PendingItem};
use crate::repositories::screening::counts_json;
use crate::tables::chunk::ClaimedChunk;
use crate::{Database, StoreError};

/// After so many lost workers a unit runs alone.
pub const SUSPECT_AFTER: i32 = 2;

/// After so many lost workers a unit that cannot be halved is dead.
pub(super) const DEAD_AFTER: i32 = SUSPECT_AFTER + 1;

/// Text for `lost` after another loss, for a row of `table`: what a worker had beside a suspect, and a lookup it had in
/// reserve, are not counted.
pub(super) fn blamed(table: &str) -> String {
    let idle = if table == "lookups" { "WHEN reserve THEN 0" } else { "" };
    format!(
        "lost + CASE {idle} WHEN lost < {SUSPECT_AFTER} AND EXISTS (SELECT 1 FROM workers w WHERE w.name = {table}.leased_by
             AND w.alone) THEN 0 ELSE 1 END"
    )
}

/// Chunks halved or buried in one sweep: bounds its time, the rest is for the next one.
const STEP: i64 = 100;

/// Halves the chunks whose lease ran out often enough, and buries those that are one item. Returns how many were taken back
/// and how many are dead.
pub(super) async fn isolate(database: &Database) -> Result<(u64, u64), StoreError> {
    let expired = database
        .sql(&format!(
            "SELECT id FROM chunks WHERE state = 3 AND lease_until < {{now}} AND lost + 1 >= {SUSPECT_AFTER}
             ORDER BY id LIMIT $1"
        ))
        .bind(STEP)
        .all(database.reader(), |row| Ok(ChunkId(row.try_get("", "id")?)))
        .await?;
    let (mut taken_back, mut dead) = (0, 0);
    for id in expired {
        match isolate_one(database, id).await? {
            Isolated::TakenBack => taken_back += 1,
            Isolated::Dead => dead += 1,
            Isolated::NotOurs => {}
        }
    }
    Ok((taken_back, dead))
}

enum Isolated {
    TakenBack,
    Dead,
    NotOurs,
}

struct Expired {
    chunk: ClaimedChunk,
    lost: i32,
}

async fn isolate_one(database: &Database, id: ChunkId) -> Result<Isolated, StoreError> {
    let transaction = database.begin().await?;
    let expired = database
        .sql(
            "SELECT id, submission_id, attempt, first_ordinal, depth, interactive, payload, lost FROM chunks
             WHERE id = $1 AND state = 3 AND lease_until < {now} {skip_locked}",
        )
        .bind(id.0)
        .one(&transaction, |row| {
            Ok(Expired { chunk: ClaimedChunk::read(row)?, lost: row.try_get("", "lost")? })
        })
        .await?;
    let Some(Expired { chunk, lost }) = expired else { return Ok(Isolated::NotOurs) };
    let (settled, isolated) = match payload::decode(&chunk.payload) {
        Ok(items) if items.len() > 1 => {
            (halve(database, &transaction, &chunk, &items).await?, Isolated::TakenBack)
        }
        Ok(_) if lost + 1 < DEAD_AFTER => {
            database
                .sql("UPDATE chunks SET state = 1, leased_by = NULL, lease_until = NULL, lost = lost + 1 WHERE id = $1")
                .bind(id.0)
                .run(&transaction)
                .await?;
            (true, Isolated::TakenBack)
        }
        Ok(_) => {
            (bury(database, &transaction, &chunk, "its worker was lost three times").await?, Isolated::Dead)
        }
        Err(error) => (bury(database, &transaction, &chunk, &error.to_string()).await?, Isolated::Dead),
    };
    if !settled {
        // Its submission was cancelled in the meantime; whoever did so closes the chunk.
        return Ok(Isolated::NotOurs);
    }
    transaction.commit().await?;
    Ok(isolated)
}

/// Makes two queued chunks of one. False when its submission is not running.
async fn halve(
    database: &Database,
    on: &DatabaseTransaction,
    chunk: &ClaimedChunk,
    items: &[PendingItem],
) -> Result<bool, StoreError> {
    let (first, second) = items.split_at(items.len() / 2);
    let count = |items: &[PendingItem]| i32::try_from(items.len()).unwrap_or(i32::MAX);
    database
        .sql(
            "INSERT INTO chunks (submission_id, first_ordinal, items, interactive, state, not_before, lost, depth, payload)
             SELECT submission_id, first_ordinal + $2, $3, interactive, 1, not_before, lost + 1, depth, $4
             FROM chunks WHERE id = $1",
        )
        .bind(chunk.id.0)
        .bind(count(first))
        .bind(count(second))
        .bind(payload::encode(second))
        .run(on)
        .await?;
    database
        .sql(
            "UPDATE chunks SET state = 1, leased_by = NULL, lease_until = NULL, lost = lost + 1, items = $2, payload = $3
             WHERE id = $1",
        )
        .bind(chunk.id.0)
        .bind(count(first))
        .bind(payload::encode(first))
        .run(on)
        .await?;
    let running = database
        .sql("UPDATE submissions SET outstanding = outstanding + 1, touched_at = {now} WHERE id = $1 AND state = 2")
        .bind(chunk.submission_id.0)
        .run(on)
        .await?;
    Ok(running == 1)
}

/// Gives up the tasks that lost their last worker. Says itself which: a lease may run out, or become free of somebody's
/// lock, between the statement that takes units back and this one.
pub(super) async fn bury_tasks(database: &Database) -> Result<u64, StoreError> {
    database
        .sql(&format!(
            "UPDATE tasks SET state = 7, leased_by = NULL, lease_until = NULL, lost = lost + 1, finished_at = {{now}},
                 reason = 'its worker was lost three times'
             WHERE id IN (SELECT id FROM tasks WHERE state = 3 AND lease_until < {{now}} AND lost + 1 >= {DEAD_AFTER}
                          ORDER BY id {{skip_locked}})"
        ))
        .run(database.writer())
        .await
}

/// Gives up a chunk that no worker can read, under its fence; the rest of its submission can complete.
pub async fn bury_chunk(database: &Database, chunk: &ClaimedChunk, reason: &str) -> Result<(), StoreError> {
    let transaction = database.begin().await?;
    if bury(database, &transaction, chunk, reason).await? {
        transaction.commit().await?;
    }
    Ok(())
}

/// A dead chunk's items are done: unknown, and the chunk's reason says why. They stay in its payload, for a replay. False
/// when the claim or the submission is no longer what it was.
async fn bury(
    database: &Database,
    on: &DatabaseTransaction,
    chunk: &ClaimedChunk,
    reason: &str,
) -> Result<bool, StoreError> {
    let items = payload::decode(&chunk.payload).unwrap_or_default();
    let counts = counts_json(items.iter().map(|item| (item.indicator.kind(), Stance::Unknown)));
    let buried = database
        .sql(
            "UPDATE chunks SET state = 7, leased_by = NULL, lease_until = NULL, finished_at = {now}, lost = lost + 1,
                 reason = $3, counts = $4
             WHERE id = $1 AND attempt = $2 AND state = 3 RETURNING items",
        )
        .bind(chunk.id.0)
        .bind(chunk.attempt)
        .bind(reason)
        .bind(counts)
        .one(on, |row| Ok(row.try_get::<i32>("", "items")?))
        .await?;
    let Some(items) = buried else { return Ok(false) };
    let Some(seq) = settle(database, on, chunk.submission_id, items).await? else { return Ok(false) };
    database.sql("UPDATE chunks SET seq = $2 WHERE id = $1").bind(chunk.id.0).bind(seq).run(on).await?;
    Ok(true)
}

/// Takes one finished chunk from a running submission's account, with its items done; it is done exactly at 0. The number
/// of the commit; `None` when the submission is not running.
async fn settle(
    database: &Database,
    on: &DatabaseTransaction,
    submission: SubmissionId,
    items: i32,
) -> Result<Option<i64>, StoreError> {
    database
        .sql(
            "UPDATE submissions SET outstanding = outstanding - 1, done = done + $2, seq = seq + 1, touched_at = {now},
                 state = CASE WHEN outstanding = 1 THEN 3 ELSE state END,
                 finished_at = CASE WHEN outstanding = 1 THEN {now} ELSE finished_at END
             WHERE id = $1 AND state = 2 RETURNING seq",
        )
        .bind(submission.0)
        .bind(i64::from(items))
        .one(on, |row| Ok(row.try_get_by_index::<i64>(0)?))
        .await
}
