//! What asking told about the sources: their breakers and pauses.

use std::collections::BTreeMap;

use sea_orm::DatabaseTransaction;

use super::{Finished, Health};
use crate::repositories::lookups::offer::BREAKER_FAILURES;
use crate::{Database, StoreError};

/// The first pause of an open breaker, microseconds; doubled by each further failure.
const BREAK: i64 = 5_000_000;

/// The longest.
const BREAK_MOST: i64 = 300_000_000;

/// What one commit tells about one source.
#[derive(Default)]
struct Told {
    well: bool,
    failed: i64,
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
            Health::Well => told.well = true,
            Health::Failed => told.failed += 1,
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
        if told.well {
            // Most times there is nothing to mend, and no row to write.
            database
                .sql("UPDATE sources SET failures = 0, broken_until = NULL WHERE id = $1 AND failures > 0")
                .bind(source)
                .run(on)
                .await?;
        } else if told.failed > 0 {
            let failures: i32 = database
                .sql("UPDATE sources SET failures = failures + $2 WHERE id = $1 RETURNING failures")
                .bind(source)
                .bind(told.failed)
                .scalar(on)
                .await?;
            if failures >= BREAKER_FAILURES {
                let doublings =
                    u32::try_from((failures - BREAKER_FAILURES) / BREAKER_FAILURES).unwrap_or(0).min(10);
                database
                    .sql("UPDATE sources SET broken_until = {now} + $2 WHERE id = $1")
                    .bind(source)
                    .bind((BREAK << doublings).min(BREAK_MOST))
                    .run(on)
                    .await?;
            }
        }
    }
    Ok(())
}
