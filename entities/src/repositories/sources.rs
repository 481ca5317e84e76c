//! Sources that are not feeds: made known by whoever brings them.

use crate::ids::SourceId;
use crate::{Database, StoreError};

/// A source as its bringer describes it.
#[derive(Debug, Clone, Copy)]
pub struct NewSource<'a> {
    /// Its slug.
    pub slug: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Slug of the provider, made when missing.
    pub provider: &'a str,
    /// What it is: `database`, `native` …
    pub kind: &'a str,
}

/// The id of a source, made known when it was not.
pub async fn ensure(database: &Database, new: NewSource<'_>) -> Result<SourceId, StoreError> {
    let transaction = database.begin().await?;
    let provider: i64 = database
        .sql(
            "INSERT INTO providers (slug, name, enabled, created_at, updated_at) VALUES ($1, $1, true, {now}, {now})
             ON CONFLICT (slug) DO UPDATE SET updated_at = providers.updated_at RETURNING id",
        )
        .bind(new.provider)
        .scalar(&transaction)
        .await?;
    let source: i64 = database
        .sql(
            "INSERT INTO sources (slug, name, provider_id, kind, enabled, created_at, updated_at)
             VALUES ($1, $2, $3, $4, true, {now}, {now})
             ON CONFLICT (slug) DO UPDATE SET updated_at = sources.updated_at RETURNING id",
        )
        .bind(new.slug)
        .bind(new.name)
        .bind(provider)
        .bind(new.kind)
        .scalar(&transaction)
        .await?;
    transaction.commit().await?;
    Ok(SourceId(source))
}
