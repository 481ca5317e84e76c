//! Sources: made known by whoever brings them, shown to and changed by operators.

mod change;
mod describe;
mod made;
mod stored;

pub use change::{SourceSettings, block, replace, set_paused};
pub use describe::Described;
pub use made::{Adapter, MadeSource, Making, adapter, make, manners, remove};
pub use stored::{SourceFilter, SourceKind, SourceLimit, StoredSource, disabled_databases, find, list};

use sea_orm::DatabaseTransaction;

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
    let id = ensure_on(database, &transaction, new).await?;
    transaction.commit().await?;
    Ok(id)
}

async fn ensure_on(
    database: &Database,
    on: &DatabaseTransaction,
    new: NewSource<'_>,
) -> Result<SourceId, StoreError> {
    let provider: i64 = database
        .sql(
            "INSERT INTO providers (slug, name, enabled, created_at, updated_at) VALUES ($1, $1, true, {now}, {now})
             ON CONFLICT (slug) DO UPDATE SET updated_at = providers.updated_at RETURNING id",
        )
        .bind(new.provider)
        .scalar(on)
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
        .scalar(on)
        .await?;
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
    /// What it is.
    pub described: Described,
}

/// Makes remote sources known with their limits where they were not. All in one commit: who finds one of them finds every one,
/// and can tell a slug that is none. Where the program reads the answers of one in a newer way than before, those from
/// before are no longer fresh.
pub async fn ensure_remote(database: &Database, all: &[NewRemote<'_>]) -> Result<(), StoreError> {
    let transaction = database.begin().await?;
    for new in all {
        let id = ensure_one(database, &transaction, new).await?;
        describe::describe(database, &transaction, (id, new.source.slug, &new.described)).await?;
    }
    transaction.commit().await?;
    Ok(())
}

async fn ensure_one(
    database: &Database,
    on: &DatabaseTransaction,
    new: &NewRemote<'_>,
) -> Result<SourceId, StoreError> {
    let known = database
        .sql("SELECT id FROM sources WHERE slug = $1")
        .bind(new.source.slug)
        .one(on, |row| Ok(SourceId(row.try_get("", "id")?)))
        .await?;
    if let Some(known) = known {
        database
            .sql(
                "UPDATE sources SET version = $2, answers_since = {now}
                 WHERE (id = $1 AND adapter IS NULL OR adapter = $3) AND version < $2",
            )
            .bind(known.0)
            .bind(new.version)
            .bind(new.source.slug)
            .run(on)
            .await?;
        return Ok(known);
    }
    let id = ensure_on(database, on, new.source).await?;
    database
        .sql("UPDATE sources SET concurrency = $2, version = $3 WHERE id = $1")
        .bind(id.0)
        .bind(new.concurrency)
        .bind(new.version)
        .run(on)
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
            .run(on)
            .await?;
    }
    Ok(id)
}

/// Slugs of every remote source that is known, switched on or not.
pub async fn remote_slugs(database: &Database) -> Result<Vec<String>, StoreError> {
    database
        .sql("SELECT slug FROM sources WHERE kind = $1 AND deleted_at IS NULL ORDER BY slug")
        .bind(REMOTE)
        .all(database.reader(), |row| Ok(row.try_get("", "slug")?))
        .await
}

/// The remote sources that may be asked, with who asks them: they and their providers are enabled.
pub async fn enabled_remote(database: &Database) -> Result<Vec<(SourceId, String, Adapter)>, StoreError> {
    database
        .sql(&format!(
            "SELECT s.id, s.slug, {} FROM sources s JOIN providers p ON p.id = s.provider_id
             WHERE s.kind = $1 AND s.enabled AND p.enabled ORDER BY s.slug",
            Adapter::COLUMNS
        ))
        .bind(REMOTE)
        .all(database.reader(), |row| {
            Ok((SourceId(row.try_get("", "id")?), row.try_get("", "slug")?, Adapter::read(row)?))
        })
        .await
}

/// What `kind` says of a source that is part of the program and asked over the network.
pub const REMOTE: &str = "native";
