//! Claiming lookups, many at once, and giving them back.

use aggregator_domain::{Indicator, Kind, Outcome};
use sea_orm::QueryResult;

use crate::database::Wait;
use crate::ids::{LookupId, SourceId, SubmissionId};
use crate::sql::code;
use crate::{Database, StoreError};

/// A lookup under lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedLookup {
    /// Its id.
    pub id: LookupId,
    /// Whose it is.
    pub submission_id: SubmissionId,
    /// About what.
    pub indicator: Indicator,
    /// Who is asked.
    pub source_id: SourceId,
    /// Slug of the source.
    pub source: String,
    /// Number of this claim: the fence.
    pub attempt: i32,
    /// Calls made for it before.
    pub tries: i32,
    /// Workers lost while they held it.
    pub lost: i32,
    /// Microseconds since it was offered: since its quota was spent.
    pub age: i64,
    /// True when it holds no slot of its source yet: it may begin when a call of the source ends.
    pub reserve: bool,
    /// Why it is not to be called, if so.
    pub given_up: Option<GivenUp>,
    /// An answer that came since it was made: nobody need ask again.
    pub cached: Option<Cached>,
}

/// Why a source is not called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GivenUp {
    /// It or its provider was switched off.
    SwitchedOff,
    /// It is broken, and has been for longer than anybody waits.
    Broken,
}

/// An answer that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cached {
    /// `found` or `not_found`.
    pub outcome: Outcome,
}

impl ClaimedLookup {
    fn read(row: &QueryResult) -> Result<Self, StoreError> {
        let kind = code(row, "kind", Kind::from_code)?;
        let value: String = row.try_get("", "value")?;
        let cached = match row.try_get::<Option<i16>>("", "cached")? {
            None => None,
            Some(_) => Some(Cached { outcome: code(row, "cached", Outcome::from_code)? }),
        };
        Ok(Self {
            id: LookupId(row.try_get("", "id")?),
            submission_id: SubmissionId(row.try_get("", "submission_id")?),
            indicator: Indicator::from_canonical(kind, value),
            source_id: SourceId(row.try_get("", "source_id")?),
            source: row.try_get("", "slug")?,
            attempt: row.try_get("", "attempt")?,
            tries: row.try_get("", "tries")?,
            lost: row.try_get("", "lost")?,
            age: row.try_get("", "age")?,
            reserve: row.try_get("", "reserve")?,
            given_up: if !row.try_get::<bool>("", "enabled")? {
                Some(GivenUp::SwitchedOff)
            } else if row.try_get::<Option<bool>>("", "broken")?.unwrap_or_default() {
                Some(GivenUp::Broken)
            } else {
                None
            },
            cached,
        })
    }
}

/// On whose terms lookups are claimed.
#[derive(Debug, Clone, Copy)]
pub struct ClaimTerms<'a> {
    /// Who claims.
    pub worker: &'a str,
    /// How long the claim lasts unrenewed, microseconds.
    pub lease_micros: i64,
    /// How long offers stand, microseconds: tells how old one is.
    pub offer_micros: i64,
    /// How long a source may be broken before it is given up, microseconds.
    pub patience_micros: i64,
}

/// Claims lookups for a worker: `queued|offered → running`, `attempt + 1`, with a lease. Those that somebody else holds are
/// left out.
pub async fn claim(
    database: &Database,
    ids: &[i64],
    terms: ClaimTerms<'_>,
) -> Result<Vec<ClaimedLookup>, StoreError> {
    let transaction = database.begin_by_key(Wait::Not).await?;
    let claimed: Vec<i64> = database
        .sql(
            "UPDATE lookups SET state = 3, attempt = attempt + 1, leased_by = $1, lease_until = {now} + $2,
                 started_at = {now}
             WHERE id {in $3} AND state IN (1, 2) RETURNING id",
        )
        .bind(terms.worker)
        .bind(terms.lease_micros)
        .ids(ids.iter().copied())
        .all(&transaction, |row| Ok(row.try_get("", "id")?))
        .await?;
    if claimed.is_empty() {
        return Ok(Vec::new());
    }
    let claimed = database
        .sql(
            // Each a look by key: right after a bulk submission the planner of PostgreSQL has no statistics of these tables,
            // and a join would read them whole.
            "SELECT l.id, l.submission_id, l.source_id, l.attempt, l.tries, l.lost, l.reserve,
                 (SELECT x.kind FROM indicators x WHERE x.id = l.indicator_id) AS kind,
                 (SELECT x.value FROM indicators x WHERE x.id = l.indicator_id) AS value,
                 (SELECT s.slug FROM sources s WHERE s.id = l.source_id) AS slug,
                 COALESCE((l.lease_until - $1) - (l.offered_until - $2), 0) AS age,
                 (SELECT s.broken_until > l.offered_until - $2 AND s.broken_since < l.offered_until - $2 - $4
                      FROM sources s WHERE s.id = l.source_id) AS broken,
                 (SELECT s.enabled AND p.enabled FROM sources s JOIN providers p ON p.id = s.provider_id
                      WHERE s.id = l.source_id) AS enabled,
                 (SELECT f.outcome FROM findings f WHERE f.indicator_id = l.indicator_id AND f.source_id = l.source_id
                      AND f.superseded_at IS NULL AND f.checked_at >= l.created_at LIMIT 1) AS cached
             FROM lookups l WHERE l.id {in $3}",
        )
        .bind(terms.lease_micros)
        .bind(terms.offer_micros)
        .ids(claimed)
        .bind(terms.patience_micros)
        .all(&transaction, ClaimedLookup::read)
        .await?;
    transaction.commit().await?;
    Ok(claimed)
}

/// Gives lookups back that were claimed and not called, without a mark: (id, attempt).
pub async fn release(database: &Database, lookups: &[(LookupId, i32)]) -> Result<(), StoreError> {
    for (id, attempt) in lookups {
        database
            .sql(
                "UPDATE lookups SET state = 1, leased_by = NULL, lease_until = NULL, offered_until = NULL
                 WHERE id = $1 AND attempt = $2 AND state = 3",
            )
            .bind(id.0)
            .bind(*attempt)
            .run(database.writer())
            .await?;
    }
    Ok(())
}

/// Gives back lookups whose claim was not answered: where it went through all the same, nobody works on them.
pub async fn disclaim(database: &Database, ids: &[i64], worker: &str) -> Result<u64, StoreError> {
    database
        .sql(
            "UPDATE lookups SET state = 1, leased_by = NULL, lease_until = NULL, offered_until = NULL
             WHERE id {in $2} AND leased_by = $1 AND state = 3",
        )
        .bind(worker)
        .ids(ids.iter().copied())
        .run(database.writer())
        .await
}
