//! What the limits of sources allow now, as the feeder reckons it.

use std::collections::HashMap;

use super::offer::spend;
use super::quota::Quota;
use crate::clock;
use crate::ids::SourceId;
use crate::{Database, StoreError};

/// One limit of a source, at one instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Its window, microseconds.
    pub window_micros: i64,
    /// Calls in one window.
    pub calls: i64,
    /// Calls that may be made at once. Calls are spread over the window, so this is never the whole of it.
    pub allowed: i64,
    /// When the next call is allowed, microseconds; `None` where one is allowed now.
    pub free_at: Option<i64>,
}

/// For a call that is made so many microseconds after its quota was spent: whether it may be made.
///
/// The limits of its source are moved on by as much, as if the call were offered now, so that calls do not bunch. A limit that has
/// room for another call by then has forgotten the first: it is spent anew, where it has room. Where one has none, the answer is
/// false, the lookup is to be offered once more, and the limits that remember the call get it back. A source without limits is
/// always called.
pub async fn retime(database: &Database, source: SourceId, late_micros: i64) -> Result<bool, StoreError> {
    let transaction = database.begin().await?;
    let quotas = Quota::lock(database, &transaction, source).await?;
    let now = clock::now_on(database, &transaction).await?;
    let moved: Vec<Option<Quota>> = quotas.iter().map(|quota| quota.moved_on(now, late_micros)).collect();
    let may_call = moved.iter().all(Option::is_some);
    let changed: Vec<Quota> = if may_call {
        moved.into_iter().flatten().collect()
    } else {
        quotas.iter().map(|quota| quota.given_back(late_micros)).collect()
    };
    spend(database, &transaction, &changed).await?;
    transaction.commit().await?;
    Ok(may_call)
}

/// The limits of every source that has some, at the instant `now`.
pub async fn limits(database: &Database, now: i64) -> Result<HashMap<SourceId, Vec<Limit>>, StoreError> {
    let rows = database
        .sql(
            "SELECT source_id, window_micros, calls, spent_until FROM quotas
             ORDER BY source_id, window_micros",
        )
        .all(database.reader(), Quota::read)
        .await?;
    let mut limits: HashMap<SourceId, Vec<Limit>> = HashMap::new();
    for quota in rows {
        let (allowed, from) = quota.allows(now);
        limits.entry(SourceId(quota.source)).or_default().push(Limit {
            window_micros: quota.window,
            calls: quota.calls,
            allowed,
            free_at: (from > now).then_some(from),
        });
    }
    Ok(limits)
}
