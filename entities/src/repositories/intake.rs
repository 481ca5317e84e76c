//! Receiving a submission: rows arrive while the body does, invisible until they are sealed.

use aggregator_domain::state::{SubmissionState, UnitState};
use aggregator_domain::{Reject, Tlp};
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use crate::ids::SubmissionId;
use crate::payload::{self, PendingItem};
use crate::tables::submission::SubmissionOptions;
use crate::{Database, StoreError};

/// A submission whose body begins to arrive.
#[derive(Debug, Clone)]
pub struct NewSubmission {
    /// The user's name for it.
    pub label: Option<String>,
    /// How far it may travel.
    pub tlp: Tlp,
    /// Slug of the playbook.
    pub playbook: String,
    /// Format of the body.
    pub format: String,
    /// The submission it repeats.
    pub rerun_of: Option<SubmissionId>,
    /// What it asks for beside the playbook.
    pub options: SubmissionOptions,
    /// The span that received it, where it is traced: a W3C `traceparent`.
    pub trace: Option<String>,
}

/// The same indicator written again: another context of an item already stored.
#[derive(Debug, Clone)]
pub struct NewContext {
    /// The item.
    pub ordinal: u32,
    /// Line of the body, from 1.
    pub line: u32,
    /// Byte within the line, from 0.
    pub position: u32,
    /// Port of an `ip:port` form.
    pub port: Option<u16>,
    /// As written, where that differs from the canonical value.
    pub raw: Option<Box<str>>,
}

/// A line that is no indicator.
#[derive(Debug, Clone)]
pub struct NewReject {
    /// Line of the body, from 1.
    pub line: u32,
    /// Why.
    pub reason: Reject,
    /// The line, made printable and cut.
    pub raw: String,
}

/// What arrived since the last commit.
#[derive(Debug, Clone, Default)]
pub struct Arrival {
    /// Items, in order; each inner list becomes one chunk of at most 1,000.
    pub chunks: Vec<Vec<PendingItem>>,
    /// Contexts of items that came before.
    pub contexts: Vec<NewContext>,
    /// Lines refused.
    pub rejects: Vec<NewReject>,
}

/// Totals of a body that arrived whole.
#[derive(Debug, Clone, Copy, Default)]
pub struct Totals {
    /// Lines read.
    pub lines: u64,
    /// Lines refused.
    pub rejected: u64,
    /// Contexts beyond the first of each item.
    pub contexts: u64,
    /// Items.
    pub items: u64,
    /// Chunks.
    pub chunks: u64,
    /// True for the interactive lane.
    pub interactive: bool,
}

/// Opens a submission in state `receiving`; [`StoreError::Gone`] when there is no such playbook.
pub async fn begin(database: &Database, new: NewSubmission) -> Result<SubmissionId, StoreError> {
    begin_on(database, database.writer(), new).await
}

/// The same within a transaction.
pub(crate) async fn begin_on(
    database: &Database,
    on: &impl ConnectionTrait,
    new: NewSubmission,
) -> Result<SubmissionId, StoreError> {
    let options = (!new.options.is_default()).then(|| serde_json::to_string(&new.options));
    let options = options.transpose().map_err(|error| StoreError::Other(error.to_string()))?;
    let playbook = new.playbook.clone();
    let id = database
        .sql(
            "INSERT INTO submissions (state, label, tlp, playbook, interactive, format, rerun_of, options, traceparent, created_at,
                 touched_at)
             SELECT $1, $2, $3, slug, false, $5, $6, $7, $8, {now}, {now} FROM playbooks WHERE slug = $4 {for_key_share}
             RETURNING id",
        )
        .bind(i16::from(SubmissionState::Receiving.code()))
        .bind(new.label)
        .bind(i16::from(new.tlp.code()))
        .bind(new.playbook)
        .bind(new.format)
        .bind(new.rerun_of.map(|id| id.0))
        .bind(options)
        .bind(new.trace)
        .one(on, |row| Ok(SubmissionId(row.try_get("", "id")?)))
        .await?;
    id.ok_or_else(|| StoreError::Gone(format!("there is no playbook `{playbook}` any more")))
}

