//! Feeds: definitions, generations in 1 MiB parts, runs.

pub mod shown;

use aggregator_domain::state::FeedRunState;

use crate::ids::{FeedId, GenerationId, SourceId};
use crate::repositories::versions;
use crate::sql::code;
use crate::{Database, StoreError};

/// Size of one part of a stored generation.
pub const PART_BYTES: usize = 1 << 20;

/// A feed with its source and provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feed {
    /// Its id.
    pub id: FeedId,
    /// The source it is.
    pub source_id: SourceId,
    /// Slug of that source.
    pub slug: String,
    /// Name of that source.
    pub name: String,
    /// Slug of the provider.
    pub provider: String,
    /// False when the source or its provider is switched off: it is not matched then.
    pub enabled: bool,
    /// What its opinions weigh, 0–100.
    pub weight: i16,
    /// The definition, TOML (see `aggregator-sources`).
    pub definition: String,
    /// The live generation.
    pub generation: Option<Generation>,
    /// Validator of the last download.
    pub etag: Option<String>,
    /// Validator of the last download.
    pub last_modified: Option<String>,
    /// When upstream was last asked, microseconds.
    pub checked_at: Option<i64>,
    /// When it is due again, microseconds.
    pub next_refresh_at: Option<i64>,
    /// Seconds between refreshes, where an operator wants others than the definition says.
    pub refresh_seconds: Option<i64>,
}

/// One generation of a feed: an immutable artifact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generation {
    /// Its id.
    pub id: GenerationId,
    /// Its content address, hex.
    pub hash: String,
    /// Entries in it.
    pub entries: i64,
    /// Bytes of the artifact.
    pub bytes: i64,
    /// When it went live, microseconds.
    pub created_at: i64,
}

/// A feed to be known.
#[derive(Debug, Clone)]
pub struct NewFeed<'a> {
    /// Slug of the source.
    pub slug: &'a str,
    /// Name of the source.
    pub name: &'a str,
    /// Slug of the provider.
    pub provider: &'a str,
    /// Name of the provider.
    pub provider_name: &'a str,
    /// The definition, TOML.
    pub definition: &'a str,
    /// Seconds between refreshes; `None` for a feed that is only imported.
    pub interval_seconds: Option<i64>,
}

const SELECT: &str = "SELECT f.id, f.source_id, s.slug, s.name, p.slug AS provider, s.enabled AND p.enabled AS enabled, s.weight, f.definition, f.etag,
     f.last_modified, f.checked_at, f.next_refresh_at, f.refresh_seconds, g.id AS generation_id, g.hash, g.entries, g.bytes,
     g.created_at AS generation_at
     FROM feeds f JOIN sources s ON s.id = f.source_id JOIN providers p ON p.id = s.provider_id
     LEFT JOIN feed_generations g ON g.id = f.generation_id";

fn read(row: &sea_orm::QueryResult) -> Result<Feed, StoreError> {
    let generation = match row.try_get::<Option<i64>>("", "generation_id")? {
        Some(id) => Some(Generation {
            id: GenerationId(id),
            hash: row.try_get("", "hash")?,
            entries: row.try_get("", "entries")?,
            bytes: row.try_get("", "bytes")?,
            created_at: row.try_get("", "generation_at")?,
        }),
        None => None,
    };
    Ok(Feed {
        id: FeedId(row.try_get("", "id")?),
        source_id: SourceId(row.try_get("", "source_id")?),
        slug: row.try_get("", "slug")?,
        name: row.try_get("", "name")?,
        provider: row.try_get("", "provider")?,
        weight: row.try_get("", "weight")?,
        enabled: row.try_get("", "enabled")?,
        definition: row.try_get("", "definition")?,
        generation,
        etag: row.try_get("", "etag")?,
        last_modified: row.try_get("", "last_modified")?,
        checked_at: row.try_get("", "checked_at")?,
        next_refresh_at: row.try_get("", "next_refresh_at")?,
        refresh_seconds: row.try_get("", "refresh_seconds")?,
    })
}

/// Every feed, by slug.
pub async fn list(database: &Database) -> Result<Vec<Feed>, StoreError> {
    database.sql(&format!("{SELECT} ORDER BY s.slug")).all(database.reader(), read).await
}

/// One feed by its source's slug.
pub async fn find(database: &Database, slug: &str) -> Result<Option<Feed>, StoreError> {
    database.sql(&format!("{SELECT} WHERE s.slug = $1")).bind(slug).one(database.reader(), read).await
}

/// One feed by its id.
pub async fn get(database: &Database, id: FeedId) -> Result<Option<Feed>, StoreError> {
    database.sql(&format!("{SELECT} WHERE f.id = $1")).bind(id.0).one(database.reader(), read).await
}

