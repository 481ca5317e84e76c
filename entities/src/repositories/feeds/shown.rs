//! Feeds as operators see and change them.

use std::collections::HashMap;

use aggregator_domain::state::{FeedRunState, UnitState};
use sea_orm::QueryResult;

use super::define::{NewFeed, redefine};
use super::{FeedRun, Generation};
use crate::ids::{FeedId, GenerationId, SourceId};
use crate::repositories::listing::{Head, Listing, Revision};
use crate::repositories::versions;
use crate::sql::code;
use crate::{Database, StoreError};

/// A feed with its source, its live generation and its last run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownFeed {
    /// Slug, name and revision of its source.
    pub head: Head,
    /// Its id.
    pub id: FeedId,
    /// Slug of its provider.
    pub provider: String,
    /// False when its provider is switched off, and it with it.
    pub provider_enabled: bool,
    /// False when it is switched off: neither downloaded nor matched.
    pub enabled: bool,
    /// Where it is, how often it is asked and what it is for, as its definition says.
    pub definition: Definition,
    /// That definition, TOML.
    pub toml: String,
    /// Seconds between refreshes, where an operator wants others than the definition says.
    pub refresh_seconds: Option<i64>,
    /// The live generation.
    pub generation: Option<Generation>,
    /// When upstream was last asked, whatever it said, microseconds.
    pub checked_at: Option<i64>,
    /// When an answer was last taken: a new list, or that there is none, microseconds.
    pub accepted_at: Option<i64>,
    /// Since when every answer was refused, or none came, microseconds.
    pub failing_since: Option<i64>,
    /// When it is due again, microseconds; `None` when it is only imported.
    pub next_refresh_at: Option<i64>,
    /// The last run that ended.
    pub last_run: Option<FeedRun>,
    /// The state of a refresh that has not ended.
    pub refreshing: Option<FeedRunState>,
    /// The database's instant, microseconds.
    pub now: i64,
}

/// What is told of a feed's definition.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Definition {
    /// Its name for people.
    pub name: String,
    /// An address, or a path of a file.
    pub location: String,
    /// What its licence allows.
    pub licence: String,
    /// `intel` or `warninglist`.
    pub role: String,
    /// Seconds between refreshes.
    pub refresh_seconds: i64,
}

impl Definition {
    /// Nothing is made of a definition that does not read: whoever reads all of it says so.
    pub(super) fn read(toml: &str) -> Self {
        let table: toml::Table = toml.parse().unwrap_or_default();
        let text =
            |field: &str| table.get(field).and_then(toml::Value::as_str).unwrap_or_default().to_owned();
        let refresh_seconds = table.get("refresh_seconds").and_then(toml::Value::as_integer).unwrap_or(0);
        Self {
            name: text("name"),
            location: text("location"),
            licence: text("licence"),
            role: text("role"),
            refresh_seconds,
        }
    }
}

impl ShownFeed {
    /// Seconds between refreshes; `None` when it is only imported.
    pub fn interval_seconds(&self) -> Option<i64> {
        self.next_refresh_at?;
        Some(self.refresh_seconds.unwrap_or(self.definition.refresh_seconds))
    }

    fn read(row: &QueryResult) -> Result<Self, StoreError> {
        let generation = match row.try_get::<Option<i64>>("", "generation_id")? {
            Some(id) => Some(Generation {
                id: GenerationId(id),
                hash: row.try_get("", "hash")?,
                entries: row.try_get("", "generation_entries")?,
                bytes: row.try_get("", "bytes")?,
                created_at: row.try_get("", "generation_at")?,
            }),
            None => None,
        };
        let last_run = match row.try_get::<Option<i64>>("", "run_started_at")? {
            Some(started_at) => Some(FeedRun {
                state: code(row, "state", FeedRunState::from_code)?,
                reason: row.try_get("", "reason")?,
                entries: row.try_get("", "run_entries")?,
                added: row.try_get("", "added")?,
                removed: row.try_get("", "removed")?,
                started_at,
                finished_at: row.try_get("", "run_finished_at")?,
            }),
            None => None,
        };
        let toml: String = row.try_get("", "definition")?;
        Ok(Self {
            head: Head::read(row)?,
            id: FeedId(row.try_get("", "feed_id")?),
            provider: row.try_get("", "provider")?,
            provider_enabled: row.try_get("", "provider_enabled")?,
            enabled: row.try_get("", "enabled")?,
            definition: Definition::read(&toml),
            toml,
            refresh_seconds: row.try_get("", "refresh_seconds")?,
            generation,
            checked_at: row.try_get("", "checked_at")?,
            accepted_at: row.try_get("", "accepted_at")?,
            failing_since: row.try_get("", "failing_since")?,
            next_refresh_at: row.try_get("", "next_refresh_at")?,
            last_run,
            refreshing: None,
            now: row.try_get("", "now")?,
        })
    }
}

