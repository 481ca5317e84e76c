//! What asking told about the sources: their breakers and pauses.
//!
//! `sources.failures` is a score: up with each failure, down with each success to at most [`CREDIT`] below nothing. From
//! [`BREAKER_FAILURES`] on the breaker is open, and one success closes it.

use std::collections::BTreeMap;

use sea_orm::DatabaseTransaction;

use super::{Finished, Health};
use crate::repositories::lookups::offer::BREAKER_FAILURES;
use crate::{Database, StoreError};

/// The first pause of an open breaker, microseconds. Each further one is as long as it has been open, so it doubles.
const BREAK: i64 = 5_000_000;

/// The longest.
const BREAK_MOST: i64 = 300_000_000;

/// Successes that are remembered in a source's favour: so many failures more until it counts as broken. As many as it takes
/// calls at once, since all those under way may be about indicators it always fails about: when they are asked last, no success
/// comes with them, and a source that is well would count as broken.
const CREDIT: &str = "CASE WHEN concurrency > 20 THEN concurrency ELSE 20 END";

/// What one commit tells about one source.
#[derive(Default)]
struct Told {
    well: i32,
    failed: i32,
    failed_again: i32,
    blocked: i64,
}

pub(super) async fn note(
    database: &Database,
    on: &DatabaseTransaction,
    finished: &[Finished],
) -> Result<(), StoreError> {
    let mut sources: BTreeMap<i64, Told> = BTreeMap::new();
    for one in finished {
        let told = sources.entry(one.source_id.0).or_default();
        match one.health {
            Health::Unasked => {}
            Health::Well => told.well += 1,
            Health::Spent(micros) => {
                told.well += 1;
                told.blocked = told.blocked.max(micros);
            }
            Health::Failed => told.failed += 1,
            Health::FailedAgain => told.failed_again += 1,
            Health::Blocked(micros) => told.blocked = told.blocked.max(micros),
        }
    }
    for (source, told) in sources {
        if told.blocked > 0 {
            database
                .sql(
                    "UPDATE sources SET blocked_until = CASE WHEN COALESCE(blocked_until, 0) > {now} + $2 THEN blocked_until
                         ELSE {now} + $2 END WHERE id = $1",
                )
                .bind(source)
                .bind(told.blocked)
                .run(on)
                .await?;
        }
        if told.well > 0 {
            let change = told.failed - told.well;
            // Most times there is nothing to mend, and no row to write.
            database
                .sql(&format!(
                    "UPDATE sources SET broken_until = NULL, broken_since = NULL,
                         failures = CASE WHEN failures >= {BREAKER_FAILURES} THEN 0
                             WHEN failures + $2 < -({CREDIT}) THEN -({CREDIT}) ELSE failures + $2 END
                     WHERE id = $1 AND (failures > -({CREDIT}) OR $2 > 0)"
                ))
                .bind(source)
                .bind(change)
                .run(on)
                .await?;
        }
        if told.well == 0 && told.failed + told.failed_again > 0 {
            // What was under way when it broke fails, too, and changes nothing: a pause is measured once.
            let failures =
                format!("failures + $2 + CASE WHEN failures >= {BREAKER_FAILURES} THEN $3 ELSE 0 END");
            database
                .sql(&format!(
                    "UPDATE sources SET failures = {failures},
                         broken_since = CASE WHEN {failures} >= {BREAKER_FAILURES} THEN COALESCE(broken_since, {{now}}) END,
                         broken_until = CASE
                             WHEN {failures} < {BREAKER_FAILURES} THEN NULL
                             WHEN broken_until > {{now}} THEN broken_until
                             WHEN {{now}} - COALESCE(broken_since, {{now}}) < {BREAK} THEN {{now}} + {BREAK}
                             WHEN {{now}} - broken_since > {BREAK_MOST} THEN {{now}} + {BREAK_MOST}
                             ELSE {{now}} + {{now}} - broken_since END
                     WHERE id = $1"
                ))
                .bind(source)
                .bind(told.failed)
                .bind(told.failed_again)
                .run(on)
                .await?;
        }
    }
    Ok(())
}
