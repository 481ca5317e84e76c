//! Feeds made, redefined and deleted.

use sea_orm::DatabaseTransaction;

use super::shown::Definition;
use crate::ids::{FeedId, SourceId};
use crate::repositories::listing::Revision;
use crate::repositories::removal::{Removal, bury};
use crate::repositories::{tasks, versions};
use crate::{Database, StoreError};

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

/// Makes a feed with its source and provider, or gives an existing one this definition; `None` where a source that is no feed
/// has its slug. What an operator changed stays: the name, unless it is the one the old definition gave, and the interval.
pub async fn put(database: &Database, new: &NewFeed<'_>) -> Result<Option<FeedId>, StoreError> {
    let transaction = database.begin().await?;
    let known = database
        .sql("SELECT f.id, f.source_id, f.definition FROM feeds f JOIN sources s ON s.id = f.source_id WHERE s.slug = $1")
        .bind(new.slug)
        .one(&transaction, |row| {
            let ids = (FeedId(row.try_get("", "id")?), SourceId(row.try_get("", "source_id")?));
            Ok((ids, row.try_get::<String>("", "definition")?))
        })
        .await?;
    let id = if let Some(((id, source), definition)) = known {
        redefine(database, &transaction, (id, source, &definition), new).await?;
        database
            .sql("UPDATE sources SET updated_at = {now}, revision = revision + 1 WHERE id = $1")
            .bind(source.0)
            .run(&transaction)
            .await?;
        database
            .sql(
                "UPDATE feeds SET next_refresh_at = CASE WHEN $2 > 0
                     THEN {now} + COALESCE(feeds.refresh_seconds, $2) * 1000000 END WHERE id = $1",
            )
            .bind(id.0)
            .bind(new.interval_seconds.unwrap_or(0))
            .run(&transaction)
            .await?;
        Some(id)
    } else {
        let due_in = new.interval_seconds.map(|seconds| seconds.saturating_mul(1_000_000));
        insert(database, &transaction, new, (true, None, due_in)).await?
    };
    if id.is_some() {
        versions::bump(database, &transaction, "feeds").await?;
        transaction.commit().await?;
    }
    Ok(id)
}

/// Makes a feed, due at once; `None` when another source has its slug.
pub async fn create(
    database: &Database,
    new: &NewFeed<'_>,
    (enabled, refresh_seconds): (bool, Option<i64>),
) -> Result<Option<FeedId>, StoreError> {
    let transaction = database.begin().await?;
    let due_in = new.interval_seconds.map(|_| 0);
    let id = insert(database, &transaction, new, (enabled, refresh_seconds, due_in)).await?;
    if id.is_some() {
        versions::bump(database, &transaction, "feeds").await?;
        transaction.commit().await?;
    }
    Ok(id)
}

/// A new feed with its source; `None` when another source has its slug.
async fn insert(
    database: &Database,
    on: &DatabaseTransaction,
    new: &NewFeed<'_>,
    (enabled, refresh_seconds, due_in): (bool, Option<i64>, Option<i64>),
) -> Result<Option<FeedId>, StoreError> {
    let provider = put_provider(database, on, new).await?;
    let source = database
        .sql(
            "INSERT INTO sources (slug, name, provider_id, kind, enabled, created_at, updated_at)
             VALUES ($1, $2, $3, 'feed', $4, {now}, {now}) ON CONFLICT (slug) DO NOTHING RETURNING id",
        )
        .bind(new.slug)
        .bind(new.name)
        .bind(provider)
        .bind(enabled)
        .one(on, |row| Ok(row.try_get::<i64>("", "id")?))
        .await?;
    let Some(source) = source else { return Ok(None) };
    let id = database
        .sql(
            "INSERT INTO feeds (source_id, definition, refresh_seconds, next_refresh_at, created_at, updated_at)
             VALUES ($1, $2, $3, CASE WHEN $4 >= 0 THEN {now} + $4 END, {now}, {now}) RETURNING id",
        )
        .bind(source)
        .bind(new.definition)
        .bind(refresh_seconds)
        .bind(due_in.unwrap_or(-1))
        .scalar(on)
        .await?;
    Ok(Some(FeedId(id)))
}

/// Gives a feed another definition, with the name and provider it says. A list that reads in another way is another list: what is
/// known of its last copy is forgotten, so that the next refresh reads it whole.
pub(super) async fn redefine(
    database: &Database,
    on: &DatabaseTransaction,
    (id, source, before): (FeedId, SourceId, &str),
    new: &NewFeed<'_>,
) -> Result<(), StoreError> {
    let provider = put_provider(database, on, new).await?;
    database
        .sql(
            "UPDATE sources SET provider_id = $2, name = CASE WHEN name = $3 THEN $4 ELSE name END WHERE id = $1",
        )
        .bind(source.0)
        .bind(provider)
        .bind(Definition::read(before).name)
        .bind(new.name)
        .run(on)
        .await?;
    database
        .sql(
            "UPDATE feeds SET etag = CASE WHEN definition = $2 THEN etag END,
                 last_modified = CASE WHEN definition = $2 THEN last_modified END, definition = $2, updated_at = {now}
             WHERE id = $1",
        )
        .bind(id.0)
        .bind(new.definition)
        .run(on)
        .await?;
    Ok(())
}

/// The provider of a feed, made where it is missing.
async fn put_provider(
    database: &Database,
    on: &DatabaseTransaction,
    new: &NewFeed<'_>,
) -> Result<i64, StoreError> {
    database
        .sql(
            "INSERT INTO providers (slug, name, enabled, created_at, updated_at) VALUES ($1, $2, true, {now}, {now})
             ON CONFLICT (slug) DO UPDATE SET updated_at = providers.updated_at RETURNING id",
        )
        .bind(new.provider)
        .bind(new.provider_name)
        .scalar(on)
        .await
}

/// Deletes a feed with its lists and runs. What it said is forgotten by a task, and stays in the histories.
pub async fn remove(database: &Database, revision: Revision) -> Result<Removal, StoreError> {
    let transaction = database.begin().await?;
    if !bury(database, &transaction, ("sources", revision)).await? {
        return Ok(Removal::Changed);
    }
    // A refresh that is storing a generation ends first: those after it find no feed.
    database
        .sql("SELECT id FROM feeds WHERE source_id = $1 {for_update}")
        .bind(revision.row)
        .all(&transaction, |_| Ok(()))
        .await?;
    for statement in [
        "UPDATE sources SET enabled = false WHERE id = $1",
        "DELETE FROM feed_runs WHERE feed_id IN (SELECT id FROM feeds WHERE source_id = $1)",
        "DELETE FROM feed_generation_parts WHERE generation_id IN
             (SELECT g.id FROM feed_generations g JOIN feeds f ON f.id = g.feed_id WHERE f.source_id = $1)",
        "DELETE FROM feed_generations WHERE feed_id IN (SELECT id FROM feeds WHERE source_id = $1)",
        "DELETE FROM feeds WHERE source_id = $1",
    ] {
        database.sql(statement).bind(revision.row).run(&transaction).await?;
    }
    tasks::forget_source(database, &transaction, SourceId(revision.row)).await?;
    versions::bump(database, &transaction, "feeds").await?;
    transaction.commit().await?;
    Ok(Removal::Removed)
}
