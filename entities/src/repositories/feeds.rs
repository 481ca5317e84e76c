//! Feeds: definitions, generations in 1 MiB parts, the schedule.

mod define;
mod runs;
pub mod shown;

pub use define::{NewFeed, create, put, remove};
pub(crate) use runs::forget_all_validators;
pub use runs::{FeedRun, Validators, forget_validators, record_run, runs};

use std::collections::HashSet;

use crate::ids::{FeedId, GenerationId, SourceId};
use crate::repositories::versions;
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
    /// When upstream was last asked, whatever it said, microseconds.
    pub checked_at: Option<i64>,
    /// When an answer was last taken: a new list, or that there is none, microseconds.
    pub accepted_at: Option<i64>,
    /// Since when every answer was refused, or none came, microseconds.
    pub failing_since: Option<i64>,
    /// When it was made known, microseconds.
    pub created_at: i64,
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

const SELECT: &str = "SELECT f.id, f.source_id, s.slug, s.name, p.slug AS provider, s.enabled AND p.enabled AS enabled, s.weight, f.definition, f.etag,
     f.last_modified, f.checked_at, f.accepted_at, f.failing_since, f.created_at, f.next_refresh_at, f.refresh_seconds,
     g.id AS generation_id, g.hash, g.entries, g.bytes, g.created_at AS generation_at
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
        accepted_at: row.try_get("", "accepted_at")?,
        failing_since: row.try_get("", "failing_since")?,
        created_at: row.try_get("", "created_at")?,
        next_refresh_at: row.try_get("", "next_refresh_at")?,
        refresh_seconds: row.try_get("", "refresh_seconds")?,
    })
}

/// Every feed, by slug.
pub async fn list(database: &Database) -> Result<Vec<Feed>, StoreError> {
    database.sql(&format!("{SELECT} ORDER BY s.slug")).all(database.reader(), read).await
}

/// Slugs of all feeds.
pub async fn slugs(database: &Database) -> Result<HashSet<String>, StoreError> {
    let slugs = database
        .sql("SELECT s.slug FROM feeds f JOIN sources s ON s.id = f.source_id")
        .all(database.reader(), |row| Ok(row.try_get("", "slug")?))
        .await?;
    Ok(slugs.into_iter().collect())
}

/// One feed by its source's slug.
pub async fn find(database: &Database, slug: &str) -> Result<Option<Feed>, StoreError> {
    database.sql(&format!("{SELECT} WHERE s.slug = $1")).bind(slug).one(database.reader(), read).await
}

/// One feed by its id.
pub async fn get(database: &Database, id: FeedId) -> Result<Option<Feed>, StoreError> {
    database.sql(&format!("{SELECT} WHERE f.id = $1")).bind(id.0).one(database.reader(), read).await
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