const SELECT: &str = "f.id AS feed_id, p.slug AS provider, p.enabled AS provider_enabled, t.enabled, f.definition,
     f.refresh_seconds, f.checked_at, f.accepted_at, f.failing_since, f.next_refresh_at, g.id AS generation_id, g.hash,
     g.entries AS generation_entries, g.bytes, g.created_at AS generation_at, r.state, r.reason, r.entries AS run_entries, r.added, r.removed,
     r.started_at AS run_started_at, r.finished_at AS run_finished_at, {now} AS now
     FROM feeds f JOIN sources t ON t.id = f.source_id JOIN providers p ON p.id = t.provider_id
     LEFT JOIN feed_generations g ON g.id = f.generation_id
     LEFT JOIN feed_runs r ON r.id = (SELECT MAX(id) FROM feed_runs WHERE feed_id = f.id)";

/// Which feeds to show.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FeedFilter {
    /// Only of the provider with this slug.
    pub provider: Option<String>,
    /// Only those switched on, or off, themselves.
    pub enabled: Option<bool>,
}

/// Feeds, as the filter and the listing say.
pub async fn list(
    database: &Database,
    filter: &FeedFilter,
    listing: &Listing,
) -> Result<Vec<ShownFeed>, StoreError> {
    let select = format!(
        "SELECT {}, {SELECT} WHERE ($1 IS NULL OR p.slug = $1) AND ($2 IS NULL OR t.enabled = $2) {}",
        Head::COLUMNS,
        listing.tail(3)
    );
    let sql = database.sql(&select).bind(filter.provider.clone()).bind(filter.enabled);
    let mut feeds = listing.bind(sql).all(database.reader(), ShownFeed::read).await?;
    add_refreshing(database, &mut feeds).await?;
    Ok(feeds)
}

/// One feed by its source's slug. Read where writes go, so that whoever just changed it sees the change.
pub async fn find(database: &Database, slug: &str) -> Result<Option<ShownFeed>, StoreError> {
    let found = database
        .sql(&format!("SELECT {}, {SELECT} WHERE t.slug = $1", Head::COLUMNS))
        .bind(slug)
        .one(database.writer(), ShownFeed::read)
        .await?;
    let mut feeds: Vec<ShownFeed> = found.into_iter().collect();
    add_refreshing(database, &mut feeds).await?;
    Ok(feeds.pop())
}

async fn add_refreshing(database: &Database, feeds: &mut [ShownFeed]) -> Result<(), StoreError> {
    let open = database
        .sql("SELECT payload, state FROM tasks WHERE state IN (1, 2, 3) AND kind = 'refresh_feed' ORDER BY state")
        .all(database.writer(), |row| {
            let payload: String = row.try_get("", "payload")?;
            let state = match code(row, "state", UnitState::from_code)? {
                UnitState::Running => FeedRunState::Running,
                _ => FeedRunState::Queued,
            };
            Ok((payload, state))
        })
        .await?;
    let open: HashMap<i64, FeedRunState> = open
        .into_iter()
        .filter_map(|(payload, state)| {
            let payload: serde_json::Value = serde_json::from_str(&payload).ok()?;
            Some((payload["feed"].as_i64()?, state))
        })
        .collect();
    for feed in feeds {
        feed.refreshing = open.get(&feed.id.0).copied();
    }
    Ok(())
}

/// All that can be changed of a feed.
#[derive(Debug, Clone)]
pub struct FeedSettings<'a> {
    /// False switches it off.
    pub enabled: bool,
    /// Seconds between refreshes; `None`: as its definition says.
    pub refresh_seconds: Option<i64>,
    /// Another definition; `None` leaves the one it has.
    pub definition: Option<NewFeed<'a>>,
}

/// Changes a feed; false when it is no longer in that state. The next refresh moves with the interval; with another definition it
/// is due at once.
pub async fn replace(
    database: &Database,
    feed: &ShownFeed,
    said: &FeedSettings<'_>,
) -> Result<bool, StoreError> {
    let Revision { row, number } = feed.head.revision;
    let transaction = database.begin().await?;
    let changed = database
        .sql(
            "UPDATE sources SET enabled = $3, revision = revision + 1, updated_at = {now}
             WHERE id = $1 AND revision = $2 AND deleted_at IS NULL",
        )
        .bind(row)
        .bind(number)
        .bind(said.enabled)
        .run(&transaction)
        .await?;
    if changed == 0 {
        return Ok(false);
    }
    let new = said.definition.as_ref().filter(|new| new.definition != feed.toml);
    if let Some(new) = new {
        redefine(database, &transaction, (feed.id, SourceId(row), &feed.toml), new).await?;
    }
    let due = match new {
        None => {
            "CASE WHEN next_refresh_at IS NULL THEN NULL ELSE COALESCE(checked_at, {now}) + $3 * 1000000 END"
        }
        // The interval is none where it is only imported.
        Some(_) => "CASE WHEN $3 > 0 THEN {now} END",
    };
    let defined = new.map_or(Some(feed.definition.refresh_seconds), |new| new.interval_seconds);
    database
        .sql(&format!(
            "UPDATE feeds SET refresh_seconds = $2, updated_at = {{now}}, next_refresh_at = {due} WHERE id = $1"
        ))
        .bind(feed.id.0)
        .bind(said.refresh_seconds)
        .bind(said.refresh_seconds.or(defined).unwrap_or(0))
        .run(&transaction)
        .await?;
    versions::bump(database, &transaction, "feeds").await?;
    transaction.commit().await?;
    Ok(true)
}
