//! The entries of an ignore list: imported many at once, shown in pages, removed one by one.

use std::collections::BTreeMap;

use aggregator_domain::{EntryMode, IgnoreEntryId, IgnoreValue};
use sea_orm::QueryResult;
use serde::Serialize;

use super::{lock, touch};
use crate::ids::IgnoreListId;
use crate::repositories::items::escape_like;
use crate::repositories::walk::{Part, Walk};
use crate::tables::indicator::read_id;
use crate::{Database, StoreError};

/// The most entries of one list.
pub const MAX_ENTRIES: i64 = 1_000_000;

/// The most substrings and regular expressions of one list: workers compile them together.
pub const MAX_PATTERNS: i64 = 1_000;

/// Entries in one statement.
const STEP: usize = 5_000;

/// An entry to be stored: a value that was read, in its canonical form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEntry {
    /// How it matches.
    pub mode: EntryMode,
    /// What is looked for.
    pub text: Box<str>,
}

/// An entry as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its identity within the list.
    pub id: IgnoreEntryId,
    /// How it matches.
    pub mode: EntryMode,
    /// What is looked for.
    pub text: String,
    /// When it was added, microseconds.
    pub created_at: i64,
}

fn mode(row: &QueryResult) -> Result<EntryMode, StoreError> {
    let mode: String = row.try_get("", "mode")?;
    let known = EntryMode::ALL.into_iter().find(|known| known.as_str() == mode);
    known.ok_or_else(|| StoreError::Corrupt(format!("an ignore list's mode {mode}")))
}

impl Entry {
    fn read(row: &QueryResult) -> Result<Self, StoreError> {
        Ok(Self {
            id: IgnoreEntryId(read_id(row, "id")?.0),
            mode: mode(row)?,
            text: row.try_get("", "value")?,
            created_at: row.try_get("", "created_at")?,
        })
    }
}

/// What became of entries to be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Added {
    /// So many are new; the others were there already.
    New(u64),
    /// The list is gone, or no longer in the state the change was meant for.
    Changed,
    /// The list would hold more than [`MAX_ENTRIES`]; nothing was added.
    TooMany,
    /// The list would hold more than [`MAX_PATTERNS`] substrings and regular expressions; nothing was added.
    TooManyPatterns,
}

#[derive(Serialize)]
struct Row<'a> {
    id: String,
    mode: &'static str,
    value: &'a str,
}

/// Adds entries to a list in one transaction. With a revision they take the place of all others, if the list is still in
/// that state.
pub async fn add(
    database: &Database,
    list: IgnoreListId,
    entries: &[NewEntry],
    instead_of: Option<i64>,
) -> Result<Added, StoreError> {
    // By identity: each once, and locks in one order.
    let rows: BTreeMap<[u8; 16], Row<'_>> = entries
        .iter()
        .map(|entry| {
            let id = IgnoreEntryId::of(entry.mode, &entry.text);
            (id.0, Row { id: id.to_string(), mode: entry.mode.as_str(), value: &entry.text })
        })
        .collect();
    let rows: Vec<Row<'_>> = rows.into_values().collect();
    let transaction = database.begin().await?;
    if !lock(database, &transaction, list.0, instead_of).await? {
        return Ok(Added::Changed);
    }
    if instead_of.is_some() {
        database
            .sql("DELETE FROM ignore_list_entries WHERE list_id = $1")
            .bind(list.0)
            .run(&transaction)
            .await?;
    }
    let mut added = 0;
    for part in rows.chunks(STEP) {
        added += database
            .sql(
                "INSERT INTO ignore_list_entries (list_id, id, mode, value, created_at)
                 SELECT $2, r.id, r.mode, r.value, {now} FROM {rows $1 (id hash, mode text, value text)}
                 WHERE true ON CONFLICT DO NOTHING",
            )
            .rows(&part)?
            .bind(list.0)
            .run(&transaction)
            .await?;
    }
    let (all, patterns) = database
        .sql(
            "SELECT COUNT(*) AS n, COUNT(CASE WHEN mode IN ('substring', 'regex') THEN 1 END) AS patterns
             FROM ignore_list_entries WHERE list_id = $1",
        )
        .bind(list.0)
        .one(&transaction, |row| Ok((row.try_get::<i64>("", "n")?, row.try_get::<i64>("", "patterns")?)))
        .await?
        .unwrap_or_default();
    if all > MAX_ENTRIES {
        return Ok(Added::TooMany);
    }
    if patterns > MAX_PATTERNS {
        return Ok(Added::TooManyPatterns);
    }
    if added > 0 || instead_of.is_some() {
        touch(database, &transaction, list.0).await?;
    }
    transaction.commit().await?;
    Ok(Added::New(added))
}

/// Which entries to show.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EntryFilter {
    /// Only of this mode.
    pub mode: Option<EntryMode>,
    /// Only those that contain this; the case of ASCII letters is ignored.
    pub search: Option<String>,
}

/// Entries of a list in the order of their identities.
pub async fn page(
    database: &Database,
    list: IgnoreListId,
    filter: &EntryFilter,
    walk: &Walk<IgnoreEntryId>,
) -> Result<Part<Entry, IgnoreEntryId>, StoreError> {
    let (then, order) = (walk.then(), walk.order());
    let behind = walk.after.unwrap_or(IgnoreEntryId([if walk.descending { u8::MAX } else { 0 }; 16]));
    let search =
        filter.search.as_deref().map_or_else(|| "%".to_owned(), |text| format!("%{}%", escape_like(text)));
    let rows = database
        .sql(&format!(
            "SELECT id, mode, value, created_at FROM ignore_list_entries
             WHERE list_id = $1 AND id {then} $2 AND ($3 IS NULL OR mode = $3) AND lower(value) LIKE lower($4) ESCAPE '\\'
             ORDER BY id {order} LIMIT $5"
        ))
        .bind(list.0)
        .bind(uuid::Uuid::from_bytes(behind.0))
        .bind(filter.mode.map(EntryMode::as_str))
        .bind(search)
        .bind(walk.rows())
        .all(database.reader(), Entry::read)
        .await?;
    Ok(walk.cut(rows, |row| row.id))
}

/// Removes an entry; false when the list has none such.
pub async fn remove_entry(
    database: &Database,
    list: IgnoreListId,
    id: IgnoreEntryId,
) -> Result<bool, StoreError> {
    let transaction = database.begin().await?;
    if !lock(database, &transaction, list.0, None).await? {
        return Ok(false);
    }
    let removed = database
        .sql("DELETE FROM ignore_list_entries WHERE list_id = $1 AND id = $2")
        .bind(list.0)
        .bind(uuid::Uuid::from_bytes(id.0))
        .run(&transaction)
        .await?;
    if removed == 0 {
        return Ok(false);
    }
    touch(database, &transaction, list.0).await?;
    transaction.commit().await?;
    Ok(true)
}

/// Every value of a list, for those who match against it.
pub async fn values(database: &Database, list: IgnoreListId) -> Result<Vec<IgnoreValue>, StoreError> {
    database
        .sql("SELECT mode, value FROM ignore_list_entries WHERE list_id = $1")
        .bind(list.0)
        .all(database.reader(), |row| Ok(IgnoreValue { mode: mode(row)?, text: row.try_get("", "value")? }))
        .await
}
