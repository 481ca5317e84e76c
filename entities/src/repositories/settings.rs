//! Settings that are changed on a running system. Which keys there are and what they take is told elsewhere (`platform`): a row
//! is a key with a JSON text, and one that was damaged by hand is read like any other.
//!
//! A setting that was reset keeps its row, with `null`, so that no revision comes twice.

use sea_orm::QueryResult;

use super::listing::Revision;
use crate::{Database, StoreError};

/// A setting as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSetting {
    /// Its key.
    pub key: String,
    /// Its value as JSON; `None` where the row holds no text.
    pub value: Option<String>,
    /// Counts its changes.
    pub revision: i64,
    /// When it was last changed, microseconds.
    pub updated_at: i64,
}

/// What a row says after a reset.
const NOTHING: &str = "null";

impl StoredSetting {
    /// Reads what can be read: SQLite lets a hand put anything into any column.
    fn read(row: &QueryResult) -> Self {
        Self {
            key: row.try_get("", "key").unwrap_or_default(),
            value: row.try_get("", "value").ok(),
            revision: row.try_get("", "revision").unwrap_or_default(),
            updated_at: row.try_get("", "updated_at").unwrap_or_default(),
        }
    }

    /// The key with its value, unless it was reset.
    pub fn written(&self) -> Option<(String, Option<String>)> {
        (self.value.as_deref() != Some(NOTHING)).then(|| (self.key.clone(), self.value.clone()))
    }
}

/// The state of a setting, for whoever changes it; 0 before its first change.
pub fn revision(stored: Option<&StoredSetting>) -> Revision {
    Revision { row: 0, number: stored.map_or(0, |stored| stored.revision) }
}

/// Every setting that was ever changed. Read where writes go, so that whoever just changed one sees the change.
pub async fn all(database: &Database) -> Result<Vec<StoredSetting>, StoreError> {
    database
        .sql("SELECT key, value, revision, updated_at FROM settings")
        .all(database.writer(), |row| Ok(StoredSetting::read(row)))
        .await
}

/// The keys that have a value, with it.
pub async fn written(database: &Database) -> Result<Vec<(String, Option<String>)>, StoreError> {
    let rows = database
        .sql("SELECT key, value, revision, updated_at FROM settings")
        .all(database.reader(), |row| Ok(StoredSetting::read(row)))
        .await?;
    Ok(rows.iter().filter_map(StoredSetting::written).collect())
}

/// Gives a setting a value, JSON; false when it is no longer in that state.
pub async fn put(
    database: &Database,
    key: &str,
    revision: Revision,
    value: &str,
) -> Result<bool, StoreError> {
    let statement = if revision.number == 0 {
        "INSERT INTO settings (key, value, revision, updated_at) VALUES ($1, $3, $2 + 1, {now})
         ON CONFLICT (key) DO NOTHING"
    } else {
        "UPDATE settings SET value = $3, revision = revision + 1, updated_at = {now}
         WHERE key = $1 AND revision = $2"
    };
    let changed =
        database.sql(statement).bind(key).bind(revision.number).bind(value).run(database.writer()).await?;
    Ok(changed == 1)
}

/// Takes a setting's value away; false when it is no longer in that state.
pub async fn reset(database: &Database, key: &str, revision: Revision) -> Result<bool, StoreError> {
    // Nothing is stored of one that was never changed.
    Ok(revision.number == 0 || put(database, key, revision, NOTHING).await?)
}
