//! Offering lookups: as many per source as its concurrency, its quota and its breaker have room for, interactive ones first.

use std::collections::HashMap;

use sea_orm::{ConnectionTrait, DatabaseTransaction};
use serde::Serialize;

use super::quota::Quota;
use crate::repositories::sources::REMOTE;
use crate::{Database, StoreError};

/// What was offered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Offered {
    /// Ids for the interactive queue.
    pub interactive: Vec<i64>,
    /// Ids for the bulk queue.
    pub bulk: Vec<i64>,
    /// Microseconds until a limit has room again for what is due; `None` where none was met.
    pub again_in: Option<i64>,
}

/// Key of the feeder's advisory lock on PostgreSQL: `agg` and 5; the other lanes have 1–3.
const LOCK: i64 = 0x0061_6767_0000_0005;

/// A source that has something due.
struct Due {
    id: i64,
    concurrency: i64,
    /// Free again from, and half-open when failures are left.
    held_until: i64,
    failures: i32,
}

/// Moves due lookups `queued → offered`, at most `window` in flight in all; `None` when another process feeds right now.
pub async fn offer(
    database: &Database,
    window: u32,
    offer_micros: i64,
) -> Result<Option<Offered>, StoreError> {
    let transaction = database.begin().await?;
    if database.is_postgres() {
        let ours: bool =
            database.sql("SELECT pg_try_advisory_xact_lock($1)").bind(LOCK).scalar(&transaction).await?;
        if !ours {
            return Ok(None);
        }
        transaction.execute_unprepared("SET LOCAL synchronous_commit = off").await?;
    }
    let mut offered = Offered::default();
    // Parked ones whose time has come are queued again.
    let unparked = database
        .sql("UPDATE lookups SET state = 1 WHERE state = 4 AND not_before <= {now}")
        .run(&transaction)
        .await?;
    let sources = due_sources(database, &transaction).await?;
    if sources.is_empty() {
        if unparked > 0 {
            transaction.commit().await?;
        }
        return Ok(Some(offered));
    }
    let now: i64 = database.sql("SELECT {now}").scalar(&transaction).await?;
    let in_flight = in_flight(database, &transaction).await?;
    let mut room = i64::from(window) - in_flight.values().map(|(all, _)| all).sum::<i64>();
    let mut quotas = quotas(database, &transaction).await?;
    let mut spent = Vec::new();
    for source in sources {
        let (all, bulk) = in_flight.get(&source.id).copied().unwrap_or_default();
        let quotas = quotas.remove(&source.id).unwrap_or_default();
        let (allowed, from) = allowance(&source, &quotas, now);
        if allowed == 0 {
            let wait = from - now;
            offered.again_in = Some(offered.again_in.map_or(wait, |other| other.min(wait)));
            continue;
        }
        let concurrency = if source.failures >= BREAKER_FAILURES { 1 } else { source.concurrency };
        let most = allowed.min(concurrency - all).min(room);
        // Bulk leaves one slot to those who wait.
        let most_bulk = if concurrency > 1 { concurrency - 1 - bulk } else { most };
        let ids = take(database, &transaction, source.id, (most, most_bulk)).await?;
        let taken = i64::try_from(ids.0.len() + ids.1.len()).unwrap_or(i64::MAX);
        room -= taken;
        if taken > 0 {
            spent.extend(quotas.iter().map(|quota| quota.spend(now, taken)));
        }
        if taken == allowed && !quotas.is_empty() {
            let from = quotas.iter().map(|quota| quota.spend(now, taken).allows(now).1).max().unwrap_or(now);
            let wait = (from - now).max(1_000);
            offered.again_in = Some(offered.again_in.map_or(wait, |other| other.min(wait)));
        }
        offered.interactive.extend(ids.0);
        offered.bulk.extend(ids.1);
    }
    spend(database, &transaction, &spent).await?;
    database
        .sql("UPDATE lookups SET state = 2, offered_until = {now} + $1 WHERE id {in $2}")
        .bind(offer_micros)
        .ids(offered.interactive.iter().chain(&offered.bulk).copied())
        .run(&transaction)
        .await?;
    transaction.commit().await?;
    Ok(Some(offered))
}

/// Failures in a row after which a source is not asked for a while, and then once.
pub(super) const BREAKER_FAILURES: i32 = 5;

/// Calls a source allows now, and from when on it allows one.
fn allowance(source: &Due, quotas: &[Quota], now: i64) -> (i64, i64) {
    if source.held_until > now {
        return (0, source.held_until);
    }
    let allowed = quotas.iter().map(|quota| quota.allows(now));
    allowed.fold((i64::MAX, now), |(calls, from), (of, at)| (calls.min(of), from.max(at)))
}

