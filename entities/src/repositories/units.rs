//! The life of a unit of work: offered, claimed under a lease, renewed, handed back, swept.
//!
//! Chunks and tasks share it. Every instant is the database's; durations are parameters. Finishing belongs to the
//! aggregate (`screening`, `tasks`), behind the fence `attempt = ? AND state = running`.

use sea_orm::{ConnectionTrait, DatabaseTransaction};

use crate::ids::{ChunkId, SubmissionId, TaskId};
use crate::tables::chunk::ClaimedChunk;
use crate::{Database, StoreError};

/// A lane: the rows behind one queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lane {
    /// Chunks to screen, interactive or bulk.
    Screen {
        /// The interactive twin.
        interactive: bool,
    },
    /// Tasks.
    Task,
}

impl Lane {
    /// Every lane.
    pub const ALL: [Self; 3] =
        [Self::Screen { interactive: true }, Self::Screen { interactive: false }, Self::Task];

    /// Name of its queue.
    pub const fn queue(self) -> &'static str {
        match self {
            Self::Screen { interactive: true } => "screen:interactive",
            Self::Screen { interactive: false } => "screen",
            Self::Task => "task",
        }
    }

    const fn table(self) -> &'static str {
        match self {
            Self::Screen { .. } => "chunks",
            Self::Task => "tasks",
        }
    }

    /// Which rows of the table are its own; constant text, no user input.
    const fn own(self) -> &'static str {
        match self {
            Self::Screen { interactive: true } => "interactive = true",
            Self::Screen { interactive: false } => "interactive = false",
            Self::Task => "true",
        }
    }

    /// Key of its feeder's advisory lock on PostgreSQL: `agg` and the lane.
    const fn lock(self) -> i64 {
        0x0061_6767_0000_0000
            + match self {
                Self::Screen { interactive: true } => 1,
                Self::Screen { interactive: false } => 2,
                Self::Task => 3,
            }
    }

    /// Due rows, oldest first. A chunk is invisible while its submission is not running.
    const fn due(self) -> &'static str {
        match self {
            Self::Screen { .. } => {
                "SELECT u.id FROM chunks u WHERE u.state = 1 AND u.interactive = $2 AND u.not_before <= {now}
                 AND EXISTS (SELECT 1 FROM submissions s WHERE s.id = u.submission_id AND s.state = 2)
                 ORDER BY u.not_before, u.id LIMIT $1 {skip_locked}"
            }
            Self::Task => {
                "SELECT u.id FROM tasks u WHERE u.state = 1 AND $2 IS NOT NULL AND u.not_before <= {now}
                 ORDER BY u.not_before, u.id LIMIT $1 {skip_locked}"
            }
        }
    }
}

/// Gives up a chunk that no worker can read, under its fence; the rest of its submission can complete.
pub async fn bury_chunk(database: &Database, chunk: &ClaimedChunk, reason: &str) -> Result<(), StoreError> {
    let transaction = database.begin().await?;
    let buried = database
        .sql(
            "UPDATE chunks SET state = 7, leased_by = NULL, lease_until = NULL, finished_at = {now}, reason = $3
             WHERE id = $1 AND attempt = $2 AND state = 3",
        )
        .bind(chunk.id.0)
        .bind(chunk.attempt)
        .bind(reason)
        .run(&transaction)
        .await?;
    if buried == 1 {
        settle(database, &transaction, chunk.submission_id, 1).await?;
    }
    transaction.commit().await?;
    Ok(())
}

/// How an offer went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Offer {
    /// Another process feeds this lane right now.
    NotOurTurn,
    /// These ids are offered now: push them.
    Offered(Vec<i64>),
}

