//! Claiming lookups, many at once, and giving them back.

use std::collections::HashMap;

use aggregator_domain::{Indicator, Kind, Outcome};
use sea_orm::{DatabaseTransaction, QueryResult};

use crate::clock::SECOND;
use crate::database::Wait;
use crate::ids::{LookupId, SourceId, SubmissionId};
use crate::repositories::sources::{Adapter, REMOTE};
use crate::sql::code;
use crate::tables::submission::SubmissionOptions;
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
    /// Which part of the program asks it, and where.
    pub adapter: Adapter,
    /// Number of this claim: the fence.
    pub attempt: i32,
    /// Calls made for it before.
    pub tries: i32,
    /// Workers lost while they held it.
    pub lost: i32,
    /// Microseconds since it was offered: since its quota was spent.
    pub age: i64,
    /// True when its source has limits: its call must not be made much later than its quota was spent.
    pub limited: bool,
    /// True when it holds no slot of its source yet: it may begin when a call of the source ends.
    pub reserve: bool,
    /// Why it is not to be called, if so.
    pub given_up: Option<GivenUp>,
    /// True when it holds no slot and spent no quota, because it was to be given up: where it is not any more, it is to be offered
    /// as others are.
    pub unpaid: bool,
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
    /// It was called when the lookup was cancelled, and that call never came back.
    Cancelled,
}

/// An answer that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cached {
    /// `found` or `not_found`.
    pub outcome: Outcome,
}

impl ClaimedLookup {
    fn read(
        row: &QueryResult,
        sources: &HashMap<SourceId, Asked>,
        patience_micros: i64,
    ) -> Result<Self, StoreError> {
        let kind = code(row, "kind", Kind::from_code)?;
        let value: String = row.try_get("", "value")?;
        let source_id = SourceId(row.try_get("", "source_id")?);
        let source = sources.get(&source_id).ok_or_else(|| {
            StoreError::Corrupt(format!("a lookup at source {}, which is gone", source_id.0))
        })?;
        let cached = match row.try_get::<Option<i16>>("", "cached")? {
            Some(_) if source.may_answer(row)? => {
                Some(Cached { outcome: code(row, "cached", Outcome::from_code)? })
            }
            _ => None,
        };
        let offered_at: Option<i64> = row.try_get("", "offered_at")?;
        Ok(Self {
            id: LookupId(row.try_get("", "id")?),
            submission_id: SubmissionId(row.try_get("", "submission_id")?),
            indicator: Indicator::from_canonical(kind, value),
            source_id,
            source: source.slug.clone(),
            adapter: source.adapter.clone(),
            attempt: row.try_get("", "attempt")?,
            tries: row.try_get("", "tries")?,
            lost: row.try_get("", "lost")?,
            age: offered_at
                .map_or(Ok(0), |offered_at| row.try_get("", "claimed_at").map(|at: i64| at - offered_at))?,
            limited: source.limited,
            reserve: row.try_get("", "reserve")?,
            given_up: if row.try_get("", "cancelled")? {
                Some(GivenUp::Cancelled)
            } else {
                source.given_up(offered_at, patience_micros)
            },
            unpaid: row.try_get("", "given_up")?,
            cached,
        })
    }
}

/// A source as a claim sees it.
struct Asked {
    slug: String,
    adapter: Adapter,
    enabled: bool,
    broken_until: Option<i64>,
    broken_since: Option<i64>,
    answers_since: i64,
    limited: bool,
}

impl Asked {
    /// Why it is not called for a lookup offered at this time, if so.
    fn given_up(&self, offered_at: Option<i64>, patience_micros: i64) -> Option<GivenUp> {
        if !self.enabled {
            return Some(GivenUp::SwitchedOff);
        }
        let (at, until, since) = (offered_at?, self.broken_until?, self.broken_since?);
        (until > at && since + patience_micros < at).then_some(GivenUp::Broken)
    }

    /// Whether the finding of a lookup answers it: one that came since it was made, or would have been taken when it was made
    /// had it been seen. Its commit may have come between the look at the findings and the lookup's own.
    fn may_answer(&self, row: &QueryResult) -> Result<bool, StoreError> {
        let (Some(checked_at), created_at) =
            (row.try_get::<Option<i64>>("", "cached_at")?, row.try_get::<i64>("", "created_at")?)
        else {
            return Ok(false);
        };
        let max_age =
            SubmissionOptions::read(row)?.max_age_seconds.map(|seconds| i64::from(seconds) * SECOND);
        Ok(checked_at >= created_at
            || checked_at >= self.answers_since && max_age.is_none_or(|most| checked_at > created_at - most))
    }

    async fn all(
        database: &Database,
        on: &DatabaseTransaction,
    ) -> Result<HashMap<SourceId, Self>, StoreError> {
        let sources = database
            .sql(&format!(
                "SELECT s.id, s.slug, {}, s.enabled AND p.enabled AS enabled, s.broken_until, s.broken_since,
                     s.answers_since, EXISTS (SELECT 1 FROM quotas q WHERE q.source_id = s.id) AS limited
                 FROM sources s JOIN providers p ON p.id = s.provider_id WHERE s.kind = $1",
                Adapter::COLUMNS
            ))
            .bind(REMOTE)
            .all(on, |row| {
                let source = Self {
                    slug: row.try_get("", "slug")?,
                    adapter: Adapter::read(row)?,
                    enabled: row.try_get("", "enabled")?,
                    broken_until: row.try_get("", "broken_until")?,
                    broken_since: row.try_get("", "broken_since")?,
                    answers_since: row.try_get("", "answers_since")?,
                    limited: row.try_get("", "limited")?,
                };
                Ok((SourceId(row.try_get("", "id")?), source))
            })
            .await?;
        Ok(sources.into_iter().collect())
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
    let sources = Asked::all(database, &transaction).await?;
    let claimed = database
        .sql(
            // Each a look by key: right after a bulk submission the planner of PostgreSQL has no statistics of these tables,
            // and a join would read them whole.
            "UPDATE lookups SET state = 3, attempt = attempt + 1, leased_by = $1, lease_until = {now} + $2,
                 started_at = {now}
             WHERE id {in $3} AND state IN (1, 2)
             RETURNING id, submission_id, source_id, attempt, tries, lost, reserve, given_up, outcome IS NOT NULL AS cancelled,
                 lease_until - $2 AS claimed_at, offered_until - $4 AS offered_at,
                 (SELECT x.kind FROM indicators x WHERE x.id = lookups.indicator_id) AS kind,
                 (SELECT x.value FROM indicators x WHERE x.id = lookups.indicator_id) AS value,
                 (SELECT f.outcome FROM findings f WHERE f.indicator_id = lookups.indicator_id
                      AND f.source_id = lookups.source_id AND f.superseded_at IS NULL
                      AND (f.checked_at >= lookups.created_at OR f.expires_at > {now}) LIMIT 1) AS cached,
                 (SELECT f.checked_at FROM findings f WHERE f.indicator_id = lookups.indicator_id
                      AND f.source_id = lookups.source_id AND f.superseded_at IS NULL LIMIT 1) AS cached_at,
                 created_at, (SELECT s.options FROM submissions s WHERE s.id = lookups.submission_id) AS options",
        )
        .bind(terms.worker)
        .bind(terms.lease_micros)
        .ids(ids.iter().copied())
        .bind(terms.offer_micros)
        .all(&transaction, |row| ClaimedLookup::read(row, &sources, terms.patience_micros))
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
