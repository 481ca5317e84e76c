//! Tasks: work beside the items, each a row with a unique key.

use crate::ids::TaskId;
use crate::repositories::units::ClaimedTask;
use crate::{Database, StoreError};

/// Adds a task unless one with its key exists; true when it was added. A schedule tick's key is (schedule, tick): one run
/// however many workers add it.
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

/// Adds a task that somebody asked for, unless one of this kind and payload is open already; true when it was added.
pub async fn ask(database: &Database, kind: &str, payload: &serde_json::Value) -> Result<bool, StoreError> {
    let added = database
        .sql(
            "INSERT INTO tasks (kind, unique_key, payload, state, not_before, created_at)
             SELECT $1, $3 || {now}, $2, 1, {now}, {now}
             WHERE NOT EXISTS (SELECT 1 FROM tasks WHERE state IN (1, 2, 3) AND kind = $1 AND payload = $2)
             ON CONFLICT DO NOTHING",
        )
        .bind(kind)
        .bind(payload.to_string())
        .bind(format!("{kind}:asked:{payload}:"))
        .run(database.writer())
        .await?;
    Ok(added == 1)
}

/// Finishes a task under its fence; false when somebody else has it.
pub async fn finish(
    database: &Database,
    task: &ClaimedTask,
    reason: Option<&str>,
) -> Result<bool, StoreError> {
    let state = if reason.is_some() { 7_i16 } else { 6 };
    let finished = database
        .sql(
            "UPDATE tasks SET state = $3, finished_at = {now}, leased_by = NULL, lease_until = NULL, reason = $4
             WHERE id = $1 AND attempt = $2 AND state = 3",
        )
        .bind(task.id.0)
        .bind(task.attempt)
        .bind(state)
        .bind(reason.map(str::to_owned))
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

/// Removes tasks that finished more than `age_micros` ago.
pub async fn prune(database: &Database, age_micros: i64) -> Result<u64, StoreError> {
    database
        .sql("DELETE FROM tasks WHERE state IN (6, 8) AND finished_at < {now} - $1")
        .bind(age_micros)
        .run(database.writer())
        .await
}
