//! Sources as operators see them: what they are, what they may, and how they are.

use std::collections::{HashMap, HashSet};

use aggregator_domain::Kind;
use sea_orm::QueryResult;

use super::{Adapter, Described, REMOTE};
use crate::ids::SourceId;
use crate::repositories::listing::{Head, Listing};
use crate::{Database, StoreError};

/// How a source comes by its answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceKind {
    /// Part of the program, asked over the network.
    Native,
    /// A list downloaded on a schedule and matched locally.
    Feed,
    /// A database on the workers' machines.
    Database,
}

impl SourceKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Native, Self::Feed, Self::Database];

    /// The name used in the API and in rows.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Native => REMOTE,
            Self::Feed => "feed",
            Self::Database => "database",
        }
    }
}

/// At most so many calls in any window of this length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceLimit {
    /// Calls.
    pub calls: i32,
    /// The window, microseconds.
    pub window_micros: i64,
}

/// A source as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSource {
    /// Its slug, name and revision.
    pub head: Head,
    /// Slug of its provider.
    pub provider: String,
    /// False when its provider is switched off, and it with it.
    pub provider_enabled: bool,
    /// How it comes by its answers.
    pub kind: SourceKind,
    /// Of one that was made: who asks it, and where.
    pub made: Option<Adapter>,
    /// False when it is switched off: no new lookups.
    pub enabled: bool,
    /// True when its lookups wait.
    pub paused: bool,
    /// Calls under way at once.
    pub concurrency: i32,
    /// What its opinions weigh, 0–100.
    pub weight: i16,
    /// Its limits, the shortest window first.
    pub limits: Vec<SourceLimit>,
    /// What it is; `None` until a program brought it.
    pub described: Option<Described>,
    /// Until when the service asked us to stay away, microseconds; `None` when that is over.
    pub blocked_until: Option<i64>,
    /// Until when it is left alone after failures, microseconds; `None` when that is over.
    pub broken_until: Option<i64>,
    /// Since when no call has succeeded, microseconds, while it is left alone or tried one by one.
    pub broken_since: Option<i64>,
    /// Its score: up with each failed call, down with each other; never below nothing here.
    pub failures: i32,
    /// Lookups queued, offered, running or parked, counted to 10,000 at most: a list of sources must not read a backlog of millions.
    pub open_lookups: i64,
}

const COLUMNS: &str =
    "t.adapter, t.base_url, t.movable, p.slug AS provider, p.enabled AS provider_enabled, t.kind, t.enabled, t.paused, t.concurrency, t.weight, t.kinds,
     t.active, t.keyless, t.failures, {now} AS now, t.blocked_until, t.broken_until, t.broken_since,
     (SELECT COUNT(*) FROM (SELECT 1 FROM lookups l WHERE l.source_id = t.id AND l.phase IN (1, 2, 4) LIMIT 10000) o) AS open_lookups";

const FROM: &str = "FROM sources t JOIN providers p ON p.id = t.provider_id";

impl StoredSource {
    /// Its id.
    pub fn id(&self) -> SourceId {
        SourceId(self.head.revision.row)
    }

    fn read(row: &QueryResult) -> Result<Self, StoreError> {
        let kind: String = row.try_get("", "kind")?;
        let known = SourceKind::ALL.into_iter().find(|known| known.as_str() == kind);
        let now: i64 = row.try_get("", "now")?;
        let ahead =
            |column| Ok::<_, StoreError>(row.try_get::<Option<i64>>("", column)?.filter(|at| *at > now));
        Ok(Self {
            head: Head::read(row)?,
            provider: row.try_get("", "provider")?,
            provider_enabled: row.try_get("", "provider_enabled")?,
            made: match row.try_get("", "adapter")? {
                Some(slug) => Some(Adapter { slug, base_url: row.try_get("", "base_url")? }),
                None => None,
            },
            kind: known.ok_or_else(|| StoreError::Corrupt(format!("a source's kind {kind}")))?,
            enabled: row.try_get("", "enabled")?,
            paused: row.try_get("", "paused")?,
            concurrency: row.try_get("", "concurrency")?,
            weight: row.try_get("", "weight")?,
            limits: Vec::new(),
            described: described(row)?,
            blocked_until: ahead("blocked_until")?,
            broken_until: ahead("broken_until")?,
            broken_since: row.try_get("", "broken_since")?,
            failures: row.try_get::<i32>("", "failures")?.max(0),
            open_lookups: row.try_get("", "open_lookups")?,
        })
    }
}