/// Moves due rows `queued → offered` while fewer than `window` rows of the lane are in flight, and returns their ids to
/// push. One feeder per lane at a time.
pub async fn offer(
    database: &Database,
    lane: Lane,
    window: u32,
    offer_micros: i64,
) -> Result<Offer, StoreError> {
    let transaction = database.begin().await?;
    if database.is_postgres() {
        let ours: bool = database
            .sql("SELECT pg_try_advisory_xact_lock($1)")
            .bind(lane.lock())
            .scalar(&transaction)
            .await?;
        if !ours {
            return Ok(Offer::NotOurTurn);
        }
        // A lost offer is offered again: it need not wait for the disk.
        transaction.execute_unprepared("SET LOCAL synchronous_commit = off").await?;
    }
    let in_flight = count_in_flight(database, &transaction, lane).await?;
    let room = i64::from(window) - in_flight;
    if room <= 0 {
        return Ok(Offer::Offered(Vec::new()));
    }
    let interactive = matches!(lane, Lane::Screen { interactive: true });
    let ids: Vec<i64> = database
        .sql(lane.due())
        .bind(room)
        .bind(interactive)
        .all(&transaction, |row| Ok(row.try_get("", "id")?))
        .await?;
    if !ids.is_empty() {
        database
            .sql(&format!(
                "UPDATE {} SET state = 2, offered_until = {{now}} + $1 WHERE id {{in $2}}",
                lane.table()
            ))
            .bind(offer_micros)
            .ids(ids.iter().copied())
            .run(&transaction)
            .await?;
        transaction.commit().await?;
    }
    Ok(Offer::Offered(ids))
}

async fn count_in_flight(
    database: &Database,
    on: &impl ConnectionTrait,
    lane: Lane,
) -> Result<i64, StoreError> {
    database
        .sql(&format!("SELECT COUNT(*) FROM {} WHERE state IN (2, 3) AND {}", lane.table(), lane.own()))
        .scalar(on)
        .await
}

/// Text for the condition that makes a claim exclusive; the chaos build without fencing lets claims overlap.
const CLAIMABLE: &str =
    if cfg!(feature = "chaos-without-fencing") { "state IN (1, 2, 3)" } else { "state IN (1, 2)" };

