//! Remote sources: what waits for each, and what holds it back.

use super::{Depth, counts};
use crate::ids::SourceId;
use crate::repositories::lookups::{self, Limit};
use crate::repositories::sources::REMOTE;
use crate::{Database, StoreError};

/// The figures of one remote source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFigures {
    /// Its slug.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// Its lookups.
    pub depth: Depth,
    /// Calls under way at once.
    pub concurrency: i32,
    /// Its failures that no answer has made up for.
    pub failures: i32,
    /// What keeps it from being asked now.
    pub hold: Option<SourceHold>,
    /// Its limits.
    pub limits: Vec<Limit>,
}

/// What keeps a source from being asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceHold {
    /// It, or its provider, is switched off.
    Disabled,
    /// An operator paused it.
    Paused,
    /// Its breaker is open until then, microseconds.
    Broken(i64),
    /// It asked to be left alone until then, microseconds.
    Blocked(i64),
    /// Its limits allow no call until then, microseconds.
    Limited(i64),
}

impl SourceHold {
    /// Until when, where that is known, microseconds.
    pub const fn until(self) -> Option<i64> {
        match self {
            Self::Disabled | Self::Paused => None,
            Self::Broken(until) | Self::Blocked(until) | Self::Limited(until) => Some(until),
        }
    }
}

pub(super) async fn read(
    database: &Database,
    rows: &[counts::Row],
    now: i64,
) -> Result<Vec<SourceFigures>, StoreError> {
    let mut limits = lookups::limits(database, now).await?;
    let sources = database
        .sql(
            "SELECT s.id, s.slug, s.name, s.enabled AND p.enabled AS enabled, s.paused, s.concurrency, s.failures,
                 s.broken_until, s.blocked_until
             FROM sources s JOIN providers p ON p.id = s.provider_id WHERE s.kind = $1 AND s.deleted_at IS NULL ORDER BY s.slug",
        )
        .bind(REMOTE)
        .all(database.reader(), |row| {
            let id = SourceId(row.try_get("", "id")?);
            let hold = if !row.try_get::<bool>("", "enabled")? {
                Some(SourceHold::Disabled)
            } else if row.try_get("", "paused")? {
                Some(SourceHold::Paused)
            } else {
                let (broken, blocked): (Option<i64>, Option<i64>) =
                    (row.try_get("", "broken_until")?, row.try_get("", "blocked_until")?);
                let broken = broken.filter(|until| *until > now).map(SourceHold::Broken);
                broken.or_else(|| blocked.filter(|until| *until > now).map(SourceHold::Blocked))
            };
            let figures = SourceFigures {
                slug: row.try_get("", "slug")?,
                name: row.try_get("", "name")?,
                depth: Depth::default(),
                concurrency: row.try_get("", "concurrency")?,
                failures: row.try_get("", "failures")?,
                hold,
                limits: Vec::new(),
            };
            Ok((id, figures))
        })
        .await?;
    Ok(sources
        .into_iter()
        .map(|(id, mut figures)| {
            rows.iter().filter(|row| row.source == Some(id.0)).for_each(|row| figures.depth.add(row));
            figures.limits = limits.remove(&id).unwrap_or_default();
            let free_at = figures.limits.iter().filter_map(|limit| limit.free_at).max();
            figures.hold = figures.hold.or(free_at.map(SourceHold::Limited));
            figures
        })
        .collect())
}
