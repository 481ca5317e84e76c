//! What an offer looks at: sources with something due, what is in flight, their quotas, and the due lookups of a lane.

use std::collections::HashMap;

use sea_orm::DatabaseTransaction;

use super::super::quota::Quota;
use crate::repositories::sources::REMOTE;
use crate::{Database, StoreError};

/// A source that has something due.
pub(super) struct Due {
    pub(super) id: i64,
    pub(super) concurrency: i64,
    pub(super) blocked_until: i64,
    pub(super) broken_until: i64,
    pub(super) broken_since: Option<i64>,
    pub(super) failures: i32,
    /// False when it or its provider was switched off.
    pub(super) enabled: bool,
    /// Whether anything is due that somebody waits for, and anything in bulk: a lane with nothing is not looked at again.
    pub(super) lanes: (bool, bool),
    /// When this was read.
    pub(super) now: i64,
}

impl Due {
    /// True when it was switched off, or has been broken for so long that nobody waits for it any more.
    pub(super) fn is_given_up(&self, now: i64, patience_micros: i64) -> bool {
        !self.enabled
            || self.broken_until > now && self.broken_since.is_some_and(|since| since + patience_micros < now)
    }
}

/// Lookups of a source offered or running.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct InFlight {
    /// Those that hold a slot.
    pub(super) slots: i64,
    /// Those of them in the bulk lane.
    pub(super) bulk: i64,
    /// Those in reserve.
    pub(super) reserve: i64,
}

pub(super) async fn due_sources(
    database: &Database,
    on: &DatabaseTransaction,
) -> Result<Vec<Due>, StoreError> {
    // The order is what makes PostgreSQL go by the index, whatever it believes about the table: a lane without a row
    // would be looked for in all of it. A lane that is paused has nothing due.
    let sources = database
        .sql(
            "SELECT s.id, s.concurrency, s.failures, COALESCE(s.blocked_until, 0) AS blocked,
                 COALESCE(s.broken_until, 0) AS broken, s.broken_since, s.enabled AND p.enabled AS enabled, {now} AS now,
                 (SELECT l.id FROM lookups l WHERE l.source_id = s.id AND l.phase = 1 AND l.interactive = true
                      AND NOT EXISTS (SELECT 1 FROM paused_queues q WHERE q.name = 'lookup:interactive')
                      ORDER BY l.turn, l.id LIMIT 1) AS waited_for,
                 (SELECT l.id FROM lookups l WHERE l.source_id = s.id AND l.phase = 1 AND l.interactive = false
                      AND NOT EXISTS (SELECT 1 FROM paused_queues q WHERE q.name = 'lookup')
                      ORDER BY l.turn, l.id LIMIT 1) AS bulk
             FROM sources s JOIN providers p ON p.id = s.provider_id
             WHERE s.kind = $1 AND NOT (s.enabled AND p.enabled AND s.paused) ORDER BY s.id",
        )
        .bind(REMOTE)
        .all(on, |row| {
            let is_due =
                |lane| Ok::<_, StoreError>(row.try_get::<Option<i64>>("", lane)?.is_some());
            let lanes = (is_due("waited_for")?, is_due("bulk")?);
            if lanes == (false, false) {
                return Ok(None);
            }
            Ok(Some(Due {
                id: row.try_get("", "id")?,
                concurrency: i64::from(row.try_get::<i32>("", "concurrency")?.max(1)),
                blocked_until: row.try_get("", "blocked")?,
                broken_until: row.try_get("", "broken")?,
                broken_since: row.try_get("", "broken_since")?,
                failures: row.try_get("", "failures")?,
                enabled: row.try_get("", "enabled")?,
                lanes,
                now: row.try_get("", "now")?,
            }))
        })
        .await?;
    Ok(sources.into_iter().flatten().collect())
}

/// Lookups offered or running per source.
pub(super) async fn in_flight(
    database: &Database,
    on: &DatabaseTransaction,
) -> Result<HashMap<i64, InFlight>, StoreError> {
    let counts = database
        .sql(
            "SELECT source_id, COUNT(CASE WHEN reserve THEN NULL ELSE 1 END) AS slots,
                 COUNT(CASE WHEN reserve OR interactive THEN NULL ELSE 1 END) AS bulk,
                 COUNT(CASE WHEN reserve THEN 1 END) AS reserve
             FROM lookups WHERE phase = 2 GROUP BY source_id",
        )
        .all(on, |row| {
            let of = InFlight {
                slots: row.try_get("", "slots")?,
                bulk: row.try_get("", "bulk")?,
                reserve: row.try_get("", "reserve")?,
            };
            Ok((row.try_get("", "source_id")?, of))
        })
        .await?;
    Ok(counts.into_iter().collect())
}

pub(super) async fn quotas(
    database: &Database,
    on: &DatabaseTransaction,
) -> Result<HashMap<i64, Vec<Quota>>, StoreError> {
    let rows = database
        // Locked, so that a call that is made late moves them on before or after this look, and not unseen.
        .sql(
            "SELECT source_id, window_micros, calls, spent_until FROM quotas
             ORDER BY source_id, window_micros {for_update}",
        )
        .all(on, Quota::read)
        .await?;
    let mut quotas: HashMap<i64, Vec<Quota>> = HashMap::new();
    for quota in rows {
        quotas.entry(quota.source).or_default().push(quota);
    }
    Ok(quotas)
}

/// Due ids of one lane of a source, at most so many, in the order of their turns.
pub(super) async fn due(
    database: &Database,
    on: &DatabaseTransaction,
    source: i64,
    (interactive, limit): (bool, i64),
) -> Result<Vec<i64>, StoreError> {
    if limit <= 0 {
        return Ok(Vec::new());
    }
    database
        .sql(
            "SELECT id FROM lookups WHERE source_id = $1 AND phase = 1 AND interactive = $2
             ORDER BY turn, id LIMIT $3 {skip_locked}",
        )
        .bind(source)
        .bind(interactive)
        .bind(limit)
        .all(on, |row| row.try_get("", "id").map_err(Into::into))
        .await
}
