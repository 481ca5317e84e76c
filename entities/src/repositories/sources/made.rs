//! Sources that are made over the API: one of the program's, asked at another place, with limits, weight and answers of its own.

use sea_orm::QueryResult;

use super::change::{SourceSettings, put_limits};
use super::{REMOTE, SourceLimit};
use crate::ids::SourceId;
use crate::repositories::removal::{Removal, bury};
use crate::repositories::{listing::Revision, tasks, versions};
use crate::{Database, StoreError};

/// Which part of the program asks a source, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adapter {
    /// Slug of the program's source whose protocol it speaks.
    pub slug: String,
    /// Where it is asked; `None` where that source usually is.
    pub base_url: Option<String>,
}

impl Adapter {
    /// What [`Adapter::read`] reads, of the source called `s`.
    pub(crate) const COLUMNS: &str = "COALESCE(s.adapter, s.slug) AS adapter, s.base_url";

    pub(crate) fn read(row: &QueryResult) -> Result<Self, StoreError> {
        Ok(Self { slug: row.try_get("", "adapter")?, base_url: row.try_get("", "base_url")? })
    }
}

/// Who asks a source that is asked over the network, and where; `None` of others, and of those that were deleted.
pub async fn adapter(database: &Database, id: SourceId) -> Result<Option<Adapter>, StoreError> {
    database
        .sql(&format!(
            "SELECT {} FROM sources s WHERE s.id = $1 AND s.kind = $2 AND s.deleted_at IS NULL",
            Adapter::COLUMNS
        ))
        .bind(id.0)
        .bind(REMOTE)
        .one(database.reader(), Adapter::read)
        .await
}

/// A source to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeSource {
    /// Its slug.
    pub slug: String,
    /// Slug of its provider.
    pub provider: String,
    /// Slug of the program's source whose protocol it speaks.
    pub adapter: String,
    /// Where it is asked.
    pub base_url: String,
    /// Its name, and how it is asked.
    pub settings: SourceSettings,
}

/// What became of a source to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Making {
    /// It is there.
    Made,
    /// Another source has its slug.
    Taken,
    /// There is no such provider.
    NoProvider,
    /// The program has no such source, or no worker has said so yet.
    NoAdapter,
    /// That source is asked at one place only.
    Unmovable,
}

/// Makes a source; what it takes and how its answers are read is what the program's source says.
pub async fn make(database: &Database, new: &MadeSource) -> Result<Making, StoreError> {
    let transaction = database.begin().await?;
    let provider = database
        .sql("SELECT id FROM providers WHERE slug = $1 AND deleted_at IS NULL {for_update}")
        .bind(new.provider.clone())
        .one(&transaction, |row| Ok(row.try_get::<i64>("", "id")?))
        .await?;
    let Some(provider) = provider else { return Ok(Making::NoProvider) };
    let movable = database
        .sql(
            "SELECT movable FROM sources WHERE slug = $1 AND kind = $2 AND adapter IS NULL AND kinds IS NOT NULL
             AND deleted_at IS NULL",
        )
        .bind(new.adapter.clone())
        .bind(REMOTE)
        .one(&transaction, |row| Ok(row.try_get::<bool>("", "movable")?))
        .await?;
    match movable {
        None => return Ok(Making::NoAdapter),
        Some(false) => return Ok(Making::Unmovable),
        Some(true) => {}
    }
    let said = &new.settings;
    let id = database
        .sql(
            "INSERT INTO sources (slug, name, provider_id, kind, enabled, paused, concurrency, weight, version, kinds, active,
                 keyless, adapter, base_url, created_at, updated_at)
             SELECT $1, $2, $3, s.kind, $4, $5, $6, $7, s.version, s.kinds, s.active, s.keyless, s.slug, $8, {now}, {now}
             FROM sources s WHERE s.slug = $9 ON CONFLICT (slug) DO NOTHING RETURNING id",
        )
        .bind(new.slug.clone())
        .bind(said.name.clone())
        .bind(provider)
        .bind(said.enabled)
        .bind(said.paused)
        .bind(said.concurrency)
        .bind(said.weight)
        .bind(new.base_url.clone())
        .bind(new.adapter.clone())
        .one(&transaction, |row| Ok(row.try_get::<i64>("", "id")?))
        .await?;
    let Some(id) = id else { return Ok(Making::Taken) };
    put_limits(database, &transaction, (id, &said.limits)).await?;
    transaction.commit().await?;
    Ok(Making::Made)
}

/// The limits and the calls at once of the program's source with this slug: those of one that is made and says none.
pub async fn manners(
    database: &Database,
    adapter: &str,
) -> Result<Option<(i32, Vec<SourceLimit>)>, StoreError> {
    let found = super::find(database, adapter).await?;
    Ok(found.map(|source| (source.concurrency, source.limits)))
}

/// Deletes a source that was made over the API, or a database whose file may be gone. What waits for it ends as refused, what it
/// said is forgotten by a task and stays in the histories.
pub async fn remove(database: &Database, revision: Revision) -> Result<Removal, StoreError> {
    let transaction = database.begin().await?;
    if !bury(database, &transaction, ("sources", revision)).await? {
        return Ok(Removal::Changed);
    }
    for statement in [
        "DELETE FROM quotas WHERE source_id = $1",
        "UPDATE sources SET enabled = false, paused = false, blocked_until = NULL, broken_until = NULL, broken_since = NULL
         WHERE id = $1",
    ] {
        database.sql(statement).bind(revision.row).run(&transaction).await?;
    }
    tasks::forget_source(database, &transaction, SourceId(revision.row)).await?;
    // Lists and local databases are part of what workers hold in memory.
    versions::bump(database, &transaction, "feeds").await?;
    transaction.commit().await?;
    Ok(Removal::Removed)
}
