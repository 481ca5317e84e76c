//! The lookups themselves: fenced, tried again, or ended together with those that waited on them.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use aggregator_domain::Outcome;
use sea_orm::{DatabaseTransaction, QueryResult};

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
    /// True when it was cancelled: nothing follows from it.
    pub(super) is_cancelled: bool,
}

impl Settled {
    pub(super) fn read(row: &QueryResult) -> Result<Self, StoreError> {
        let id = LookupId(row.try_get("", "id")?);
        let waited_on = row.try_get::<Option<i64>>("", "waiting_on")?.map(LookupId);
        Ok(Self {
            id,
            of: waited_on.unwrap_or(id),
            submission_id: SubmissionId(row.try_get("", "submission_id")?),
            ordinal: row.try_get("", "ordinal")?,
            is_cancelled: row.try_get::<i16>("", "state")? == 8,
        })
    }
}

/// What an end writes. Most ends of a commit write the same, so that each is written in one statement that finds its rows by
/// their ids alone: a join with a table of values lets the planner of PostgreSQL begin at the wrong end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct End<'a> {
    state: i16,
    outcome: Option<u8>,
    reason: Option<&'a str>,
    /// Microseconds until it is tried again.
    delay: i64,
    calls: i32,
}

fn end(one: &Finished) -> End<'_> {
    let end = |state, outcome: Outcome, reason| End {
        state,
        outcome: Some(outcome.code()),
        reason,
        delay: 0,
        calls: 0,
    };
    match &one.end {
        Finish::Answered { outcome, answer } => {
            End { calls: i32::from(answer.is_some()), ..end(6, *outcome, None) }
        }
        // A refusal is an end, not a letter to replay.
        Finish::Dead { outcome: Outcome::Refused, reason, .. } => end(6, Outcome::Refused, Some(reason)),
        Finish::Dead { outcome, reason, called } => {
            End { calls: i32::from(*called), ..end(7, *outcome, Some(reason)) }
        }
        Finish::Again { delay_micros, reason, called } => End {
            state: 4,
            outcome: None,
            reason: Some(reason),
            delay: *delay_micros,
            calls: i32::from(*called),
        },
    }
}

/// The ids of those that end alike.
fn alike<'a>(finished: &[&'a Finished], is_again: bool) -> BTreeMap<End<'a>, Vec<i64>> {
    let mut ends: BTreeMap<End<'_>, Vec<i64>> = BTreeMap::new();
    for one in finished.iter().filter(|one| matches!(one.end, Finish::Again { .. }) == is_again) {
        ends.entry(end(one)).or_default().push(one.id.0);
    }
    ends
}

/// Locks the lookups, and those that began in their slots, in the order of their ids; those whose claims still stand.
pub(super) async fn lock<'a>(
    database: &Database,
    on: &DatabaseTransaction,
    finished: &'a [Finished],
) -> Result<Vec<&'a Finished>, StoreError> {
    let claims: HashSet<(i64, i32)> = database
        .sql("SELECT id, attempt FROM lookups WHERE id {in $1} AND state = 3 ORDER BY id {for_update}")
        .ids(finished.iter().flat_map(|one| [Some(one.id.0), one.heir.map(|heir| heir.0)]).flatten())
        .all(on, |row| Ok((row.try_get("", "id")?, row.try_get("", "attempt")?)))
        .await?
        .into_iter()
        .collect();
    Ok(finished.iter().filter(|one| claims.contains(&(one.id.0, one.attempt))).collect())
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

/// What the calls of these took, and their writing so far: microseconds by id, as JSON. One text for all of a commit, so that those that
/// end alike are still written in one statement.
struct Times {
    called: String,
    written: String,
}

