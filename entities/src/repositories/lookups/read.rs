//! Lookups as people see them.

use aggregator_domain::Outcome;
use aggregator_domain::state::UnitState;
use sea_orm::QueryResult;

use crate::ids::{LookupId, SubmissionId};
use crate::sql::code;
use crate::{Database, StoreError};

/// A lookup's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookupRow {
    /// Its id.
    pub id: LookupId,
    /// Slug of its source.
    pub source: String,
    /// Name of its source.
    pub source_name: String,
    /// Its state.
    pub state: UnitState,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// Why it failed, or waits.
    pub reason: Option<String>,
    /// Calls made for it.
    pub tries: i32,
    /// When it is due, microseconds; only of a parked one.
    pub due_at: Option<i64>,
    /// When it was made, microseconds.
    pub created_at: i64,
    /// When it ended, microseconds.
    pub finished_at: Option<i64>,
}

/// The lookups of one item, by source.
pub async fn of_item(
    database: &Database,
    submission: SubmissionId,
    ordinal: i32,
) -> Result<Vec<LookupRow>, StoreError> {
    database
        .sql(
            "SELECT l.id, s.slug, s.name, l.state, l.outcome, l.reason, l.tries, l.not_before, l.created_at, l.finished_at
             FROM lookups l JOIN sources s ON s.id = l.source_id
             WHERE l.submission_id = $1 AND l.ordinal = $2 ORDER BY s.slug",
        )
        .bind(submission.0)
        .bind(ordinal)
        .all(database.reader(), LookupRow::read)
        .await
}

impl LookupRow {
    pub(super) fn read(row: &QueryResult) -> Result<Self, StoreError> {
        let state = code(row, "state", UnitState::from_code)?;
        let outcome = match row.try_get::<Option<i16>>("", "outcome")? {
            None => None,
            Some(_) => Some(code(row, "outcome", Outcome::from_code)?),
        };
        Ok(Self {
            id: LookupId(row.try_get("", "id")?),
            source: row.try_get("", "slug")?,
            source_name: row.try_get("", "name")?,
            state,
            outcome,
            reason: row.try_get("", "reason")?,
            tries: row.try_get("", "tries")?,
            due_at: (state == UnitState::Parked).then(|| row.try_get("", "not_before")).transpose()?,
            created_at: row.try_get("", "created_at")?,
            finished_at: row.try_get("", "finished_at")?,
        })
    }
}
