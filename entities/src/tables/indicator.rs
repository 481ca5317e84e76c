//! An indicator's row.

use aggregator_domain::{IndicatorId, Kind};
use sea_orm::QueryResult;

use crate::StoreError;
use crate::sql::code;

/// One indicator ever seen; it exists once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndicatorRow {
    /// Its identity.
    pub id: IndicatorId,
    /// Its kind.
    pub kind: Kind,
    /// Its canonical value.
    pub value: String,
    /// When it was first screened, microseconds.
    pub first_seen_at: i64,
}

impl IndicatorRow {
    pub(crate) fn read(row: &QueryResult) -> Result<Self, StoreError> {
        Ok(Self {
            id: read_id(row, "id")?,
            kind: code(row, "kind", Kind::from_code)?,
            value: row.try_get("", "value")?,
            first_seen_at: row.try_get("", "first_seen_at")?,
        })
    }
}

/// Reads an identity: `uuid` on PostgreSQL, a 16-byte blob on SQLite.
pub(crate) fn read_id(row: &QueryResult, column: &str) -> Result<IndicatorId, StoreError> {
    Ok(IndicatorId(row.try_get::<uuid::Uuid>("", column)?.into_bytes()))
}

/// An identity as a value to bind.
pub(crate) fn bind_id(id: IndicatorId) -> uuid::Uuid {
    uuid::Uuid::from_bytes(id.0)
}
