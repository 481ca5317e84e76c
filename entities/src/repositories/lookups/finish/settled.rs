//! The lookups themselves: fenced, tried again, or ended together with those that waited on them.

use aggregator_domain::Outcome;
use sea_orm::{DatabaseTransaction, QueryResult};
use serde::Serialize;

use super::{Finish, Finished};
use crate::ids::{LookupId, SubmissionId};
use crate::{Database, StoreError};

/// A lookup that ended in this commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Settled {
    /// Its id.
    pub(super) id: LookupId,
    /// The lookup whose call it was: its own, or the one it waited on.
    pub(super) of: LookupId,
    /// Whose it is.
    pub(super) submission_id: SubmissionId,
    /// Ordinal of its item.
    pub(super) ordinal: i32,
}

impl Settled {
    fn read(row: &QueryResult) -> Result<Self, StoreError> {
        let id = LookupId(row.try_get("", "id")?);
        let waited_on = row.try_get::<Option<i64>>("", "waiting_on")?.map(LookupId);
        Ok(Self {
            id,
            of: waited_on.unwrap_or(id),
            submission_id: SubmissionId(row.try_get("", "submission_id")?),
            ordinal: row.try_get("", "ordinal")?,
        })
    }
}

#[derive(Serialize)]
struct Row<'a> {
    lookup: i64,
    fence: i32,
    to_state: i16,
    how: Option<u8>,
    why: Option<&'a str>,
    delay: i64,
    called: i64,
}

fn row(one: &Finished) -> Row<'_> {
    let (to_state, how, why, delay, called) = match &one.end {
        Finish::Answered { outcome, answer } => {
            (6, Some(outcome.code()), None, 0, i64::from(answer.is_some()))
        }
        // A refusal is an end, not a letter to replay.
        Finish::Dead { outcome: Outcome::Refused, reason } => {
            (6, Some(Outcome::Refused.code()), Some(reason.as_str()), 0, 0)
        }
        Finish::Dead { outcome, reason } => (7, Some(outcome.code()), Some(reason.as_str()), 0, 1),
        Finish::Again { delay_micros, reason, called } => {
            (4, None, Some(reason.as_str()), *delay_micros, i64::from(*called))
        }
    };
    Row { lookup: one.id.0, fence: one.attempt, to_state, how, why, delay, called }
}

/// Locks the lookups, and those that began in their slots, in the order of their ids; how many claims still stand.
pub(super) async fn lock(
    database: &Database,
    on: &DatabaseTransaction,
    finished: &[Finished],
) -> Result<usize, StoreError> {
    let claims: Vec<(i64, i32)> = database
        .sql("SELECT id, attempt FROM lookups WHERE id {in $1} AND state = 3 ORDER BY id {for_update}")
        .ids(finished.iter().flat_map(|one| [Some(one.id.0), one.heir.map(|heir| heir.0)]).flatten())
        .all(on, |row| Ok((row.try_get("", "id")?, row.try_get("", "attempt")?)))
        .await?;
    Ok(finished.iter().filter(|one| claims.contains(&(one.id.0, one.attempt))).count())
}

/// Whoever began in the slot of one that ended holds it from this commit on.
pub(super) async fn pass_slots_on(
    database: &Database,
    on: &DatabaseTransaction,
    finished: &[Finished],
) -> Result<(), StoreError> {
    let heirs: Vec<i64> = finished.iter().filter_map(|one| one.heir).map(|heir| heir.0).collect();
    if heirs.is_empty() {
        return Ok(());
    }
    database
        .sql("UPDATE lookups SET reserve = false, started_at = {now} WHERE id {in $1} AND state = 3")
        .ids(heirs)
        .run(on)
        .await?;
    Ok(())
}

/// Parks those that are tried again.
pub(super) async fn again(
    database: &Database,
    on: &DatabaseTransaction,
    finished: &[Finished],
) -> Result<(), StoreError> {
    let rows: Vec<Row<'_>> =
        finished.iter().filter(|one| matches!(one.end, Finish::Again { .. })).map(row).collect();
    if rows.is_empty() {
        return Ok(());
    }
    database
        .sql(
            "UPDATE lookups SET state = 4, not_before = {now} + r.delay, reason = r.why, tries = tries + r.called,
                 offered_until = NULL, leased_by = NULL, lease_until = NULL
             FROM {rows $1 (lookup bigint, fence bigint, delay bigint, why text, called bigint)}
             WHERE lookups.id = r.lookup AND lookups.attempt = r.fence AND lookups.state = 3",
        )
        .rows(&rows)?
        .run(on)
        .await?;
    Ok(())
}

const SET: &str =
    "UPDATE lookups SET state = r.to_state, outcome = r.how, reason = r.why, tries = tries + r.called,
         finished_at = {now}, offered_until = NULL, leased_by = NULL, lease_until = NULL
     FROM {rows $1 (lookup bigint, fence bigint, to_state bigint, how bigint, why text, called bigint)}";
const RETURNING: &str = "RETURNING id, waiting_on, submission_id, ordinal";

/// Ends the others, and those that waited on them.
pub(super) async fn settle(
    database: &Database,
    on: &DatabaseTransaction,
    finished: &[Finished],
) -> Result<Vec<Settled>, StoreError> {
    let rows: Vec<Row<'_>> =
        finished.iter().filter(|one| !matches!(one.end, Finish::Again { .. })).map(row).collect();
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let mut settled = database
        .sql(&format!(
            "{SET} WHERE lookups.id = r.lookup AND lookups.attempt = r.fence AND lookups.state = 3 {RETURNING}"
        ))
        .rows(&rows)?
        .all(on, Settled::read)
        .await?;
    let ended: Vec<Row<'_>> = rows
        .into_iter()
        .filter(|row| settled.iter().any(|lookup| lookup.id.0 == row.lookup))
        .map(|row| Row { called: 0, ..row })
        .collect();
    if !ended.is_empty() {
        let waited = database
            .sql(&format!("{SET} WHERE lookups.waiting_on = r.lookup AND lookups.state = 5 {RETURNING}"))
            .rows(&ended)?
            .all(on, Settled::read)
            .await?;
        settled.extend(waited);
    }
    Ok(settled)
}
