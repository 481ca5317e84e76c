//! Indicators: get, search, and where each was seen.

mod search;

pub use search::search;

pub(crate) use search::few;

use aggregator_domain::state::ItemState;
use aggregator_domain::{IndicatorId, Stance};
use sea_orm::DatabaseTransaction;

use crate::ids::SubmissionId;
use crate::repositories::walk::{Part, Walk};
use crate::sql::code;
use crate::tables::indicator::{IndicatorRow, bind_id};
use crate::{Database, StoreError};

/// Key of the advisory lock that keeps a purge apart from screening on PostgreSQL (`agg` and 4; feeders have 1–3). Screening
/// holds it shared from before it looks whether an indicator is there until its items are committed, and so does who writes that
/// an answer leads to one; a purge holds it
/// alone while it removes indicators nobody holds. Without it a purge could remove one that a commit counts on.
pub(crate) const HOLD_LOCK: i64 = 0x0061_6767_0000_0004;

/// Keeps purges from taking indicators away until this transaction ends; before any row is locked, because a purge locks rows under
/// it.
pub(crate) async fn hold(database: &Database, on: &DatabaseTransaction) -> Result<(), StoreError> {
    if database.is_postgres() {
        database.sql("SELECT pg_advisory_xact_lock_shared($1)").bind(HOLD_LOCK).run(on).await?;
    }
    Ok(())
}

const COLUMNS: &str = "id, kind, value, first_seen_at";

/// One indicator.
pub async fn find(database: &Database, id: IndicatorId) -> Result<Option<IndicatorRow>, StoreError> {
    database
        .sql(&format!("SELECT {COLUMNS} FROM indicators WHERE id = $1"))
        .bind(bind_id(id))
        .one(database.reader(), IndicatorRow::read)
        .await
}

/// Every indicator in the order of identity, after `after`, at most `limit`: the walk of a retro-match.
pub async fn walk(
    database: &Database,
    after: Option<IndicatorId>,
    limit: u32,
) -> Result<Vec<IndicatorRow>, StoreError> {
    database
        .sql(&format!("SELECT {COLUMNS} FROM indicators WHERE id > $1 ORDER BY id LIMIT $2"))
        .bind(bind_id(after.unwrap_or(IndicatorId([0; 16]))))
        .bind(i64::from(limit))
        .all(database.reader(), IndicatorRow::read)
        .await
}

/// One place an indicator was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// In which submission.
    pub submission_id: SubmissionId,
    /// As which item.
    pub ordinal: i32,
    /// State of that item.
    pub state: ItemState,
    /// Its frozen verdict.
    pub stance: Stance,
    /// How sure, 0–100.
    pub confidence: i16,
    /// When that submission was sealed, microseconds.
    pub sealed_at: Option<i64>,
}

/// Where an indicator was seen, in the order the submissions were made.
pub async fn history(
    database: &Database,
    id: IndicatorId,
    walk: &Walk<SubmissionId>,
) -> Result<Part<Sighting, SubmissionId>, StoreError> {
    let (then, order) = (walk.then(), walk.order());
    let rows = database
        .sql(&format!(
            "SELECT i.submission_id, i.ordinal, i.state, i.stance, i.confidence, s.sealed_at
             FROM items i JOIN submissions s ON s.id = i.submission_id
             WHERE i.indicator_id = $1 AND i.submission_id {then} $2 AND s.deleted_at IS NULL
             ORDER BY i.submission_id {order} LIMIT $3"
        ))
        .bind(bind_id(id))
        .bind(walk.behind(|id| id.0))
        .bind(walk.rows())
        .all(database.reader(), |row| {
            Ok(Sighting {
                submission_id: SubmissionId(row.try_get("", "submission_id")?),
                ordinal: row.try_get("", "ordinal")?,
                state: code(row, "state", ItemState::from_code)?,
                stance: code(row, "stance", Stance::from_code)?,
                confidence: row.try_get("", "confidence")?,
                sealed_at: row.try_get("", "sealed_at")?,
            })
        })
        .await?;
    Ok(walk.cut(rows, |row| row.submission_id))
}