fn described(row: &QueryResult) -> Result<Option<Described>, StoreError> {
    let Some(kinds) = row.try_get::<Option<String>>("", "kinds")? else { return Ok(None) };
    let kinds: Vec<Kind> = serde_json::from_str(&kinds)
        .map_err(|error| StoreError::Corrupt(format!("a source's kinds: {error}")))?;
    Ok(Some(Described {
        kinds,
        active: row.try_get("", "active")?,
        keyless: row.try_get("", "keyless")?,
        movable: row.try_get("", "movable")?,
    }))
}

/// Which sources to show.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceFilter {
    /// Only of the provider with this slug.
    pub provider: Option<String>,
    /// Only of this kind.
    pub kind: Option<SourceKind>,
    /// Only those switched on, or off, themselves.
    pub enabled: Option<bool>,
    /// Only paused ones, or only others.
    pub paused: Option<bool>,
}

/// Sources, as the filter and the listing say.
pub async fn list(
    database: &Database,
    filter: &SourceFilter,
    listing: &Listing,
) -> Result<Vec<StoredSource>, StoreError> {
    let select = format!(
        "SELECT {}, {COLUMNS} {FROM} WHERE t.deleted_at IS NULL AND ($1 IS NULL OR p.slug = $1) AND ($2 IS NULL OR t.kind = $2)
         AND ($3 IS NULL OR t.enabled = $3) AND ($4 IS NULL OR t.paused = $4) {}",
        Head::COLUMNS,
        listing.tail(5)
    );
    let sql = database
        .sql(&select)
        .bind(filter.provider.clone())
        .bind(filter.kind.map(SourceKind::as_str))
        .bind(filter.enabled)
        .bind(filter.paused);
    let mut sources = listing.bind(sql).all(database.reader(), StoredSource::read).await?;
    add_limits(database, &mut sources).await?;
    Ok(sources)
}

/// One source. Read where writes go, so that whoever just changed it sees the change.
pub async fn find(database: &Database, slug: &str) -> Result<Option<StoredSource>, StoreError> {
    let found = database
        .sql(&format!(
            "SELECT {}, {COLUMNS} {FROM} WHERE t.slug = $1 AND t.deleted_at IS NULL",
            Head::COLUMNS
        ))
        .bind(slug)
        .one(database.writer(), StoredSource::read)
        .await?;
    let mut sources: Vec<StoredSource> = found.into_iter().collect();
    add_limits(database, &mut sources).await?;
    Ok(sources.pop())
}

async fn add_limits(database: &Database, sources: &mut [StoredSource]) -> Result<(), StoreError> {
    let rows = database
        .sql(
            "SELECT source_id, window_micros, calls FROM quotas WHERE source_id {in $1}
             ORDER BY source_id, window_micros",
        )
        .ids(sources.iter().map(|source| source.head.revision.row))
        .all(database.writer(), |row| {
            let limit = SourceLimit {
                calls: row.try_get("", "calls")?,
                window_micros: row.try_get("", "window_micros")?,
            };
            Ok((row.try_get::<i64>("", "source_id")?, limit))
        })
        .await?;
    let mut limits: HashMap<i64, Vec<SourceLimit>> = HashMap::new();
    for (source, limit) in rows {
        limits.entry(source).or_default().push(limit);
    }
    for source in sources {
        source.limits = limits.remove(&source.head.revision.row).unwrap_or_default();
    }
    Ok(())
}

/// Databases of the workers' machines that are not to be asked: switched off, or their providers are.
pub async fn disabled_databases(database: &Database) -> Result<HashSet<SourceId>, StoreError> {
    let disabled = database
        .sql(&format!("SELECT t.id {FROM} WHERE t.kind = $1 AND NOT (t.enabled AND p.enabled)"))
        .bind(SourceKind::Database.as_str())
        .all(database.reader(), |row| Ok(SourceId(row.try_get("", "id")?)))
        .await?;
    Ok(disabled.into_iter().collect())
}
