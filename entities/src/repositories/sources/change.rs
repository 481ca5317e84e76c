//! What operators change of a source: whether and how fast it is asked.

use sea_orm::DatabaseTransaction;
use serde::Serialize;

use super::{REMOTE, SourceLimit};
use crate::ids::SourceId;
use crate::repositories::listing::Revision;
use crate::repositories::versions;
use crate::{Database, StoreError};

/// All that can be changed of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceSettings {
    /// Its name for people.
    pub name: String,
    /// False switches it off: no new lookups.
    pub enabled: bool,
    /// True lets its lookups wait.
    pub paused: bool,
    /// Calls under way at once.
    pub concurrency: i32,
    /// What its opinions weigh, 0–100.
    pub weight: i16,
    /// Its limits, each window once.
    pub limits: Vec<SourceLimit>,
}

#[derive(Serialize)]
struct LimitRow {
    length: i64,
    calls: i32,
}

/// Changes a source; false when it is no longer in that state. The calls that were made count against the new limits: a
/// window that stays keeps how many of its calls are spent.
pub async fn replace(
    database: &Database,
    revision: Revision,
    settings: &SourceSettings,
) -> Result<bool, StoreError> {
    let transaction = database.begin().await?;
    let changed = database
        .sql(
            "UPDATE sources SET name = $3, enabled = $4, paused = $5, concurrency = $6, weight = $7, revision = revision + 1,
                 updated_at = {now} WHERE id = $1 AND revision = $2 AND deleted_at IS NULL",
        )
        .bind(revision.row)
        .bind(revision.number)
        .bind(settings.name.clone())
        .bind(settings.enabled)
        .bind(settings.paused)
        .bind(settings.concurrency)
        .bind(settings.weight)
        .run(&transaction)
        .await?;
    if changed == 0 {
        return Ok(false);
    }
    put_limits(database, &transaction, (revision.row, &settings.limits)).await?;
    // Lists and local databases are part of what workers hold in memory.
    versions::bump(database, &transaction, "feeds").await?;
    transaction.commit().await?;
    Ok(true)
}

/// Gives a source these limits; the calls that were made count against them.
pub(super) async fn put_limits(
    database: &Database,
    on: &DatabaseTransaction,
    (source, limits): (i64, &[SourceLimit]),
) -> Result<(), StoreError> {
    database
        .sql("DELETE FROM quotas WHERE source_id = $2 AND NOT (window_micros {in $1})")
        .ids(limits.iter().map(|limit| limit.window_micros))
        .bind(source)
        .run(on)
        .await?;
    let rows: Vec<LimitRow> =
        limits.iter().map(|limit| LimitRow { length: limit.window_micros, calls: limit.calls }).collect();
    // What is spent ends at an instant, which comes sooner when each call spends less. More than all a window allows is never
    // spent: a limit that is lowered holds back for its window at most.
    database
        .sql(
            "INSERT INTO quotas (source_id, window_micros, calls, spent_until)
             SELECT $2, r.length, r.calls, 0 FROM {rows $1 (length bigint, calls bigint)} WHERE true
             ON CONFLICT (source_id, window_micros) DO UPDATE SET
                 spent_until = CASE WHEN quotas.spent_until > {now}
                     THEN {now} + CASE
                         WHEN (quotas.spent_until - {now}) * quotas.calls / excluded.calls < quotas.window_micros
                         THEN (quotas.spent_until - {now}) * quotas.calls / excluded.calls
                         ELSE quotas.window_micros END
                     ELSE quotas.spent_until END,
                 calls = excluded.calls",
        )
        .rows(&rows)?
        .bind(source)
        .run(on)
        .await?;
    Ok(())
}

/// Pauses a remote source or lets it go on; false when there is none with this slug. One that is in that state already stays
/// as it is.
pub async fn set_paused(database: &Database, slug: &str, paused: bool) -> Result<bool, StoreError> {
    let known = database
        .sql(
            "UPDATE sources SET revision = CASE WHEN paused = $2 THEN revision ELSE revision + 1 END,
                 updated_at = CASE WHEN paused = $2 THEN updated_at ELSE {now} END, paused = $2
             WHERE slug = $1 AND kind = $3",
        )
        .bind(slug)
        .bind(paused)
        .bind(REMOTE)
        .run(database.writer())
        .await?;
    Ok(known == 1)
}

/// Leaves a source alone for so long, microseconds, because its service asked for it; until when, microseconds. One that is left
/// alone for longer stays so.
pub async fn block(database: &Database, id: SourceId, micros: i64) -> Result<i64, StoreError> {
    database
        .sql(
            "UPDATE sources SET blocked_until = CASE WHEN COALESCE(blocked_until, 0) > {now} + $2 THEN blocked_until
                 ELSE {now} + $2 END WHERE id = $1 RETURNING blocked_until",
        )
        .bind(id.0)
        .bind(micros)
        .scalar(database.writer())
        .await
}
