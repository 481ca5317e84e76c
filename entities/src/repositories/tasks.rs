//! Tasks: work beside the items, each a row with a unique key.

use aggregator_domain::state::UnitState;
use sea_orm::DatabaseTransaction;

use crate::ids::{SourceId, TaskId};
use crate::repositories::units::{ClaimedTask, SUSPECT_AFTER};
use crate::repositories::walk::{Part, Walk};
use crate::sql::code;
use crate::{Database, StoreError};

/// Adds a task unless one with its key exists; true when it was added. A schedule tick's key is (schedule, tick): one run
/// however many workers add it. Of a prune, of a refresh of one feed and of one test of a source at most one is open
/// (index `tasks_open`): while one waits, no other is added.
pub async fn add(
    database: &Database,
    kind: &str,
    unique_key: &str,
    payload: &serde_json::Value,
) -> Result<bool, StoreError> {
    let added = database
        .sql(
            "INSERT INTO tasks (kind, unique_key, payload, state, not_before, created_at)
             VALUES ($1, $2, $3, 1, {now}, {now}) ON CONFLICT DO NOTHING",
        )
        .bind(kind)
        .bind(unique_key)
        .bind(payload.to_string())
        .run(database.writer())
        .await?;
    Ok(added == 1)
}

/// Adds the task that forgets what a source said that is being deleted, in the transaction that deletes it.
pub(crate) async fn forget_source(
    database: &Database,
    on: &DatabaseTransaction,
    source: SourceId,
) -> Result<(), StoreError> {
    database
        .sql(
            "INSERT INTO tasks (kind, unique_key, payload, state, not_before, created_at)
             VALUES ('forget_source', $1, $2, 1, {now}, {now}) ON CONFLICT DO NOTHING",
        )
        .bind(format!("forget_source:{source}"))
        .bind(serde_json::json!({ "source": source }).to_string())
        .run(on)
        .await?;
    Ok(())
}

/// Times it is looked again for a task that comes and goes while it is asked for.
const LOOKS: usize = 5;

/// Adds a task that somebody asked for, unless one of this kind and payload is open already; the one there is then. A subject
/// is what it is about beside ids; it is forgotten when the task is done.
pub async fn ask(
    database: &Database,
    (kind, payload): (&str, &serde_json::Value),
    subject: Option<&str>,
) -> Result<TaskId, StoreError> {
    let id = |row: &sea_orm::QueryResult| Ok(TaskId(row.try_get("", "id")?));
    for _ in 0..LOOKS {
        let open = database
            .sql("SELECT id FROM tasks WHERE state IN (1, 2, 3) AND kind = $1 AND payload = $2 ORDER BY id LIMIT 1")
            .bind(kind)
            .bind(payload.to_string())
            .one(database.writer(), id)
            .await?;
        if let Some(open) = open {
            return Ok(open);
        }
        let made = database
            .sql(
                "INSERT INTO tasks (kind, unique_key, payload, subject, state, not_before, created_at)
                 VALUES ($1, $3 || {now}, $2, $4, 1, {now}, {now}) ON CONFLICT DO NOTHING RETURNING id",
            )
            .bind(kind)
            .bind(payload.to_string())
            .bind(format!("{kind}:asked:{payload}:"))
            .bind(subject.map(str::to_owned))
            .one(database.writer(), id)
            .await?;
        // Where somebody else made one in between, that one is it.
        if let Some(made) = made {
            return Ok(made);
        }
    }
    Err(StoreError::Contention("a task came and went while it was asked for".to_owned()))
}

/// What a task is about beside ids; `None` where there is nothing, or it is done.
pub async fn subject(database: &Database, id: TaskId) -> Result<Option<String>, StoreError> {
    let found = database
        .sql("SELECT subject FROM tasks WHERE id = $1")
        .bind(id.0)
        .one(database.reader(), |row| Ok(row.try_get("", "subject")?))
        .await?;
    Ok(found.flatten())
}

