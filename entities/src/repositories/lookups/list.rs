//! Lookups listed, whoever's they are.
//!
//! A page costs a bounded time, whatever the table holds: those of one submission are walked in the order of its items by its
//! index; the few of a state that has a partial index are found by that; for all others a page looks back a bounded way.

use aggregator_domain::state::UnitState;
use aggregator_domain::{Indicator, Kind, Outcome};
use sea_orm::QueryResult;

use super::limits::limits;
use super::read::LookupRow;
use crate::clock;
use crate::ids::{LookupId, SourceId, SubmissionId};
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

/// Where a page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LookupPlace {
    /// Behind this item and source of the submission.
    Behind(i32, SourceId),
    /// Before this lookup.
    Before(LookupId),
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
}

/// How many ids one page looks back where no index knows better.
const LOOK_BACK: i64 = 200_000;

const SELECT: &str = "SELECT l.id, l.submission_id, l.ordinal, l.source_id, l.interactive, l.state, l.outcome, l.reason, l.attempt,
     l.tries, l.lost, l.waiting_on, l.not_before, l.leased_by, l.lease_until, l.created_at, l.started_at, l.finished_at,
     s.slug, s.name, s.blocked_until, s.broken_until,
     (SELECT x.kind FROM indicators x WHERE x.id = l.indicator_id) AS kind,
     (SELECT x.value FROM indicators x WHERE x.id = l.indicator_id) AS value
     FROM lookups l JOIN sources s ON s.id = l.source_id
     WHERE NOT EXISTS (SELECT 1 FROM submissions d WHERE d.id = l.submission_id AND d.deleted_at IS NOT NULL)";

/// A page of lookups, at most `limit`, and where the next one begins. Those of one submission in the order of its items, else
/// the newest first. A page may be short, even empty, and not the last.
pub async fn list(
    database: &Database,
    filter: &LookupFilter,
    from: Option<LookupPlace>,
    limit: u32,
) -> Result<(Vec<LookupDetails>, Option<LookupPlace>), StoreError> {
    let keep = usize::try_from(limit).unwrap_or(usize::MAX);
    let last =
        |rows: &[LookupDetails], place: fn(&LookupDetails) -> LookupPlace| rows.get(keep - 1).map(place);
    let (mut rows, next) = if let Some(submission) = filter.submission {
        let rows = of_submission(database, filter, (submission, from), limit).await?;
        let more = rows.len() > keep;
        let next = last(&rows, |row| LookupPlace::Behind(row.ordinal, row.source_id)).filter(|_| more);
        (rows, next)
    } else {
        let (rows, looked_to) = newest(database, filter, from, limit).await?;
        let next = if rows.len() > keep {
            last(&rows, |row| LookupPlace::Before(row.row.id))
        } else {
            (looked_to > 1).then_some(LookupPlace::Before(LookupId(looked_to)))
        };
        (rows, next)
    };
    rows.truncate(keep);
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

    /// True where a partial index holds the few that are meant.
    fn is_indexed(&self) -> bool {
        use UnitState::{Dead, Offered, Parked, Running, Waiting};
        matches!(self.state, Some(Offered | Running | Parked | Waiting | Dead))
    }
}

async fn of_submission(
    database: &Database,
    filter: &LookupFilter,
    (submission, from): (SubmissionId, Option<LookupPlace>),
    limit: u32,
) -> Result<Vec<LookupDetails>, StoreError> {
    let (ordinal, source) = match from {
        Some(LookupPlace::Behind(ordinal, source)) => (ordinal, source.0),
        _ => (-1, 0),
    };
    let sql = database.sql(&format!(
        "{SELECT} {} AND l.submission_id = $2 AND (l.ordinal, l.source_id) > ($3, $4)
         ORDER BY l.ordinal, l.source_id LIMIT $5",
        filter.conditions()
    ));
    filter
        .bind(sql)
        .bind(submission.0)
        .bind(ordinal)
        .bind(source)
        .bind(i64::from(limit) + 1)
        .all(database.reader(), LookupDetails::read)
        .await
}

/// The newest before a place, and the id down to which they were looked for.
async fn newest(
    database: &Database,
    filter: &LookupFilter,
    from: Option<LookupPlace>,
    limit: u32,
) -> Result<(Vec<LookupDetails>, i64), StoreError> {
    let before = if let Some(LookupPlace::Before(id)) = from {
        id.0
    } else {
        let last: Option<i64> = database.sql("SELECT MAX(id) FROM lookups").scalar(database.reader()).await?;
        last.unwrap_or_default() + 1
    };
    let down_to = if filter.is_indexed() { 0 } else { (before - LOOK_BACK).max(0) };
    let sql = database.sql(&format!(
        "{SELECT} {} AND l.id < $2 AND l.id >= $3 ORDER BY l.id DESC LIMIT $4",
        filter.conditions()
    ));
    let rows = filter
        .bind(sql)
        .bind(before)
        .bind(down_to)
        .bind(i64::from(limit) + 1)
        .all(database.reader(), LookupDetails::read)
        .await?;
    Ok((rows, down_to))
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
            started_at: row.try_get("", "started_at")?,
        })
    }
}
