//! One lookup cancelled by hand; its submission goes on without it.
//!
//! A running one is called already: it is only marked (`outcome` says *cancelled* while it runs), and ends when its call
//! returns, whose answer goes into the cache and settles those that wait on it. Where no answer came, or it never was called,
//! one of those that wait leads.

use aggregator_domain::state::UnitState;
use sea_orm::DatabaseTransaction;

use super::settled::{RETURNING, Settled};
use super::{accounts, verdicts};
use crate::database::Wait;
use crate::ids::{LookupId, SubmissionId};
use crate::repositories::lookups::lead::pass_on;
use crate::sql::code;
use crate::{Database, StoreError};

/// What a cancelled lookup says of itself.
const REASON: &str = "cancelled by hand";

/// How often a cancellation is tried again that met another writer.
const MEETINGS: u32 = 10;

/// What became of a cancellation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cancellation {
    /// It ended, and changed this submission.
    Ended(SubmissionId),
    /// It is being called, and ends when the call returns.
    Ending,
    /// There is none that is open.
    NotOpen,
}

/// Cancels one open lookup. Its item is judged when nothing else of it is pending, its submission done when nothing else is
/// outstanding, in the same transaction. Lookups that wait on it are not cancelled.
pub async fn cancel(database: &Database, id: LookupId) -> Result<Cancellation, StoreError> {
    let mut met = 0;
    loop {
        match cancel_once(database, id).await {
            // Another lookup began to ask the same at this moment, or a commit of a worker crossed this one.
            Err(StoreError::Duplicate(_) | StoreError::Contention(_)) if met < MEETINGS => met += 1,
            cancelled => return cancelled,
        }
    }
}

async fn cancel_once(database: &Database, id: LookupId) -> Result<Cancellation, StoreError> {
    let transaction = database.begin_by_key(Wait::ForTheDisk).await?;
    let state = database
        .sql("SELECT state FROM lookups WHERE id = $1 {for_update}")
        .bind(id.0)
        .one(&transaction, |row| code(row, "state", UnitState::from_code))
        .await?;
    match state {
        Some(UnitState::Running) => {
            mark(database, &transaction, id).await?;
            transaction.commit().await?;
            Ok(Cancellation::Ending)
        }
        Some(UnitState::Queued | UnitState::Offered | UnitState::Parked | UnitState::Waiting) => {
            let settled = end(database, &transaction, &[id.0]).await?;
            let items = verdicts::reach(database, &transaction, &settled).await?;
            let accounts = accounts(&settled, &items);
            let touched = verdicts::account(database, &transaction, &accounts, &items).await?;
            transaction.commit().await?;
            Ok(touched.first().map_or(Cancellation::NotOpen, |submission| Cancellation::Ended(*submission)))
        }
        Some(UnitState::Done | UnitState::Dead | UnitState::Cancelled) | None => Ok(Cancellation::NotOpen),
    }
}

async fn mark(database: &Database, on: &DatabaseTransaction, id: LookupId) -> Result<(), StoreError> {
    database
        .sql("UPDATE lookups SET outcome = 10, reason = $2 WHERE id = $1 AND state = 3")
        .bind(id.0)
        .bind(REASON)
        .run(on)
        .await?;
    Ok(())
}

/// Ends lookups that are not called as cancelled; of those that wait on each, one leads the others.
pub(super) async fn end(
    database: &Database,
    on: &DatabaseTransaction,
    ids: &[i64],
) -> Result<Vec<Settled>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let ended = database
        .sql(&format!(
            "UPDATE lookups SET state = 8, outcome = 10, reason = $1, finished_at = {{now}}, offered_until = NULL,
                 leased_by = NULL, lease_until = NULL
             WHERE id {{in $2}} AND state IN (1, 2, 4, 5) {RETURNING}"
        ))
        .bind(REASON)
        .ids(ids.iter().copied())
        .all(on, Settled::read)
        .await?;
    let gone: Vec<i64> = ended.iter().map(|lookup| lookup.id.0).collect();
    pass_on(database, on, &gone).await?;
    Ok(ended)
}
