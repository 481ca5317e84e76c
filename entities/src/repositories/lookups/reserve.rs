//! One call of a source outside any lookup, such as a test of it: within its limits, and spent like every other.

use sea_orm::{ConnectionTrait, DatabaseTransaction};

use super::offer::{LOCK, spend};
use super::quota::Quota;
use crate::ids::SourceId;
use crate::repositories::sources::REMOTE;
use crate::{Database, StoreError};

/// What a source's limits say to one more call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reserved {
    /// It may be made, now; it is spent.
    Call,
    /// No call is left until this instant, microseconds: a limit is used up, or the service asked us to stay away.
    Limited(i64),
    /// It, or its provider, is switched off.
    SwitchedOff,
    /// There is no such source that is asked over the network.
    Unknown,
}

/// Spends one call of a source where its limits have room. Pauses and breakers are about lookups: who wants to know whether a
/// source is well again asks it in spite of them.
pub async fn reserve(database: &Database, source: SourceId) -> Result<Reserved, StoreError> {
    let transaction = database.begin().await?;
    if database.is_postgres() {
        // What is left is the feeder's to spend, too.
        transaction.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({LOCK})")).await?;
    }
    let reserved = take(database, &transaction, source).await?;
    // Ended here whatever was found: a lock that goes with a dropped transaction goes late.
    transaction.commit().await?;
    Ok(reserved)
}

async fn take(
    database: &Database,
    on: &DatabaseTransaction,
    source: SourceId,
) -> Result<Reserved, StoreError> {
    let known = database
        .sql(
            "SELECT s.enabled AND p.enabled AS enabled, COALESCE(s.blocked_until, 0) AS blocked, {now} AS now
             FROM sources s JOIN providers p ON p.id = s.provider_id WHERE s.id = $1 AND s.kind = $2",
        )
        .bind(source.0)
        .bind(REMOTE)
        .one(on, |row| {
            let enabled: bool = row.try_get("", "enabled")?;
            Ok((enabled, row.try_get::<i64>("", "blocked")?, row.try_get::<i64>("", "now")?))
        })
        .await?;
    let (blocked, now) = match known {
        None => return Ok(Reserved::Unknown),
        Some((false, ..)) => return Ok(Reserved::SwitchedOff),
        Some((true, blocked, now)) => (blocked, now),
    };
    let quotas = Quota::lock(database, on, source).await?;
    let free_at = quotas.iter().map(|quota| quota.allows(now).1).fold(blocked, i64::max);
    if free_at > now {
        return Ok(Reserved::Limited(free_at));
    }
    let spent: Vec<Quota> = quotas.iter().map(|quota| quota.spend(now, 1)).collect();
    spend(database, on, &spent).await?;
    Ok(Reserved::Call)
}
