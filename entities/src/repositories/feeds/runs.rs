//! Runs of feeds: how each refresh ended, and by what the next one knows that nothing is new.

use aggregator_domain::state::FeedRunState;
use sea_orm::ConnectionTrait;

use crate::ids::FeedId;
use crate::sql::code;
use crate::{Database, StoreError};

/// How one refresh ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedRun {
    /// Its state.
    pub state: FeedRunState,
    /// Why it was rejected or failed.
    pub reason: Option<String>,
    /// Entries of the generation it made.
    pub entries: Option<i64>,
    /// Entries it added.
    pub added: Option<i64>,
    /// Entries it removed.
    pub removed: Option<i64>,
    /// When it started, microseconds.
    pub started_at: i64,
    /// When it ended, microseconds.
    pub finished_at: Option<i64>,
}

/// Validators to send with the next download.
#[derive(Debug, Clone, Default)]
pub struct Validators {
    /// `ETag` of the last answer.
    pub etag: Option<String>,
    /// `Last-Modified` of the last answer.
    pub last_modified: Option<String>,
}

/// Records a refresh that ended; `run.started_at` and `finished_at` are set by the database. Only a run that accepted the
/// answer has validators to keep; one that did not is failing from then on, until one does.
pub async fn record_run(
    database: &Database,
    feed: FeedId,
    run: &FeedRun,
    accepted: Option<Validators>,
) -> Result<(), StoreError> {
    let transaction = database.begin().await?;
    database
        .sql(
            "INSERT INTO feed_runs (feed_id, state, reason, entries, added, removed, started_at, finished_at)
             VALUES ($1, $2, $3, $4, $5, $6, {now}, {now})",
        )
        .bind(feed.0)
        .bind(i16::from(run.state.code()))
        .bind(run.reason.clone())
        .bind(run.entries)
        .bind(run.added)
        .bind(run.removed)
        .run(&transaction)
        .await?;
    let sql = match accepted {
        Some(validators) => database
            .sql(
                "UPDATE feeds SET checked_at = {now}, accepted_at = {now}, failing_since = NULL, etag = $2,
                     last_modified = $3 WHERE id = $1",
            )
            .bind(feed.0)
            .bind(validators.etag)
            .bind(validators.last_modified),
        None => database
            .sql(
                "UPDATE feeds SET checked_at = {now}, failing_since = COALESCE(failing_since, {now})
                 WHERE id = $1",
            )
            .bind(feed.0),
    };
    sql.run(&transaction).await?;
    transaction.commit().await?;
    Ok(())
}

/// Forgets by what the list of a feed was known to be unchanged: its next refresh reads it whole.
pub async fn forget_validators(database: &Database, feed: FeedId) -> Result<(), StoreError> {
    let text = "UPDATE feeds SET etag = NULL, last_modified = NULL WHERE id = $1";
    database.sql(text).bind(feed.0).run(database.writer()).await?;
    Ok(())
}

/// The same of every feed, in the transaction that changed how lists are read.
pub(crate) async fn forget_all_validators(
    database: &Database,
    on: &impl ConnectionTrait,
) -> Result<(), StoreError> {
    database
        .sql(
            "UPDATE feeds SET etag = NULL, last_modified = NULL
             WHERE etag IS NOT NULL OR last_modified IS NOT NULL",
        )
        .run(on)
        .await?;
    Ok(())
}

/// The last runs of a feed, newest first.
pub async fn runs(database: &Database, feed: FeedId, limit: u32) -> Result<Vec<FeedRun>, StoreError> {
    database
        .sql(
            "SELECT state, reason, entries, added, removed, started_at, finished_at FROM feed_runs
             WHERE feed_id = $1 ORDER BY id DESC LIMIT $2",
        )
        .bind(feed.0)
        .bind(i64::from(limit))
        .all(database.reader(), |row| {
            Ok(FeedRun {
                state: code(row, "state", FeedRunState::from_code)?,
                reason: row.try_get("", "reason")?,
                entries: row.try_get("", "entries")?,
                added: row.try_get("", "added")?,
                removed: row.try_get("", "removed")?,
                started_at: row.try_get("", "started_at")?,
                finished_at: row.try_get("", "finished_at")?,
            })
        })
        .await
}
