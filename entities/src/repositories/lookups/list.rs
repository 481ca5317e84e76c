//! Lookups listed, whoever's they are.
//!
//! A page costs a bounded time, whatever the table holds: those of one submission are walked in the order of its items by its
//! index; the few of a state that has a partial index are found by that; for all others a page looks a bounded way far. From
//! whichever end.

use aggregator_domain::state::UnitState;
use aggregator_domain::{Indicator, Kind, Outcome};
use sea_orm::QueryResult;

use super::limits::limits;
use super::read::LookupRow;
use crate::clock;
use crate::ids::{LookupId, SourceId, SubmissionId};
use crate::repositories::walk::{Part, Span, Walk};
use crate::sql::{Sql, code};
use crate::{Database, StoreError};

/// Which lookups are meant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LookupFilter {
    /// Only of this submission.
    pub submission: Option<SubmissionId>,
    /// Only of the source with this slug.
    pub source: Option<String>,
    /// Only in this state.
    pub state: Option<UnitState>,
    /// Only those that ended so.
    pub outcome: Option<Outcome>,
}

/// A place in a list of lookups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LookupPlace {
    /// In those of one submission: an item and a source.
    Item(i32, SourceId),
    /// In all others: a lookup.
    Lookup(LookupId),
}

/// A lookup with everything its row says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookupDetails {
    /// What every list of lookups shows.
    pub row: LookupRow,
    /// Whose it is.
    pub submission_id: SubmissionId,
    /// Ordinal of its item.
    pub ordinal: i32,
    /// About what.
    pub indicator: Indicator,
    /// Who is asked.
    pub source_id: SourceId,
    /// True in the interactive lane.
    pub interactive: bool,
    /// Claims.
    pub attempt: i32,
    /// Workers lost while they held it.
    pub lost: i32,
    /// The lookup whose answer settles this one.
    pub waiting_on: Option<LookupId>,
    /// The worker that has it.
    pub leased_by: Option<String>,
    /// Until when that worker has it, microseconds.
    pub lease_until: Option<i64>,
    /// When it was claimed the last time, microseconds.
    pub started_at: Option<i64>,
    /// Until when its source cannot be asked, microseconds; of a queued one.
    pub limited_until: Option<i64>,
    /// Where its time went.
    pub times: LookupTimes,
}

/// Where the time of a lookup went until it ended, or until now; microseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LookupTimes {
    /// All the rest: waiting for its turn, for its source's limits, for a worker.
    pub queued: i64,
    /// Parked, because its source wanted to be asked later or had failed.
    pub parked: i64,
    /// In calls of its source; of a running one the time since it was claimed, too.
    pub called: i64,
    /// From the answers to their commits.
    pub written: i64,
}

const SELECT: &str = "SELECT l.id, l.submission_id, l.ordinal, l.source_id, l.interactive, l.state, l.outcome, l.reason, l.attempt,
     l.tries, l.lost, l.waiting_on, l.not_before, l.leased_by, l.lease_until, l.created_at, l.started_at, l.finished_at,
     l.parked_micros, l.called_micros, l.written_micros, {now} AS now,
     s.slug, s.name, s.blocked_until, s.broken_until,
     (SELECT x.kind FROM indicators x WHERE x.id = l.indicator_id) AS kind,
     (SELECT x.value FROM indicators x WHERE x.id = l.indicator_id) AS value
     FROM lookups l JOIN sources s ON s.id = l.source_id
     WHERE NOT EXISTS (SELECT 1 FROM submissions d WHERE d.id = l.submission_id AND d.deleted_at IS NOT NULL)";

/// Lookups: those of one submission in the order of its items, else in the order they were made. A part may be short, even
/// empty, and not the last.
pub async fn list(
    database: &Database,
    filter: &LookupFilter,
    walk: &Walk<LookupPlace>,
) -> Result<Part<LookupDetails, LookupPlace>, StoreError> {
    let (mut rows, next) = if let Some(submission) = filter.submission {
        let rows = of_submission(database, filter, submission, walk).await?;
        walk.cut(rows, |row| LookupPlace::Item(row.ordinal, row.source_id))
    } else {
        let (rows, looked_to) = by_id(database, filter, walk).await?;
        let (rows, next) = walk.cut(rows, |row| LookupPlace::Lookup(row.row.id));
        (rows, next.or(looked_to.map(|id| LookupPlace::Lookup(LookupId(id)))))
    };
    add_limits(database, &mut rows).await?;
    Ok((rows, next))
}

/// One lookup.
pub async fn find(database: &Database, id: LookupId) -> Result<Option<LookupDetails>, StoreError> {
    let found = database
        .sql(&format!("{SELECT} AND l.id = $1"))
        .bind(id.0)
        .one(database.reader(), LookupDetails::read)
        .await?;
    let mut rows: Vec<LookupDetails> = found.into_iter().collect();
    add_limits(database, &mut rows).await?;
    Ok(rows.pop())
}

impl LookupFilter {
    /// Conditions on `lookups l` and `sources s`; `$1` is the slug. States and outcomes stand as the numbers they are, so that
    /// a partial index is used.
    fn conditions(&self) -> String {
        let state = self.state.map(|state| {
            let code = state.code();
            let phase = if state == UnitState::Running { UnitState::Offered.code() } else { code };
            format!(" AND l.phase = {phase} AND l.state = {code}")
        });
        let outcome = self.outcome.map(|outcome| format!(" AND l.outcome = {}", outcome.code()));
        format!("AND ($1 = '' OR s.slug = $1){}{}", state.unwrap_or_default(), outcome.unwrap_or_default())
    }