/// Says that whoever receives this submission still lives. A request silent for longer than its peers allow is taken for
/// dead, and its submission is abandoned.
pub async fn touch(database: &Database, submission: SubmissionId) -> Result<(), StoreError> {
    database
        .sql("UPDATE submissions SET touched_at = {now} WHERE id = $1 AND state = 1")
        .bind(submission.0)
        .run(database.writer())
        .await?;
    Ok(())
}

/// Commits what arrived. `first_ordinal` is the ordinal of the first item of the first chunk; returns the next free one,
/// or `None`, with nothing committed, when the submission was abandoned meanwhile.
pub async fn append(
    database: &Database,
    submission: SubmissionId,
    first_ordinal: u32,
    arrival: Arrival,
) -> Result<Option<u32>, StoreError> {
    let interactive =
        arrival.chunks.len() == 1 && first_ordinal == 0 && arrival.chunks[0].len() <= INTERACTIVE_ITEMS;
    let payloads: Vec<(usize, Vec<u8>)> =
        arrival.chunks.iter().map(|items| (items.len(), payload::encode(items))).collect();
    let transaction = database.begin().await?;
    let mut ordinal = first_ordinal;
    for (items, payload) in payloads {
        let items = u32::try_from(items).unwrap_or(u32::MAX);
        database
            .sql(
                "INSERT INTO chunks (submission_id, first_ordinal, items, interactive, state, not_before, payload)
                 VALUES ($1, $2, $3, $4, $5, 0, $6)",
            )
            .bind(submission.0)
            .bind(i64::from(ordinal))
            .bind(i64::from(items))
            .bind(interactive)
            .bind(i16::from(UnitState::Queued.code()))
            .bind(payload)
            .run(&transaction)
            .await?;
        ordinal += items;
    }
    for part in arrival.contexts.chunks(ROWS_PER_STATEMENT) {
        insert_contexts(database, &transaction, submission, part).await?;
    }
    for part in arrival.rejects.chunks(ROWS_PER_STATEMENT) {
        insert_rejects(database, &transaction, submission, part).await?;
    }
    let receiving = database
        .sql("UPDATE submissions SET touched_at = {now} WHERE id = $1 AND state = 1")
        .bind(submission.0)
        .run(&transaction)
        .await?;
    if receiving == 0 {
        transaction.rollback().await?;
        return Ok(None);
    }
    transaction.commit().await?;
    Ok(Some(ordinal))
}

/// A submission of at most so many items takes the interactive lane.
pub const INTERACTIVE_ITEMS: usize = 100;

/// Rows in one multi-row statement.
const ROWS_PER_STATEMENT: usize = 2_000;

async fn insert_contexts(
    database: &Database,
    on: &DatabaseTransaction,
    submission: SubmissionId,
    contexts: &[NewContext],
) -> Result<(), StoreError> {
    let rows: Vec<serde_json::Value> = contexts
        .iter()
        .map(|context| {
            serde_json::json!([context.ordinal, context.line, context.position, context.port, context.raw])
        })
        .collect();
    insert_json(
        database,
        on,
        submission,
        (
            "INSERT INTO item_contexts (submission_id, ordinal, line, position, port, raw)",
            5,
            "ON CONFLICT DO NOTHING",
        ),
        rows,
    )
    .await
}

async fn insert_rejects(
    database: &Database,
    on: &DatabaseTransaction,
    submission: SubmissionId,
    rejects: &[NewReject],
) -> Result<(), StoreError> {
    let rows = rejects
        .iter()
        .map(|reject| serde_json::json!([reject.line, reject.reason.code(), reject.raw]))
        .collect();
    insert_json(
        database,
        on,
        submission,
        ("INSERT INTO rejects (submission_id, line, reason, raw)", 3, "ON CONFLICT DO NOTHING"),
        rows,
    )
    .await
}

