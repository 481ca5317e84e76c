//! The sweep: offers and leases that ran out are taken back.

use super::flying;
use super::poison::{self, SUSPECT_AFTER};
use crate::ids::LookupId;
use crate::repositories::lookups;
use crate::{Database, StoreError};

/// What a sweep found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Offers that ran out: the queue lost them or is slow.
    pub offers: u64,
    /// Leases that ran out: their worker is gone.
    pub leases: u64,
    /// Units given up: the poison.
    pub dead: u64,
    /// Where the next sweep goes on to look for lookups that wait on nobody.
    pub next: Option<LookupId>,
}

/// Takes back expired offers and leases, and looks for lookups that wait on nobody from where the last sweep left off. A timer in
/// every worker, not a queue job.
pub async fn sweep(database: &Database, after: Option<LookupId>) -> Result<Swept, StoreError> {
    let mut swept = Swept::default();
    if cfg!(feature = "chaos-without-sweep") {
        return Ok(swept);
    }
    for (table, most) in [("chunks", SUSPECT_AFTER), ("lookups", i32::MAX), ("tasks", poison::DEAD_AFTER)] {
        let blamed = poison::blamed(table);
        let flying = flying(table);
        let expired = |set: &str, condition: &str| {
            database.sql(&format!(
                "UPDATE {table} SET {set} WHERE id IN (SELECT id FROM {table} WHERE {condition} ORDER BY id {{skip_locked}})"
            ))
        };
        swept.offers += expired(
            "state = 1, offered_until = NULL",
            &format!("{flying}state = 2 AND offered_until < {{now}}"),
        )
        .run(database.writer())
        .await?;
        swept.leases += expired(
            &format!("state = 1, leased_by = NULL, lease_until = NULL, lost = {blamed}"),
            &format!("{flying}state = 3 AND lease_until < {{now}} AND {blamed} < {most}"),
        )
        .run(database.writer())
        .await?;
    }
    let (taken_back, dead) = poison::isolate(database).await?;
    let (promoted, next) = lookups::promote_orphans(database, after).await?;
    swept.leases += taken_back + promoted;
    swept.next = next;
    swept.dead = dead + poison::bury_tasks(database).await?;
    Ok(swept)
}

/// Takes back everything in flight at once, whoever holds it: for the start of the embedded mode, which alone uses its
/// database, so that a crash costs no lease.
pub async fn take_back_all(database: &Database) -> Result<Swept, StoreError> {
    for table in ["chunks", "lookups", "tasks"] {
        database
            .sql(&format!(
                "UPDATE {table} SET offered_until = 0, lease_until = 0 WHERE {}state IN (2, 3)",
                flying(table)
            ))
            .run(database.writer())
            .await?;
    }
    sweep(database, None).await
}