/// Makes a feed with its source and provider, or gives an existing one this definition.
pub async fn put(database: &Database, new: &NewFeed<'_>) -> Result<FeedId, StoreError> {
    let transaction = database.begin().await?;
    let provider: i64 = database
        .sql(
            "INSERT INTO providers (slug, name, enabled, created_at, updated_at) VALUES ($1, $2, true, {now}, {now})
             ON CONFLICT (slug) DO UPDATE SET updated_at = providers.updated_at RETURNING id",
        )
        .bind(new.provider)
        .bind(new.provider_name)
        .scalar(&transaction)
        .await?;
    let source: i64 = database
        .sql(
            "INSERT INTO sources (slug, name, provider_id, kind, enabled, created_at, updated_at)
             VALUES ($1, $2, $3, 'feed', true, {now}, {now})
             ON CONFLICT (slug) DO UPDATE SET name = $2, updated_at = {now}, revision = sources.revision + 1 RETURNING id",
        )
        .bind(new.slug)
        .bind(new.name)
        .bind(provider)
        .scalar(&transaction)
        .await?;
    let id: i64 = database
        .sql(
            "INSERT INTO feeds (source_id, definition, next_refresh_at, created_at, updated_at)
             VALUES ($1, $2, CASE WHEN $3 > 0 THEN {now} + $3 * 1000000 END, {now}, {now})
             ON CONFLICT (source_id) DO UPDATE SET definition = $2, updated_at = {now},
                 next_refresh_at = CASE WHEN $3 > 0 THEN {now} + $3 * 1000000 END RETURNING id",
        )
        .bind(source)
        .bind(new.definition)
        .bind(new.interval_seconds.unwrap_or(0))
        .scalar(&transaction)
        .await?;
    versions::bump(database, &transaction, "feeds").await?;
    transaction.commit().await?;
    Ok(FeedId(id))
}

/// Switches a feed's source on or off; false when there is none with this slug.
pub async fn set_enabled(database: &Database, slug: &str, enabled: bool) -> Result<bool, StoreError> {
    let transaction = database.begin().await?;
    let changed = database
        .sql(
            "UPDATE sources SET enabled = $2, revision = revision + 1, updated_at = {now}
             WHERE slug = $1 AND kind = 'feed'",
        )
        .bind(slug)
        .bind(enabled)
        .run(&transaction)
        .await?;
    versions::bump(database, &transaction, "feeds").await?;
    transaction.commit().await?;
    Ok(changed == 1)
}

/// A generation to go live.
#[derive(Debug, Clone)]
pub struct NewGeneration<'a> {
    /// Content address, hex.
    pub hash: &'a str,
    /// Entries in it.
    pub entries: i64,
    /// Entries refused while parsing.
    pub rejected: i64,
    /// The artifact.
    pub artifact: &'a [u8],
}

/// Stores a generation and makes it live in one transaction; the feeds version moves on.
pub async fn swap(
    database: &Database,
    feed: FeedId,
    new: &NewGeneration<'_>,
) -> Result<GenerationId, StoreError> {
    let transaction = database.begin().await?;
    let id: i64 = database
        .sql(
            "INSERT INTO feed_generations (feed_id, hash, entries, rejected, bytes, created_at)
             VALUES ($1, $2, $3, $4, $5, {now}) RETURNING id",
        )
        .bind(feed.0)
        .bind(new.hash)
        .bind(new.entries)
        .bind(new.rejected)
        .bind(i64::try_from(new.artifact.len()).unwrap_or(i64::MAX))
        .scalar(&transaction)
        .await?;
    for (part, bytes) in (0_i32..).zip(new.artifact.chunks(PART_BYTES)) {
        database
            .sql("INSERT INTO feed_generation_parts (generation_id, part, bytes) VALUES ($1, $2, $3)")
            .bind(id)
            .bind(part)
            .bind(bytes.to_vec())
            .run(&transaction)
            .await?;
    }
    database
        .sql("UPDATE feeds SET generation_id = $2, updated_at = {now} WHERE id = $1")
        .bind(feed.0)
        .bind(id)
        .run(&transaction)
        .await?;
    versions::bump(database, &transaction, "feeds").await?;
    transaction.commit().await?;
    Ok(GenerationId(id))
}

/// Reads one part of a generation; `None` past the last.
pub async fn part(database: &Database, id: GenerationId, part: i32) -> Result<Option<Vec<u8>>, StoreError> {
    database
        .sql("SELECT bytes FROM feed_generation_parts WHERE generation_id = $1 AND part = $2")
        .bind(id.0)
        .bind(part)
        .one(database.reader(), |row| Ok(row.try_get("", "bytes")?))
        .await
}