/// Inserts rows handed over as one JSON array of arrays; the last two columns of five, and the last of three, are text
/// or nullable numbers that both databases cast alike.
async fn insert_json(
    database: &Database,
    on: &impl ConnectionTrait,
    submission: SubmissionId,
    (insert, columns, tail): (&str, usize, &str),
    rows: Vec<serde_json::Value>,
) -> Result<(), StoreError> {
    let casts: [&str; 5] =
        if columns == 5 { ["int", "int", "int", "int", "text"] } else { ["int", "smallint", "text", "", ""] };
    let list: Vec<String> = casts[..columns]
        .iter()
        .enumerate()
        .map(|(n, cast)| {
            if database.is_postgres() { format!("(value ->> {n})::{cast}") } else { format!("value ->> {n}") }
        })
        .collect();
    let from = if database.is_postgres() {
        "jsonb_array_elements($2::jsonb) AS rows (value)"
    } else {
        "json_each($2)"
    };
    database
        .sql(&format!("{insert} SELECT $1, {} FROM {from} WHERE true {tail}", list.join(", ")))
        .bind(submission.0)
        .bind(serde_json::Value::Array(rows).to_string())
        .run(on)
        .await?;
    Ok(())
}

/// Makes a received submission `running`: the moment it is accepted. False when it is no longer receiving (it was
/// abandoned by the sweep). One without items is `done` at once.
pub async fn seal(database: &Database, submission: SubmissionId, totals: Totals) -> Result<bool, StoreError> {
    let state = if totals.chunks == 0 { SubmissionState::Done } else { SubmissionState::Running };
    let transaction = database.begin().await?;
    let sealed = database
        .sql(
            "UPDATE submissions SET state = $2, sealed_at = {now}, touched_at = {now}, lines = $3, rejected = $4,
                 contexts = $5, total = $6, outstanding = $7, interactive = $8, seq = seq + 1,
                 finished_at = CASE WHEN $9 = 0 THEN {now} END
             WHERE id = $1 AND state = 1",
        )
        .bind(submission.0)
        .bind(i16::from(state.code()))
        .bind(signed(totals.lines))
        .bind(signed(totals.rejected))
        .bind(signed(totals.contexts))
        .bind(signed(totals.items))
        .bind(signed(totals.chunks))
        .bind(totals.interactive)
        .bind(signed(totals.chunks))
        .run(&transaction)
        .await?;
    transaction.commit().await?;
    Ok(sealed == 1)
}

/// Removes a submission whose body will not arrive whole, with all its rows and its idempotency key. Harmless when it is
/// not receiving.
pub async fn abandon(database: &Database, submission: SubmissionId) -> Result<(), StoreError> {
    abandon_silent(database, submission, -1).await
}

/// The same, but only when nothing was heard of it for `silent_micros`.
pub async fn abandon_silent(
    database: &Database,
    submission: SubmissionId,
    silent_micros: i64,
) -> Result<(), StoreError> {
    let transaction = database.begin().await?;
    let receiving = database
        .sql("DELETE FROM submissions WHERE id = $1 AND state = 1 AND ($2 < 0 OR touched_at < {now} - $2)")
        .bind(submission.0)
        .bind(silent_micros)
        .run(&transaction)
        .await?;
    if receiving == 1 {
        for table in ["chunks", "item_contexts", "rejects", "idempotency_keys"] {
            database
                .sql(&format!("DELETE FROM {table} WHERE submission_id = $1"))
                .bind(submission.0)
                .run(&transaction)
                .await?;
        }
    }
    transaction.commit().await?;
    Ok(())
}

/// Abandons everything that is being received: for the start of the embedded mode, which alone uses its database.
pub async fn abandon_all(database: &Database) -> Result<u64, StoreError> {
    let mut abandoned = 0;
    loop {
        // A clock that was set back must not hide one.
        let some = stalled(database, i64::MIN / 2).await?;
        if some.is_empty() {
            return Ok(abandoned);
        }
        for submission in some {
            abandon(database, submission).await?;
            abandoned += 1;
        }
    }
}

/// Submissions that are being received and of which nothing was heard for `silent_micros`: their process is gone.
pub async fn stalled(database: &Database, silent_micros: i64) -> Result<Vec<SubmissionId>, StoreError> {
    database
        .sql("SELECT id FROM submissions WHERE state = 1 AND touched_at < {now} - $1 ORDER BY id LIMIT 100")
        .bind(silent_micros)
        .all(database.reader(), |row| Ok(SubmissionId(row.try_get("", "id")?)))
        .await
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
