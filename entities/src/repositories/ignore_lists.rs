//! Ignore lists: what must not be sent to sources, and what caps a verdict.

mod entries;

pub use entries::{
    Added, Entry, EntryFilter, MAX_ENTRIES, MAX_PATTERNS, NewEntry, add, page, remove_entry, values,
};

use aggregator_domain::IgnoreEffect;
use sea_orm::{ConnectionTrait, QueryResult};

use super::listing::{Head, Listing, Revision};
use super::versions;
use crate::ids::IgnoreListId;
use crate::{Database, StoreError};

/// What is said of a list beside its entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewIgnoreList {
    /// Its name for people.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// A disabled list has no effect at all.
    pub enabled: bool,
    /// What being on it does.
    pub effect: IgnoreEffect,
}

/// A list as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IgnoreList {
    /// Its slug, name and revision.
    pub head: Head,
    /// What it is for.
    pub description: String,
    /// A disabled list has no effect at all.
    pub enabled: bool,
    /// What being on it does.
    pub effect: IgnoreEffect,
    /// Its entries.
    pub entries: i64,
}

const COLUMNS: &str = "t.description, t.enabled, t.action,
     (SELECT COUNT(*) FROM ignore_list_entries e WHERE e.list_id = t.id) AS entries";

impl IgnoreList {
    /// Its id.
    pub fn id(&self) -> IgnoreListId {
        IgnoreListId(self.head.revision.row)
    }

    fn read(row: &QueryResult) -> Result<Self, StoreError> {
        let action: String = row.try_get("", "action")?;
        let effect = IgnoreEffect::ALL.into_iter().find(|effect| effect.as_str() == action);
        Ok(Self {
            head: Head::read(row)?,
            description: row.try_get("", "description")?,
            enabled: row.try_get("", "enabled")?,
            effect: effect.ok_or_else(|| StoreError::Corrupt(format!("an ignore list's action {action}")))?,
            entries: row.try_get("", "entries")?,
        })
    }
}

/// Which lists to show.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct IgnoreListFilter {
    /// Only enabled or only disabled ones.
    pub enabled: Option<bool>,
    /// Only with this effect.
    pub effect: Option<IgnoreEffect>,
}

/// Lists, as the filter and the listing say.
pub async fn list(
    database: &Database,
    filter: IgnoreListFilter,
    listing: &Listing,
) -> Result<Vec<IgnoreList>, StoreError> {
    let select = format!(
        "SELECT {}, {COLUMNS} FROM ignore_lists t
         WHERE ($1 IS NULL OR t.enabled = $1) AND ($2 IS NULL OR t.action = $2) {}",
        Head::COLUMNS,
        listing.tail(3)
    );
    let sql = database.sql(&select).bind(filter.enabled).bind(filter.effect.map(IgnoreEffect::as_str));
    listing.bind(sql).all(database.reader(), IgnoreList::read).await
}

/// Every list that has an effect.
pub async fn enabled(database: &Database) -> Result<Vec<IgnoreList>, StoreError> {
    database
        .sql(&format!(
            "SELECT {}, {COLUMNS} FROM ignore_lists t WHERE t.enabled ORDER BY t.id",
            Head::COLUMNS
        ))
        .all(database.reader(), IgnoreList::read)
        .await
}

/// One list. Read where writes go, so that whoever just changed it sees the change.
pub async fn find(database: &Database, slug: &str) -> Result<Option<IgnoreList>, StoreError> {
    database
        .sql(&format!("SELECT {}, {COLUMNS} FROM ignore_lists t WHERE t.slug = $1", Head::COLUMNS))
        .bind(slug)
        .one(database.writer(), IgnoreList::read)
        .await
}

/// Makes an empty list; false when its slug is taken.
pub async fn create(database: &Database, slug: &str, new: &NewIgnoreList) -> Result<bool, StoreError> {
    let made = database
        .sql(
            "INSERT INTO ignore_lists (slug, name, description, enabled, action, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, {now}, {now}) ON CONFLICT (slug) DO NOTHING",
        )
        .bind(slug)
        .bind(new.name.clone())
        .bind(new.description.clone())
        .bind(new.enabled)
        .bind(new.effect.as_str())
        .run(database.writer())
        .await?;
    Ok(made == 1)
}

/// Changes what is said of a list; false when it is no longer in that state.
pub async fn replace(
    database: &Database,
    revision: Revision,
    new: &NewIgnoreList,
) -> Result<bool, StoreError> {
    let transaction = database.begin().await?;
    let changed = database
        .sql(
            "UPDATE ignore_lists SET name = $3, description = $4, enabled = $5, action = $6, revision = revision + 1,
                 updated_at = {now} WHERE id = $1 AND revision = $2",
        )
        .bind(revision.row)
        .bind(revision.number)
        .bind(new.name.clone())
        .bind(new.description.clone())
        .bind(new.enabled)
        .bind(new.effect.as_str())
        .run(&transaction)
        .await?;
    if changed == 0 {
        return Ok(false);
    }
    versions::bump(database, &transaction, "policy").await?;
    transaction.commit().await?;
    Ok(true)
}

/// Removes a list with its entries; false when it is no longer in that state.
pub async fn remove(database: &Database, revision: Revision) -> Result<bool, StoreError> {
    let transaction = database.begin().await?;
    if !lock(database, &transaction, revision.row, Some(revision.number)).await? {
        return Ok(false);
    }
    for statement in
        ["DELETE FROM ignore_list_entries WHERE list_id = $1", "DELETE FROM ignore_lists WHERE id = $1"]
    {
        database.sql(statement).bind(revision.row).run(&transaction).await?;
    }
    versions::bump(database, &transaction, "policy").await?;
    transaction.commit().await?;
    Ok(true)
}

/// Locks a list before its entries; false when it is gone, or no longer in that state.
async fn lock(
    database: &Database,
    on: &impl ConnectionTrait,
    row: i64,
    number: Option<i64>,
) -> Result<bool, StoreError> {
    let found = database
        .sql("SELECT revision FROM ignore_lists WHERE id = $1 {for_update}")
        .bind(row)
        .one(on, |row| Ok(row.try_get::<i64>("", "revision")?))
        .await?;
    Ok(found.is_some_and(|found| number.is_none_or(|number| number == found)))
}

/// Counts a change of a list's entries: a new revision of the list, and a new version of the policy.
async fn touch(database: &Database, on: &impl ConnectionTrait, row: i64) -> Result<(), StoreError> {
    database
        .sql("UPDATE ignore_lists SET revision = revision + 1, updated_at = {now} WHERE id = $1")
        .bind(row)
        .run(on)
        .await?;
    versions::bump(database, on, "policy").await
}
