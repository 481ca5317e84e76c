//! What becomes of named things that are deleted.

use sea_orm::DatabaseTransaction;

use super::listing::Revision;
use crate::{Database, StoreError};

/// What became of something to be removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removal {
    /// It is gone.
    Removed,
    /// It is no longer in that state.
    Changed,
    /// So many others need it.
    InUse(i64),
}

/// Marks a row as deleted and gives its slug to whoever wants it next: the row is called by its slug, a tilde and its id from now
/// on, which no slug can be. False when it is no longer in that state.
pub(super) async fn bury(
    database: &Database,
    on: &DatabaseTransaction,
    (table, revision): (&str, Revision),
) -> Result<bool, StoreError> {
    let buried = database
        .sql(&format!(
            "UPDATE {table} SET slug = slug || '~' || CAST(id AS TEXT), deleted_at = {{now}}, revision = revision + 1
             WHERE id = $1 AND revision = $2 AND deleted_at IS NULL"
        ))
        .bind(revision.row)
        .bind(revision.number)
        .run(on)
        .await?;
    Ok(buried == 1)
}
