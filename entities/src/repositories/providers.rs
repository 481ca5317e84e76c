//! Providers: the organisations whose sources are asked.

use sea_orm::QueryResult;

use super::listing::{Head, Listing, Revision};
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

const COLUMNS: &str =
    "t.url, t.enabled, (SELECT COUNT(*) FROM sources s WHERE s.provider_id = t.id) AS sources";

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
        "SELECT {}, {COLUMNS} FROM providers t WHERE ($1 IS NULL OR t.enabled = $1) {}",
        Head::COLUMNS,
        listing.tail(2)
    );
    listing.bind(database.sql(&select).bind(enabled)).all(database.reader(), StoredProvider::read).await
}

/// One provider. Read where writes go, so that whoever just changed it sees the change.
pub async fn find(database: &Database, slug: &str) -> Result<Option<StoredProvider>, StoreError> {
    database
        .sql(&format!("SELECT {}, {COLUMNS} FROM providers t WHERE t.slug = $1", Head::COLUMNS))
        .bind(slug)
        .one(database.writer(), StoredProvider::read)
        .await
}

/// Gives a provider another name, and switches its sources on or off; false when it is no longer in that state.
pub async fn replace(
    database: &Database,
    revision: Revision,
    (name, enabled): (&str, bool),
) -> Result<bool, StoreError> {
    let transaction = database.begin().await?;
    let changed = database
        .sql(
            "UPDATE providers SET name = $3, enabled = $4, revision = revision + 1, updated_at = {now}
             WHERE id = $1 AND revision = $2",
        )
        .bind(revision.row)
        .bind(revision.number)
        .bind(name)
        .bind(enabled)
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