async fn due_sources(database: &Database, on: &DatabaseTransaction) -> Result<Vec<Due>, StoreError> {
    let sources = database
        .sql(
            "SELECT s.id, s.concurrency, s.failures, COALESCE(s.blocked_until, 0) AS blocked,
                 COALESCE(s.broken_until, 0) AS broken,
                 (SELECT l.id FROM lookups l WHERE l.source_id = s.id AND l.state = 1 LIMIT 1) AS due
             FROM sources s WHERE s.kind = $1 AND s.enabled AND NOT s.paused ORDER BY s.id",
        )
        .bind(REMOTE)
        .all(on, |row| {
            if row.try_get::<Option<i64>>("", "due")?.is_none() {
                return Ok(None);
            }
            let (blocked, broken): (i64, i64) = (row.try_get("", "blocked")?, row.try_get("", "broken")?);
            Ok(Some(Due {
                id: row.try_get("", "id")?,
                concurrency: i64::from(row.try_get::<i32>("", "concurrency")?.max(1)),
                held_until: blocked.max(broken),
                failures: row.try_get("", "failures")?,
            }))
        })
        .await?;
    Ok(sources.into_iter().flatten().collect())
}

/// Lookups offered or running per source: all, and those of the bulk lane.
async fn in_flight(
    database: &Database,
    on: &DatabaseTransaction,
) -> Result<HashMap<i64, (i64, i64)>, StoreError> {
    let counts = database
        .sql(
            "SELECT source_id, COUNT(*) AS n, COUNT(CASE WHEN interactive THEN NULL ELSE 1 END) AS bulk
             FROM lookups WHERE state IN (2, 3) GROUP BY source_id",
        )
        .all(on, |row| Ok((row.try_get("", "source_id")?, (row.try_get("", "n")?, row.try_get("", "bulk")?))))
        .await?;
    Ok(counts.into_iter().collect())
}

async fn quotas(
    database: &Database,
    on: &DatabaseTransaction,
) -> Result<HashMap<i64, Vec<Quota>>, StoreError> {
    let rows = database
        .sql("SELECT source_id, window_micros, calls, spent_until FROM quotas")
        .all(on, |row| {
            Ok(Quota {
                source: row.try_get("", "source_id")?,
                window: row.try_get("", "window_micros")?,
                calls: i64::from(row.try_get::<i32>("", "calls")?),
                spent_until: row.try_get("", "spent_until")?,
            })
        })
        .await?;
    let mut quotas: HashMap<i64, Vec<Quota>> = HashMap::new();
    for quota in rows {
        quotas.entry(quota.source).or_default().push(quota);
    }
    Ok(quotas)
}

#[derive(Serialize)]
struct Spent {
    source: i64,
    length: i64,
    until: i64,
}

async fn spend(database: &Database, on: &DatabaseTransaction, quotas: &[Quota]) -> Result<(), StoreError> {
    if quotas.is_empty() {
        return Ok(());
    }
    // A crash must not give calls back, so this commit waits for the disk.
    if database.is_postgres() {
        on.execute_unprepared("SET LOCAL synchronous_commit = on").await?;
    }
    let rows: Vec<Spent> = quotas
        .iter()
        .map(|quota| Spent { source: quota.source, length: quota.window, until: quota.spent_until })
        .collect();
    database
        .sql(
            "UPDATE quotas SET spent_until = r.until FROM {rows $1 (source bigint, length bigint, until bigint)}
             WHERE quotas.source_id = r.source AND quotas.window_micros = r.length",
        )
        .rows(&rows)?
        .run(on)
        .await?;
    Ok(())
}

/// Due ids of a source: interactive ones, then bulk ones, at most so many in all and in bulk.
async fn take(
    database: &Database,
    on: &DatabaseTransaction,
    source: i64,
    (most, most_bulk): (i64, i64),
) -> Result<(Vec<i64>, Vec<i64>), StoreError> {
    let mut lanes = [Vec::new(), Vec::new()];
    let mut left = most;
    for (lane, interactive) in lanes.iter_mut().zip([true, false]) {
        let limit = if interactive { left } else { left.min(most_bulk) };
        if limit <= 0 {
            continue;
        }
        *lane = database
            .sql(
                "SELECT id FROM lookups WHERE source_id = $1 AND state = 1 AND interactive = $2
                 ORDER BY turn, id LIMIT $3 {skip_locked}",
            )
            .bind(source)
            .bind(interactive)
            .bind(limit)
            .all(on, |row| Ok(row.try_get::<i64>("", "id")?))
            .await?;
        left -= i64::try_from(lane.len()).unwrap_or(i64::MAX);
    }
    let [interactive, bulk] = lanes;
    Ok((interactive, bulk))
}