/// Claims chunks for a worker: `queued|offered → running`, `attempt + 1`, with a lease. Those that somebody else holds,
/// or whose submission is not running, are left out.
pub async fn claim_chunks(
    database: &Database,
    ids: &[i64],
    worker: &str,
    lease_micros: i64,
) -> Result<Vec<ClaimedChunk>, StoreError> {
    let transaction = begin_lease(database).await?;
    let mut claimed = database
        .sql(&format!(
            "UPDATE chunks SET state = 3, attempt = attempt + 1, leased_by = $1, lease_until = {{now}} + $2, offered_until = NULL
             WHERE id {{in $3}} AND {CLAIMABLE}
               AND EXISTS (SELECT 1 FROM submissions s WHERE s.id = chunks.submission_id AND s.state = 2)
             RETURNING id, submission_id, attempt, first_ordinal, payload"
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
    (chunks, tasks): (&[i64], &[i64]),
    lease_micros: i64,
) -> Result<u64, StoreError> {
    let mut renewed = 0;
    for (table, ids) in [("chunks", chunks), ("tasks", tasks)] {
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
    for table in ["chunks", "tasks"] {
        returned += database
            .sql(&format!(
                "UPDATE {table} SET state = 1, leased_by = NULL, lease_until = NULL WHERE leased_by = $1 AND state = 3"
            ))
            .bind(worker)
            .run(database.writer())
            .await?;
    }
    Ok(returned)
}

/// Takes back everything in flight at once, whoever holds it: for the start of the embedded mode, which alone uses its
/// database, so that a crash costs no lease.
pub async fn take_back_all(database: &Database) -> Result<u64, StoreError> {
    let mut returned = 0;
    for table in ["chunks", "tasks"] {
        returned += database
            .sql(&format!(
                "UPDATE {table} SET state = 1, lost = lost + CASE WHEN state = 3 THEN 1 ELSE 0 END, leased_by = NULL,
                     lease_until = NULL, offered_until = NULL WHERE state IN (2, 3)"
            ))
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

/// What a sweep found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Offers that ran out: the queue lost them or is slow.
    pub offers: u64,
    /// Leases that ran out: their worker is gone.
    pub leases: u64,
    /// Units given up after [`MAX_LOST`] lost workers.
    pub dead: u64,
}

/// After so many workers lost while holding it, a unit is dead: it is the poison.
pub const MAX_LOST: i32 = 5;

/// Takes back expired offers and leases. A timer in every worker, not a queue job.
pub async fn sweep(database: &Database) -> Result<Swept, StoreError> {
    let mut swept = Swept::default();
    if cfg!(feature = "chaos-without-sweep") {
        return Ok(swept);
    }
    for table in ["chunks", "tasks"] {
        let expired = |set: &str, condition: &str| {
            database.sql(&format!(
                "UPDATE {table} SET {set} WHERE id IN (SELECT id FROM {table} WHERE {condition} ORDER BY id {{skip_locked}})"
            ))
        };
        swept.offers += expired("state = 1, offered_until = NULL", "state = 2 AND offered_until < {now}")
            .run(database.writer())
            .await?;
        swept.leases += expired(
            "state = 1, leased_by = NULL, lease_until = NULL, lost = lost + 1",
            &format!("state = 3 AND lease_until < {{now}} AND lost + 1 < {MAX_LOST}"),
        )
        .run(database.writer())
        .await?;
    }
    swept.dead = bury_tasks(database).await? + bury_chunks(database).await?;
    Ok(swept)
}

async fn bury_tasks(database: &Database) -> Result<u64, StoreError> {
    database.sql(&bury("tasks")).run(database.writer()).await
}

/// Says itself which units have lost their last worker: a lease may run out, or become free of somebody's lock, between
/// the statement that takes units back and this one.
fn bury(table: &str) -> String {
    format!(
        "UPDATE {table} SET state = 7, leased_by = NULL, lease_until = NULL, lost = lost + 1, finished_at = {{now}},
             reason = 'its worker was lost five times'
         WHERE id IN (SELECT id FROM {table} WHERE state = 3 AND lease_until < {{now}} AND lost + 1 >= {MAX_LOST}
                      ORDER BY id {{skip_locked}})"
    )
}

/// A dead chunk leaves its submission's outstanding count, so that the rest can complete; its payload stays for a replay.
async fn bury_chunks(database: &Database) -> Result<u64, StoreError> {
    let transaction = database.begin().await?;
    let mut dead = database
        .sql(&format!("{} RETURNING submission_id", bury("chunks")))
        .all(&transaction, |row| Ok(SubmissionId(row.try_get("", "submission_id")?)))
        .await?;
    dead.sort_unstable();
    for submission in &dead {
        settle(database, &transaction, *submission, 1).await?;
    }
    transaction.commit().await?;
    Ok(dead.len() as u64)
}

/// Subtracts finished units from a submission; it is done exactly at 0.
pub(crate) async fn settle(
    database: &Database,
    on: &DatabaseTransaction,
    submission: SubmissionId,
    units: i64,
) -> Result<(), StoreError> {
    database
        .sql(
            "UPDATE submissions SET outstanding = outstanding - $2, seq = seq + 1, touched_at = {now},
                 state = CASE WHEN outstanding = $3 AND state = 2 THEN 3 ELSE state END,
                 finished_at = CASE WHEN outstanding = $4 AND state = 2 THEN {now} ELSE finished_at END
             WHERE id = $1",
        )
        .bind(submission.0)
        .bind(units)
        .bind(units)
        .bind(units)
        .run(on)
        .await?;
    Ok(())
}

/// Leasing need not wait for the disk: a lost claim is claimed again, and the fence refuses the first claimer.
async fn begin_lease(database: &Database) -> Result<DatabaseTransaction, StoreError> {
    let transaction = database.begin().await?;
    if database.is_postgres() {
        transaction.execute_unprepared("SET LOCAL synchronous_commit = off").await?;
    }
    Ok(transaction)
}

/// Depth of a lane, from rows: what the operator sees.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Depth {
    /// Rows that wait.
    pub queued: i64,
    /// Rows pushed and not yet claimed.
    pub offered: i64,
    /// Rows under lease.
    pub running: i64,
    /// Rows given up.
    pub dead: i64,
}

/// Counts a lane's open rows.
pub async fn depth(database: &Database, lane: Lane) -> Result<Depth, StoreError> {
    let counts = database
        .sql(&format!(
            "SELECT state, COUNT(*) AS n FROM {} WHERE state IN (1, 2, 3, 7) AND {} GROUP BY state",
            lane.table(),
            lane.own()
        ))
        .all(database.reader(), |row| Ok((row.try_get::<i16>("", "state")?, row.try_get::<i64>("", "n")?)))
        .await?;
    let of = |state: i16| counts.iter().find(|(of, _)| *of == state).map_or(0, |(_, n)| *n);
    Ok(Depth { queued: of(1), offered: of(2), running: of(3), dead: of(7) })
}
