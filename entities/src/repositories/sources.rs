//! Sources: made known by whoever brings them, shown to and changed by operators.

mod change;
mod describe;
mod stored;

pub use change::{SourceSettings, block, replace, set_paused};
pub use describe::{Described, describe};
pub use stored::{SourceFilter, SourceKind, SourceLimit, StoredSource, disabled_databases, find, list};

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

/// A remote source as the program knows it; what an operator changes afterwards stays.
#[derive(Debug, Clone)]
pub struct NewRemote<'a> {
    /// Its slug, name and provider.
    pub source: NewSource<'a>,
    /// Calls under way at once.
    pub concurrency: i32,
    /// Its limits: (calls, window in microseconds).
    pub limits: Vec<(i32, i64)>,
    /// How the program reads its answers.
    pub version: i32,
}

/// The id of a remote source, made known with its limits when it was not. Where the program reads its answers in a newer way
/// than before, those from before are no longer fresh.
pub async fn ensure_remote(database: &Database, new: &NewRemote<'_>) -> Result<SourceId, StoreError> {
    let known = database
        .sql("SELECT id FROM sources WHERE slug = $1")
        .bind(new.source.slug)
        .one(database.reader(), |row| Ok(SourceId(row.try_get("", "id")?)))
        .await?;
    if let Some(known) = known {
        database
            .sql("UPDATE sources SET version = $2, answers_since = {now} WHERE id = $1 AND version < $2")
            .bind(known.0)
            .bind(new.version)
            .run(database.writer())
            .await?;
        return Ok(known);
    }
    let id = ensure(database, new.source).await?;
    let transaction = database.begin().await?;
    database
        .sql("UPDATE sources SET concurrency = $2, version = $3 WHERE id = $1")
        .bind(id.0)
        .bind(new.concurrency)
        .bind(new.version)
        .run(&transaction)
        .await?;
    for (calls, window) in &new.limits {
        database
            .sql(
                "INSERT INTO quotas (source_id, window_micros, calls, spent_until) VALUES ($1, $2, $3, 0)
                 ON CONFLICT DO NOTHING",
            )
            .bind(id.0)
            .bind(*window)
            .bind(*calls)
            .run(&transaction)
            .await?;
    }
    transaction.commit().await?;
    Ok(id)
}

/// Ids and slugs of the remote sources that may be asked: they and their providers are enabled.
pub async fn enabled_remote(database: &Database) -> Result<Vec<(SourceId, String)>, StoreError> {
    database
        .sql(
            "SELECT s.id, s.slug FROM sources s JOIN providers p ON p.id = s.provider_id
             WHERE s.kind = $1 AND s.enabled AND p.enabled ORDER BY s.slug",
        )
        .bind(REMOTE)
        .all(database.reader(), |row| Ok((SourceId(row.try_get("", "id")?), row.try_get("", "slug")?)))
        .await
}

/// The slug of a source.
pub async fn slug(database: &Database, id: SourceId) -> Result<Option<String>, StoreError> {
    database
        .sql("SELECT slug FROM sources WHERE id = $1")
        .bind(id.0)
        .one(database.reader(), |row| Ok(row.try_get("", "slug")?))
        .await
}

/// What `kind` says of a source that is part of the program and asked over the network.
pub const REMOTE: &str = "native";