/// Queues a dead task once more; false when it is not dead, or the same is open already. It gets one try, and alone where it
/// took workers with it.
pub async fn revive(database: &Database, id: TaskId) -> Result<bool, StoreError> {
    let revived = database
        .sql(&format!(
            "UPDATE tasks SET state = 1, not_before = {{now}}, finished_at = NULL, offered_until = NULL,
                 lost = CASE WHEN lost > {SUSPECT_AFTER} THEN {SUSPECT_AFTER} ELSE lost END
             WHERE id = $1 AND state = 7 AND NOT EXISTS (SELECT 1 FROM tasks o
                 WHERE o.kind = tasks.kind AND o.payload = tasks.payload AND o.state IN (1, 2, 3))"
        ))
        .bind(id.0)
        .run(database.writer())
        .await;
    match revived {
        Ok(revived) => Ok(revived == 1),
        // The same was added between the look and the change.
        Err(StoreError::Duplicate(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// How a task ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskEnd<'a> {
    /// It is done, and left this behind, JSON, where somebody asked for something.
    Done(Option<&'a str>),
    /// It is given up, for this reason.
    Dead(&'a str),
}

/// Finishes a task under its fence; false when somebody else has it.
pub async fn finish(database: &Database, task: &ClaimedTask, end: TaskEnd<'_>) -> Result<bool, StoreError> {
    let (state, reason, result) = match end {
        TaskEnd::Done(result) => (UnitState::Done, None, result),
        TaskEnd::Dead(reason) => (UnitState::Dead, Some(reason), None),
    };
    let finished = database
        .sql(
            "UPDATE tasks SET state = $3, finished_at = {now}, leased_by = NULL, lease_until = NULL, reason = $4, result = $5,
                 subject = CASE WHEN $3 = 7 THEN subject END
             WHERE id = $1 AND attempt = $2 AND state = 3",
        )
        .bind(task.id.0)
        .bind(task.attempt)
        .bind(i16::from(state.code()))
        .bind(reason.map(str::to_owned))
        .bind(result.map(str::to_owned))
        .run(database.writer())
        .await?;
    Ok(finished == 1)
}

/// Queues a task again after `delay_micros`, under its fence.
pub async fn retry(
    database: &Database,
    task: &ClaimedTask,
    delay_micros: i64,
    reason: &str,
) -> Result<bool, StoreError> {
    let queued = database
        .sql(
            "UPDATE tasks SET state = 1, not_before = {now} + $3, leased_by = NULL, lease_until = NULL, reason = $4
             WHERE id = $1 AND attempt = $2 AND state = 3",
        )
        .bind(task.id.0)
        .bind(task.attempt)
        .bind(delay_micros)
        .bind(reason)
        .run(database.writer())
        .await?;
    Ok(queued == 1)
}

/// One task's state as the API shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskState {
    /// Its id.
    pub id: TaskId,
    /// Its state's code.
    pub state: i16,
    /// Why it failed or waits.
    pub reason: Option<String>,
}

/// The task with this key.
pub async fn find(database: &Database, unique_key: &str) -> Result<Option<TaskState>, StoreError> {
    database
        .sql("SELECT id, state, reason FROM tasks WHERE unique_key = $1")
        .bind(unique_key)
        .one(database.reader(), |row| {
            Ok(TaskState {
                id: TaskId(row.try_get("", "id")?),
                state: row.try_get("", "state")?,
                reason: row.try_get("", "reason")?,
            })
        })
        .await
}

/// Removes tasks that were done or cancelled more than `done_micros` ago, and those given up more than `dead_micros` ago.
pub async fn prune(database: &Database, (done_micros, dead_micros): (i64, i64)) -> Result<u64, StoreError> {
    database
        .sql(
            "DELETE FROM tasks WHERE (state IN (6, 8) AND finished_at < {now} - $1)
                 OR (state = 7 AND finished_at < {now} - $2)",
        )
        .bind(done_micros)
        .bind(dead_micros)
        .run(database.writer())
        .await
}

/// A task as people see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskRow {
    /// Its id.
    pub id: TaskId,
    /// What to do.
    pub kind: String,
    /// What makes it one.
    pub unique_key: String,
    /// Ids it is about, as JSON.
    pub payload: String,
    /// Its state.
    pub state: UnitState,
    /// Claims.
    pub attempt: i32,
    /// Workers lost while they held it.
    pub lost: i32,
    /// The worker that has it.
    pub leased_by: Option<String>,
    /// From when on it may be done, microseconds; only of a queued one.
    pub due_at: Option<i64>,
    /// When it was made, microseconds.
    pub created_at: i64,
    /// When it ended, microseconds.
    pub finished_at: Option<i64>,
    /// Why it failed or waits.
    pub reason: Option<String>,
    /// What it left behind, JSON; only where one task is asked for.
    pub result: Option<String>,
}

/// Which tasks are meant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TaskFilter {
    /// Only this one.
    pub id: Option<TaskId>,
    /// Only of this kind.
    pub kind: Option<String>,
    /// Only in this state.
    pub state: Option<UnitState>,
}

/// Tasks in the order they were made.
pub async fn list(
    database: &Database,
    filter: &TaskFilter,
    walk: &Walk<TaskId>,
) -> Result<Part<TaskRow, TaskId>, StoreError> {
    let (then, order) = (walk.then(), walk.order());
    let rows = database
        .sql(&format!(
            "SELECT id, kind, unique_key, payload, state, attempt, lost, leased_by, not_before, created_at, finished_at, reason,
                 CASE WHEN $2 = 0 THEN NULL ELSE result END AS result
             FROM tasks WHERE id {then} $1 AND ($2 = 0 OR id = $2) AND ($3 = '' OR kind = $3) AND ($4 = 0 OR state = $4)
             ORDER BY id {order} LIMIT $5"
        ))
        .bind(walk.behind(|id| id.0))
        .bind(filter.id.map_or(0, |id| id.0))
        .bind(filter.kind.clone().unwrap_or_default())
        .bind(filter.state.map_or(0_i16, |state| i16::from(state.code())))
        .bind(walk.rows())
        .all(database.reader(), |row| {
            let state = code(row, "state", UnitState::from_code)?;
            Ok(TaskRow {
                id: TaskId(row.try_get("", "id")?),
                kind: row.try_get("", "kind")?,
                unique_key: row.try_get("", "unique_key")?,
                payload: row.try_get("", "payload")?,
                state,
                attempt: row.try_get("", "attempt")?,
                lost: row.try_get("", "lost")?,
                leased_by: row.try_get("", "leased_by")?,
                due_at: (state == UnitState::Queued).then(|| row.try_get("", "not_before")).transpose()?,
                created_at: row.try_get("", "created_at")?,
                finished_at: row.try_get("", "finished_at")?,
                reason: row.try_get("", "reason")?,
                result: row.try_get("", "result")?,
            })
        })
        .await?;
    Ok(walk.cut(rows, |row| row.id))
}