    fn bind(&self, sql: Sql) -> Sql {
        sql.bind(self.source.clone().unwrap_or_default())
    }

    /// True where a partial index holds those that are meant.
    fn is_indexed(&self) -> bool {
        use UnitState::{Dead, Offered, Parked, Running, Waiting};
        matches!(self.state, Some(Offered | Running | Parked | Waiting | Dead))
    }

    /// The id as the walk compares it. Workers have few lookups in hand: the sum keeps these from being looked for among all by
    /// their ids, so that they are found by their index and sorted.
    fn key(&self) -> &'static str {
        if matches!(self.state, Some(UnitState::Offered | UnitState::Running)) { "l.id + 0" } else { "l.id" }
    }
}

async fn of_submission(
    database: &Database,
    filter: &LookupFilter,
    submission: SubmissionId,
    walk: &Walk<LookupPlace>,
) -> Result<Vec<LookupDetails>, StoreError> {
    let (ordinal, source) = match walk.after {
        Some(LookupPlace::Item(ordinal, source)) => (ordinal, source.0),
        _ if walk.descending => (i32::MAX, i64::MAX),
        _ => (-1, 0),
    };
    let (then, order) = (walk.then(), walk.order());
    let sql = database.sql(&format!(
        "{SELECT} {} AND l.submission_id = $2 AND (l.ordinal, l.source_id) {then} ($3, $4)
         ORDER BY l.ordinal {order}, l.source_id {order} LIMIT $5",
        filter.conditions()
    ));
    filter
        .bind(sql)
        .bind(submission.0)
        .bind(ordinal)
        .bind(source)
        .bind(walk.rows())
        .all(database.reader(), LookupDetails::read)
        .await
}

/// Those behind a lookup, and the id up to which they were looked for, where more may follow.
async fn by_id(
    database: &Database,
    filter: &LookupFilter,
    walk: &Walk<LookupPlace>,
) -> Result<(Vec<LookupDetails>, Option<i64>), StoreError> {
    let after = match walk.after {
        Some(LookupPlace::Lookup(id)) => Some(id.0),
        _ => None,
    };
    let span = if filter.is_indexed() {
        Span::whole(after, walk.descending)
    } else {
        Span::bounded(database, "lookups", (after, walk.descending)).await?
    };
    let (key, order) = (filter.key(), walk.order());
    let sql = database.sql(&format!(
        "{SELECT} {} AND {key} >= $2 AND {key} <= $3 ORDER BY {key} {order} LIMIT $4",
        filter.conditions()
    ));
    let rows = filter
        .bind(sql)
        .bind(span.least)
        .bind(span.greatest)
        .bind(walk.rows())
        .all(database.reader(), LookupDetails::read)
        .await?;
    Ok((rows, span.next))
}

/// Says of the queued ones until when the limits of their sources hold them. Their breakers and pauses are there already.
async fn add_limits(database: &Database, rows: &mut [LookupDetails]) -> Result<(), StoreError> {
    if !rows.iter().any(|row| row.row.state == UnitState::Queued) {
        return Ok(());
    }
    let now = clock::now(database).await?;
    let limits = limits(database, now).await?;
    for row in rows.iter_mut().filter(|row| row.row.state == UnitState::Queued) {
        let of_limits = limits.get(&row.source_id).into_iter().flatten().filter_map(|limit| limit.free_at);
        row.limited_until = of_limits.chain(row.limited_until).max().filter(|until| *until > now);
    }
    Ok(())
}

impl LookupDetails {
    fn read(row: &QueryResult) -> Result<Self, StoreError> {
        let kind = code(row, "kind", Kind::from_code)?;
        let of = LookupRow::read(row)?;
        let started_at: Option<i64> = row.try_get("", "started_at")?;
        let times = LookupTimes::read(row, &of, started_at)?;
        let held: [Option<i64>; 2] = [row.try_get("", "blocked_until")?, row.try_get("", "broken_until")?];
        Ok(Self {
            limited_until: held.into_iter().flatten().max().filter(|_| of.state == UnitState::Queued),
            row: of,
            submission_id: SubmissionId(row.try_get("", "submission_id")?),
            ordinal: row.try_get("", "ordinal")?,
            indicator: Indicator::from_canonical(kind, row.try_get::<String>("", "value")?),
            source_id: SourceId(row.try_get("", "source_id")?),
            interactive: row.try_get("", "interactive")?,
            attempt: row.try_get("", "attempt")?,
            lost: row.try_get("", "lost")?,
            waiting_on: row.try_get::<Option<i64>>("", "waiting_on")?.map(LookupId),
            leased_by: row.try_get("", "leased_by")?,
            lease_until: row.try_get("", "lease_until")?,
            started_at,
            times,
        })
    }
}

impl LookupTimes {
    fn read(row: &QueryResult, of: &LookupRow, started_at: Option<i64>) -> Result<Self, StoreError> {
        let now: i64 = row.try_get("", "now")?;
        let parked: i64 = row.try_get("", "parked_micros")?;
        // What is parked yet has not waited all of it.
        let parked = parked - of.due_at.map_or(0, |due| (due - now).max(0));
        let running = started_at.filter(|_| of.state == UnitState::Running).map_or(0, |since| now - since);
        let called = row.try_get::<i64>("", "called_micros")? + running.max(0);
        let written: i64 = row.try_get("", "written_micros")?;
        let all = of.finished_at.unwrap_or(now) - of.created_at;
        Ok(Self { queued: (all - parked - called - written).max(0), parked, called, written })
    }
}
