//! Waiting lookups whose leader is gone: the oldest of each leads.

use crate::{Database, StoreError};

/// Waiters looked at in one sweep.
const STEP: i64 = 500;

/// Makes waiting lookups whose leader is no longer open lead themselves, or wait on the one that is. Returns how many.
pub async fn promote_orphans(database: &Database) -> Result<u64, StoreError> {
    let orphans: Vec<i64> = database
        .sql(
            "SELECT w.id FROM lookups w WHERE w.phase = 5
               AND NOT EXISTS (SELECT 1 FROM lookups l WHERE l.id = w.waiting_on AND l.phase IN (1, 2, 4))
             ORDER BY w.id LIMIT $1",
        )
        .bind(STEP)
        .all(database.reader(), |row| Ok(row.try_get("", "id")?))
        .await?;
    let mut promoted = 0;
    for id in orphans {
        let transaction = database.begin().await?;
        let waits = database
            .sql(
                "UPDATE lookups SET waiting_on = (SELECT MIN(l.id) FROM lookups l WHERE l.source_id = lookups.source_id
                     AND l.indicator_id = lookups.indicator_id AND l.phase IN (1, 2, 4))
                 WHERE id = $1 AND state = 5
                   AND EXISTS (SELECT 1 FROM lookups l WHERE l.source_id = lookups.source_id
                     AND l.indicator_id = lookups.indicator_id AND l.phase IN (1, 2, 4))",
            )
            .bind(id)
            .run(&transaction)
            .await?;
        if waits == 0 {
            let leads = database
                .sql("UPDATE lookups SET state = 1, waiting_on = NULL WHERE id = $1 AND state = 5")
                .bind(id)
                .run(&transaction)
                .await;
            match leads {
                Ok(rows) => promoted += rows,
                // Another began to lead at this moment; the next sweep finds it.
                Err(StoreError::Duplicate(_)) => continue,
                Err(error) => return Err(error),
            }
        }
        transaction.commit().await?;
    }
    Ok(promoted)
}