impl Times {
    fn of(finished: &[&Finished]) -> Result<Self, StoreError> {
        let calls = || finished.iter().filter_map(|one| Some((one.id.0, one.call?)));
        let called: BTreeMap<i64, i64> = calls().map(|(id, call)| (id, micros(call.took))).collect();
        let written: BTreeMap<i64, i64> =
            calls().map(|(id, call)| (id, micros(call.ended.elapsed()))).collect();
        let json = |times: &BTreeMap<i64, i64>| {
            serde_json::to_string(times).map_err(|error| StoreError::Corrupt(format!("times: {error}")))
        };
        Ok(Self { called: json(&called)?, written: json(&written)? })
    }

    /// Adds them to a row; they are the values `$called` and `$written` of the statement.
    fn set(database: &Database, called: &str, written: &str) -> String {
        let of = |times: &str| {
            if database.is_postgres() {
                format!("COALESCE(CAST(CAST({times} AS JSONB) ->> CAST(id AS TEXT) AS BIGINT), 0)")
            } else {
                format!("COALESCE(json_extract({times}, '$.\"' || id || '\"'), 0)")
            }
        };
        format!(
            "called_micros = called_micros + {}, written_micros = written_micros + {}",
            of(called),
            of(written)
        )
    }
}

fn micros(time: Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
}

/// Parks those that are tried again; the ids of those among them that were cancelled while they ran.
pub(super) async fn again(
    database: &Database,
    on: &DatabaseTransaction,
    standing: &[&Finished],
) -> Result<Vec<i64>, StoreError> {
    let mut unwanted = Vec::new();
    let times = Times::of(standing)?;
    let set = Times::set(database, "$5", "$6");
    for (end, ids) in alike(standing, true) {
        let parked = database
            .sql(&format!(
                "UPDATE lookups SET state = 4, not_before = {{now}} + $2, parked_micros = parked_micros + $2,
                     reason = CASE WHEN outcome IS NULL THEN $3 ELSE reason END, tries = tries + $4, {set},
                     offered_until = NULL, leased_by = NULL, lease_until = NULL
                 WHERE id {{in $1}} RETURNING id, outcome IS NOT NULL AS cancelled"
            ))
            .ids(ids)
            .bind(end.delay)
            .bind(end.reason)
            .bind(end.calls)
            .bind(times.called.as_str())
            .bind(times.written.as_str())
            .all(on, |row| Ok(row.try_get::<bool>("", "cancelled")?.then_some(row.try_get::<i64>("", "id")?)))
            .await?;
        unwanted.extend(parked.into_iter().flatten());
    }
    Ok(unwanted)
}

/// One that was cancelled while it ran has its outcome, and its reason, already.
const SET: &str =
    "UPDATE lookups SET state = CASE WHEN outcome IS NULL THEN $2 ELSE 8 END, outcome = COALESCE(outcome, $3),
         reason = CASE WHEN outcome IS NULL THEN $4 ELSE reason END, tries = tries + $5, finished_at = {now},
         offered_until = NULL, leased_by = NULL, lease_until = NULL";
pub(super) const RETURNING: &str = "RETURNING id, waiting_on, submission_id, ordinal, state";

/// Ends the others, and those that waited on them.
pub(super) async fn settle(
    database: &Database,
    on: &DatabaseTransaction,
    standing: &[&Finished],
) -> Result<Vec<Settled>, StoreError> {
    let mut settled = Vec::new();
    let times = Times::of(standing)?;
    let set = Times::set(database, "$6", "$7");
    for (end, ids) in alike(standing, false) {
        let own = ("id {in $1}", end.calls);
        for (which, calls) in [own, ("waiting_on {in $1} AND phase = 5", 0)] {
            let ended = database
                .sql(&format!("{SET}, {set} WHERE {which} {RETURNING}"))
                .ids(ids.iter().copied())
                .bind(end.state)
                .bind(end.outcome.map(i16::from))
                .bind(end.reason)
                .bind(calls)
                .bind(times.called.as_str())
                .bind(times.written.as_str())
                .all(on, Settled::read)
                .await?;
            settled.extend(ended);
        }
    }
    Ok(settled)
}
