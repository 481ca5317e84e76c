//! Ignore lists and their entries.

use crate::ids::IgnoreListId;
use crate::repositories::versions;
use crate::{Database, StoreError};

/// A list of values that are not asked about, or whose verdict is capped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IgnoreList {
    /// Its id.
    pub id: IgnoreListId,
    /// Its name in addresses.
    pub slug: String,
    /// Its name for people.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// A disabled list has no effect at all.
    pub enabled: bool,
    /// `refuse` (never sent to a source) or `cap` (caps an automatic verdict).
    pub action: String,
}

/// One entry: how to compare, and with what.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct IgnoreEntry {
    /// `exact`, `domain`, `cidr`, `regex` or `substring`.
    pub mode: String,
    /// The value, canonical for its mode.
    pub value: String,
}

/// Makes or replaces a list with its entries, and moves the policy version on.
pub async fn put(
    database: &Database,
    list: &IgnoreList,
    entries: &[IgnoreEntry],
) -> Result<IgnoreListId, StoreError> {
    let transaction = database.begin().await?;
    let id: i64 = database
        .sql(
            "INSERT INTO ignore_lists (slug, name, description, enabled, action, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, {now}, {now})
             ON CONFLICT (slug) DO UPDATE SET name = $2, description = $3, enabled = $4, action = $5, updated_at = {now}
             RETURNING id",
        )
        .bind(list.slug.clone())
        .bind(list.name.clone())
        .bind(list.description.clone())
        .bind(list.enabled)
        .bind(list.action.clone())
        .scalar(&transaction)
        .await?;
    database.sql("DELETE FROM ignore_list_entries WHERE list_id = $1").bind(id).run(&transaction).await?;
    for part in entries.chunks(5_000) {
        let rows: Vec<(&str, &str)> =
            part.iter().map(|entry| (entry.mode.as_str(), entry.value.as_str())).collect();
        let rows = serde_json::to_string(&rows).map_err(|error| StoreError::Other(error.to_string()))?;
        let from = if database.is_postgres() {
            "jsonb_array_elements($2::jsonb) AS rows (value)"
        } else {
            "json_each($2)"
        };
        database
            .sql(&format!(
                "INSERT INTO ignore_list_entries (list_id, mode, value) SELECT $1, value ->> 0, value ->> 1 FROM {from}
                 WHERE true ON CONFLICT DO NOTHING"
            ))
            .bind(id)
            .bind(rows)
            .run(&transaction)
            .await?;
    }
    versions::bump(database, &transaction, "policy").await?;
    transaction.commit().await?;
    Ok(IgnoreListId(id))
}

/// Every list, by slug.
pub async fn list(database: &Database) -> Result<Vec<IgnoreList>, StoreError> {
    database
        .sql("SELECT id, slug, name, description, enabled, action FROM ignore_lists ORDER BY slug")
        .all(database.reader(), |row| {
            Ok(IgnoreList {
                id: IgnoreListId(row.try_get("", "id")?),
                slug: row.try_get("", "slug")?,
                name: row.try_get("", "name")?,
                description: row.try_get("", "description")?,
                enabled: row.try_get("", "enabled")?,
                action: row.try_get("", "action")?,
            })
        })
        .await
}

/// Entries of one list, in order.
pub async fn entries(database: &Database, id: IgnoreListId) -> Result<Vec<IgnoreEntry>, StoreError> {
    database
        .sql("SELECT mode, value FROM ignore_list_entries WHERE list_id = $1 ORDER BY mode, value")
        .bind(id.0)
        .all(database.reader(), |row| {
            Ok(IgnoreEntry { mode: row.try_get("", "mode")?, value: row.try_get("", "value")? })
        })
        .await
}

/// Switches a list on or off; false when there is none with this slug.
pub async fn set_enabled(database: &Database, slug: &str, enabled: bool) -> Result<bool, StoreError> {
    let transaction = database.begin().await?;
    let changed = database
        .sql("UPDATE ignore_lists SET enabled = $2, updated_at = {now} WHERE slug = $1")
        .bind(slug)
        .bind(enabled)
        .run(&transaction)
        .await?;
    versions::bump(database, &transaction, "policy").await?;
    transaction.commit().await?;
    Ok(changed == 1)
}

/// Removes a list with its entries; false when there is none with this slug.
pub async fn delete(database: &Database, slug: &str) -> Result<bool, StoreError> {
    let transaction = database.begin().await?;
    database
        .sql("DELETE FROM ignore_list_entries WHERE list_id IN (SELECT id FROM ignore_lists WHERE slug = $1)")
        .bind(slug)
        .run(&transaction)
        .await?;
    let removed =
        database.sql("DELETE FROM ignore_lists WHERE slug = $1").bind(slug).run(&transaction).await?;
    versions::bump(database, &transaction, "policy").await?;
    transaction.commit().await?;
    Ok(removed == 1)
}
