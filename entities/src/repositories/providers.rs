//! Providers: the organisations whose sources are asked.

use sea_orm::QueryResult;

use super::listing::{Head, Listing, Revision};
use super::removal::{Removal, bury};
use super::versions;
use crate::{Database, StoreError};

/// A provider as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredProvider {
    /// Its slug, name and revision.
    pub head: Head,
    /// Its site.
    pub url: Option<String>,
    /// False switches all of its sources off.
    pub enabled: bool,
    /// How many sources it has.
    pub sources: i64,
}

const COLUMNS: &str = "t.url, t.enabled, (SELECT COUNT(*) FROM sources s WHERE s.provider_id = t.id AND s.deleted_at IS NULL) AS sources";

impl StoredProvider {
    fn read(row: &QueryResult) -> Result<Self, StoreError> {
        Ok(Self {
            head: Head::read(row)?,
            url: row.try_get("", "url")?,
            enabled: row.try_get("", "enabled")?,
            sources: row.try_get("", "sources")?,
        })
    }
}

/// Providers, only enabled or only disabled ones, as the listing says.
pub async fn list(
    database: &Database,
    enabled: Option<bool>,
    listing: &Listing,
) -> Result<Vec<StoredProvider>, StoreError> {
    let select = format!(
        "SELECT {}, {COLUMNS} FROM providers t WHERE t.deleted_at IS NULL AND ($1 IS NULL OR t.enabled = $1) {}",
        Head::COLUMNS,
        listing.tail(2)
    );
    listing.bind(database.sql(&select).bind(enabled)).all(database.reader(), StoredProvider::read).await
}

/// One provider. Read where writes go, so that whoever just changed it sees the change.
pub async fn find(database: &Database, slug: &str) -> Result<Option<StoredProvider>, StoreError> {
    database
        .sql(&format!(
            "SELECT {}, {COLUMNS} FROM providers t WHERE t.slug = $1 AND t.deleted_at IS NULL",
            Head::COLUMNS
        ))
        .bind(slug)
        .one(database.writer(), StoredProvider::read)
        .await
}

/// All that can be changed of a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderSettings {
    /// Its name for people.
    pub name: String,
    /// Its site.
    pub url: Option<String>,
    /// False switches all of its sources off.
    pub enabled: bool,
}

/// Makes a provider; false when its slug is taken.
pub async fn create(database: &Database, slug: &str, said: &ProviderSettings) -> Result<bool, StoreError> {
    let made = database
        .sql(
            "INSERT INTO providers (slug, name, url, enabled, created_at, updated_at) VALUES ($1, $2, $3, $4, {now}, {now})
             ON CONFLICT (slug) DO NOTHING",
        )
        .bind(slug)
        .bind(said.name.clone())
        .bind(said.url.clone())
        .bind(said.enabled)
        .run(database.writer())
        .await?;
    Ok(made == 1)
}

/// Changes a provider, and with it whether its sources are asked; false when it is no longer in that state.
pub async fn replace(
    database: &Database,
    revision: Revision,
    said: &ProviderSettings,
) -> Result<bool, StoreError> {
    let transaction = database.begin().await?;
    let changed = database
        .sql(
            "UPDATE providers SET name = $3, url = $4, enabled = $5, revision = revision + 1, updated_at = {now}
             WHERE id = $1 AND revision = $2 AND deleted_at IS NULL",
        )
        .bind(revision.row)
        .bind(revision.number)
        .bind(said.name.clone())
        .bind(said.url.clone())
        .bind(said.enabled)
        .run(&transaction)
        .await?;
    if changed == 0 {
        return Ok(false);
    }
    // Its lists and databases are part of what workers hold in memory.
    versions::bump(database, &transaction, "feeds").await?;
    transaction.commit().await?;
    Ok(true)
}

/// Deletes a provider that has no source.
pub async fn remove(database: &Database, revision: Revision) -> Result<Removal, StoreError> {
    let transaction = database.begin().await?;
    // Buried first: who makes a source of it now waits for this, and then finds no provider.
    if !bury(database, &transaction, ("providers", revision)).await? {
        return Ok(Removal::Changed);
    }
    let sources: i64 = database
        .sql("SELECT COUNT(*) FROM sources WHERE provider_id = $1 AND deleted_at IS NULL")
        .bind(revision.row)
        .scalar(&transaction)
        .await?;
    if sources > 0 {
        return Ok(Removal::InUse(sources));
    }
    transaction.commit().await?;
    Ok(Removal::Removed)
}