/// Removes a feed's generations but the live one and the newest other.
pub async fn prune_generations(database: &Database, feed: FeedId) -> Result<(), StoreError> {
    let transaction = database.begin().await?;
    let old = database
        .sql(
            "SELECT g.id FROM feed_generations g JOIN feeds f ON f.id = g.feed_id
             WHERE g.feed_id = $1 AND g.id <> COALESCE(f.generation_id, 0) ORDER BY g.id DESC",
        )
        .bind(feed.0)
        .all(&transaction, |row| Ok(row.try_get::<i64>("", "id")?))
        .await?;
    for id in old.into_iter().skip(1) {
        for statement in [
            "DELETE FROM feed_generation_parts WHERE generation_id = $1",
            "DELETE FROM feed_generations WHERE id = $1",
        ] {
            database.sql(statement).bind(id).run(&transaction).await?;
        }
    }
    transaction.commit().await?;
    Ok(())
}

/// How one refresh ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedRun {
    /// Its state.
    pub state: FeedRunState,
    /// Why it was rejected or failed.
    pub reason: Option<String>,
    /// Entries of the generation it made.
    pub entries: Option<i64>,
    /// Entries it added.
    pub added: Option<i64>,
    /// Entries it removed.
    pub removed: Option<i64>,
    /// When it started, microseconds.
    pub started_at: i64,
    /// When it ended, microseconds.
    pub finished_at: Option<i64>,
}

/// Validators to send with the next download.
#[derive(Debug, Clone, Default)]
pub struct Validators {
    /// `ETag` of the last answer.
    pub etag: Option<String>,
    /// `Last-Modified` of the last answer.
    pub last_modified: Option<String>,
}

/// Records a refresh that ended; `run.started_at` and `finished_at` are set by the database. Validators are kept only when
/// the run accepted the answer.
pub async fn record_run(
    database: &Database,
    feed: FeedId,
    run: &FeedRun,
    accepted: Option<Validators>,
) -> Result<(), StoreError> {
    let transaction = database.begin().await?;
    database
        .sql(
            "INSERT INTO feed_runs (feed_id, state, reason, entries, added, removed, started_at, finished_at)
             VALUES ($1, $2, $3, $4, $5, $6, {now}, {now})",
        )
        .bind(feed.0)
        .bind(i16::from(run.state.code()))
        .bind(run.reason.clone())
        .bind(run.entries)
        .bind(run.added)
        .bind(run.removed)
        .run(&transaction)
        .await?;
    database.sql("UPDATE feeds SET checked_at = {now} WHERE id = $1").bind(feed.0).run(&transaction).await?;
    if let Some(validators) = accepted {
        database
            .sql("UPDATE feeds SET etag = $2, last_modified = $3 WHERE id = $1")
            .bind(feed.0)
            .bind(validators.etag)
            .bind(validators.last_modified)
            .run(&transaction)
            .await?;
    }
    transaction.commit().await?;
    Ok(())
}

/// The last runs of a feed, newest first.
pub async fn runs(database: &Database, feed: FeedId, limit: u32) -> Result<Vec<FeedRun>, StoreError> {
    database
        .sql(
            "SELECT state, reason, entries, added, removed, started_at, finished_at FROM feed_runs
             WHERE feed_id = $1 ORDER BY id DESC LIMIT $2",
        )
        .bind(feed.0)
        .bind(i64::from(limit))
        .all(database.reader(), |row| {
            Ok(FeedRun {
                state: code(row, "state", FeedRunState::from_code)?,
                reason: row.try_get("", "reason")?,
                entries: row.try_get("", "entries")?,
                added: row.try_get("", "added")?,
                removed: row.try_get("", "removed")?,
                started_at: row.try_get("", "started_at")?,
                finished_at: row.try_get("", "finished_at")?,
            })
        })
        .await
}

/// Feeds that are due and switched on, each moved `interval` on so that one tick starts one run: (feed, the instant it was due).
pub async fn take_due(database: &Database) -> Result<Vec<(FeedId, i64)>, StoreError> {
    database
        .sql(
            "SELECT f.id, f.next_refresh_at FROM feeds f JOIN sources s ON s.id = f.source_id
             JOIN providers p ON p.id = s.provider_id
             WHERE f.next_refresh_at IS NOT NULL AND f.next_refresh_at <= {now} AND s.enabled AND p.enabled ORDER BY f.id",
        )
        .all(database.reader(), |row| Ok((FeedId(row.try_get("", "id")?), row.try_get("", "next_refresh_at")?)))
        .await
}

/// Sets when a feed is due again.
pub async fn schedule(database: &Database, feed: FeedId, in_micros: i64) -> Result<(), StoreError> {
    database
        .sql("UPDATE feeds SET next_refresh_at = {now} + $2 WHERE id = $1")
        .bind(feed.0)
        .bind(in_micros)
        .run(database.writer())
        .await?;
    Ok(())
}
