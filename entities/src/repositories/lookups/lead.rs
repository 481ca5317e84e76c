//! Who leads when a leader is gone.

use std::collections::BTreeMap;

use sea_orm::DatabaseTransaction;

use crate::{Database, StoreError};

/// One that waits, in the order in which they come to lead: those somebody waits for first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Waiting {
    is_bulk: bool,
    turn: i64,
    id: i64,
}

/// Of those that wait on each of these lookups, which are gone, the first leads the others.
pub(crate) async fn pass_on(
    database: &Database,
    on: &DatabaseTransaction,
    gone: &[i64],
) -> Result<(), StoreError> {
    let rows = database
        .sql(
            "SELECT id, waiting_on, turn, interactive FROM lookups WHERE waiting_on {in $1} AND phase = 5
             ORDER BY id {for_update}",
        )
        .ids(gone.iter().copied())
        .all(on, |row| {
            let waiting = Waiting {
                is_bulk: !row.try_get::<bool>("", "interactive")?,
                turn: row.try_get("", "turn")?,
                id: row.try_get("", "id")?,
            };
            Ok((row.try_get::<i64>("", "waiting_on")?, waiting))
        })
        .await?;
    let mut followers: BTreeMap<i64, Vec<Waiting>> = BTreeMap::new();
    for (leader, waiting) in rows {
        followers.entry(leader).or_default().push(waiting);
    }
    let mut leading = Vec::with_capacity(followers.len());
    let mut others = Vec::new();
    for mut waiting in followers.into_values() {
        waiting.sort_unstable();
        let mut ids = waiting.into_iter().map(|one| one.id);
        let Some(first) = ids.next() else { continue };
        leading.push(first);
        let rest: Vec<i64> = ids.collect();
        if !rest.is_empty() {
            others.push((first, rest));
        }
    }
    if leading.is_empty() {
        return Ok(());
    }
    database
        .sql("UPDATE lookups SET state = 1, waiting_on = NULL WHERE id {in $1} AND state = 5")
        .ids(leading)
        .run(on)
        .await?;
    for (leader, rest) in others {
        database
            .sql("UPDATE lookups SET waiting_on = $1 WHERE id {in $2} AND state = 5")
            .bind(leader)
            .ids(rest)
            .run(on)
            .await?;
    }
    Ok(())
}

/// Those of these lookups that wait on bulk though somebody waits for them: whom they wait on is moved to the other lane.
pub(crate) async fn hurry(
    database: &Database,
    on: &DatabaseTransaction,
    waiting: &[i64],
) -> Result<(), StoreError> {
    database
        .sql(
            "UPDATE lookups SET interactive = true WHERE NOT interactive AND id IN (
                 SELECT w.waiting_on FROM lookups w WHERE w.id {in $1} AND w.interactive AND w.phase = 5)",
        )
        .ids(waiting.iter().copied())
        .run(on)
        .await?;
    Ok(())
}
