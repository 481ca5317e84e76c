//! Waiting lookups whose leader is gone: one of each leads.

use std::collections::HashSet;

use super::lead::hurry;
use crate::ids::LookupId;
use crate::{Database, StoreError};

/// Leaders looked at in one sweep: a cancellation passes the lead on itself, so an orphan is the rare one that met the end of its
/// leader, and all that wait are not to be read every few seconds.
const STEP: i64 = 20_000;

/// Makes waiting lookups whose leader is no longer open lead themselves, or wait on the one that is; those without a leader, too:
/// it ended between the two statements that made them. Looks at the leaders after `after`, from the first where that is `None`;
/// returns how many lead now, and after which to look next.
pub async fn promote_orphans(
    database: &Database,
    after: Option<LookupId>,
) -> Result<(u64, Option<LookupId>), StoreError> {
    let leaders: Vec<i64> = database
        .sql(
            "SELECT DISTINCT waiting_on FROM lookups WHERE phase = 5 AND waiting_on > $1 ORDER BY waiting_on LIMIT $2",
        )
        .bind(after.map_or(0, |after| after.0))
        .bind(STEP)
        .all(database.reader(), |row| Ok(row.try_get("", "waiting_on")?))
        .await?;
    let is_all = i64::try_from(leaders.len()).is_ok_and(|leaders| leaders < STEP);
    let next = leaders.last().filter(|_| !is_all).copied().map(LookupId);
    let open: HashSet<i64> = database
        .sql("SELECT id FROM lookups WHERE id {in $1} AND phase IN (1, 2, 4)")
        .ids(leaders.iter().copied())
        .all(database.reader(), |row| Ok(row.try_get("", "id")?))
        .await?
        .into_iter()
        .collect();
    let gone = leaders.into_iter().filter(|leader| !open.contains(leader));
    let orphans: Vec<i64> = database
        .sql(
            "SELECT id FROM (
                 SELECT id, interactive, turn FROM lookups WHERE phase = 5 AND waiting_on {in $1}
                 UNION ALL
                 SELECT id, interactive, turn FROM (
                     SELECT id, interactive, turn FROM lookups WHERE phase = 5 AND waiting_on IS NULL LIMIT $2) AS leaderless
             ) AS orphans ORDER BY interactive DESC, turn, id",
        )
        .ids(gone)
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
        if waits > 0 {
            hurry(database, &transaction, &[id]).await?;
        } else {
            let leads = database
                .sql("UPDATE lookups SET state = 1, waiting_on = NULL WHERE id = $1 AND state = 5")
                .bind(id)
                .run(&transaction)
                .await;
            match leads {
                Ok(rows) => promoted += rows,
                // Another began to lead at this moment; a later sweep finds it.
                Err(StoreError::Duplicate(_)) => continue,
                Err(error) => return Err(error),
            }
        }
        transaction.commit().await?;
    }
    Ok((promoted, next))
}
