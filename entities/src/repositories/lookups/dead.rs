//! Dead letters: lookups that were given up, listed, tried once more or put away.

use std::collections::BTreeMap;

use aggregator_domain::{Indicator, Kind, Outcome, Stance};
use sea_orm::DatabaseTransaction;
use serde::Serialize;

use super::late_counts::LateCounts;
use super::lead::hurry;
use crate::clock;
use crate::ids::{LookupId, SubmissionId};
use crate::repositories::walk::{Part, Walk};
use crate::sql::code;
use crate::{Database, StoreError};

/// Which dead letters are meant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeadFilter {
    /// Only this one.
    pub id: Option<LookupId>,
    /// Only of the source with this slug.
    pub source: Option<String>,
    /// Only those whose last call ended so.
    pub outcome: Option<Outcome>,
}

impl DeadFilter {
    /// The condition on `lookups l`; binds $1 to $3.
    const CONDITION: &'static str = "l.phase = 7 AND ($1 = 0 OR l.id = $1) AND ($2 = 0 OR l.outcome = $2)
         AND ($3 = '' OR l.source_id = (SELECT s.id FROM sources s WHERE s.slug = $3))";

    fn bind(&self, sql: crate::sql::Sql) -> crate::sql::Sql {
        sql.bind(self.id.map_or(0, |id| id.0))
            .bind(self.outcome.map_or(0_i16, |outcome| i16::from(outcome.code())))
            .bind(self.source.clone().unwrap_or_default())
    }
}

/// A lookup that was given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// The lookup.
    pub id: LookupId,
    /// Whose it was.
    pub submission_id: SubmissionId,
    /// Ordinal of its item.
    pub ordinal: i32,
    /// About what.
    pub indicator: Indicator,
    /// Slug of the source.
    pub source: String,
    /// How the last call ended.
    pub outcome: Outcome,
    /// Why.
    pub reason: String,
    /// Calls made.
    pub tries: i32,
    /// When it was given up, microseconds.
    pub finished_at: i64,
}

/// Dead letters in the order their lookups were made.
pub async fn dead(
    database: &Database,
    filter: &DeadFilter,
    walk: &Walk<LookupId>,
) -> Result<Part<DeadLetter, LookupId>, StoreError> {
    let sql = database.sql(&format!(
        "SELECT l.id, l.submission_id, l.ordinal, x.kind, x.value, s.slug, l.outcome, l.reason, l.tries, l.finished_at
         FROM lookups l JOIN indicators x ON x.id = l.indicator_id JOIN sources s ON s.id = l.source_id
         WHERE {} AND l.id {} $4
             AND EXISTS (SELECT 1 FROM submissions d WHERE d.id = l.submission_id AND d.deleted_at IS NULL)
         ORDER BY l.id {} LIMIT $5",
        DeadFilter::CONDITION,
        walk.then(),
        walk.order()
    ));
    let rows = filter
        .bind(sql)
        .bind(walk.behind(|id| id.0))
        .bind(walk.rows())
        .all(database.reader(), |row| {
            let kind = code(row, "kind", Kind::from_code)?;
            Ok(DeadLetter {
                id: LookupId(row.try_get("", "id")?),
                submission_id: SubmissionId(row.try_get("", "submission_id")?),
                ordinal: row.try_get("", "ordinal")?,
                indicator: Indicator::from_canonical(kind, row.try_get::<String>("", "value")?),
                source: row.try_get("", "slug")?,
                outcome: code(row, "outcome", Outcome::from_code)?,
                reason: row.try_get::<Option<String>>("", "reason")?.unwrap_or_default(),
                tries: row.try_get("", "tries")?,
                finished_at: row.try_get::<Option<i64>>("", "finished_at")?.unwrap_or_default(),
            })
        })
        .await?;
    Ok(walk.cut(rows, |row| row.id))
}

/// Dead letters moved in one transaction.
const STEP: i64 = 500;

/// How often a replay is tried again that met another writer.
const MEETINGS: u32 = 10;

/// Puts dead letters away: they end with the outcome they have. Those that die meanwhile stay. Returns how many.
pub async fn discard(database: &Database, filter: &DeadFilter) -> Result<u64, StoreError> {
    let until = clock::now(database).await?;
    let mut discarded = 0;
    loop {
        let sql = database.sql(&format!(
            "UPDATE lookups SET state = 6 WHERE state = 7 AND id IN (
                 SELECT l.id FROM lookups l WHERE {} AND l.finished_at <= $4 ORDER BY l.id LIMIT $5)",
            DeadFilter::CONDITION
        ));
        match filter.bind(sql).bind(until).bind(STEP).run(database.writer()).await? {
            0 => return Ok(discarded),
            step => discarded += step,
        }
    }
}

/// Tries dead letters once more: their items look up again, and their submissions run again. Those of cancelled and deleted
/// submissions stay, and so do those that die meanwhile, such as what is tried here in vain. Returns how many, and the submissions
/// touched.
pub async fn replay(
    database: &Database,
    filter: &DeadFilter,
) -> Result<(u64, Vec<SubmissionId>), StoreError> {
    let until = clock::now(database).await?;
    let (mut replayed, mut touched, mut met) = (0, Vec::new(), 0);
    loop {
        match replay_step(database, (filter, until)).await {
            Ok((0, _)) => return Ok((replayed, touched)),
            Ok((letters, submissions)) => {
                replayed += letters;
                touched.extend(submissions);
                met = 0;
            }
            // Another lookup began to ask the same at this moment; the next try finds it, and waits on it.
            Err(StoreError::Duplicate(_) | StoreError::Contention(_)) if met < MEETINGS => met += 1,
            Err(error) => return Err(error),
        }
    }
}

/// Replays one step of them in a transaction.
async fn replay_step(
    database: &Database,
    which: (&DeadFilter, i64),
) -> Result<(u64, Vec<SubmissionId>), StoreError> {
    let transaction = database.begin().await?;
    let lookups = revive(database, &transaction, which).await?;
    if lookups.is_empty() {
        return Ok((0, Vec::new()));
    }
    let touched = reopen(database, &transaction, &lookups).await?;
    transaction.commit().await?;
    let letters = lookups.iter().map(|item| u64::try_from(item.n).unwrap_or_default()).sum();
    Ok((letters, touched))
}

#[derive(Serialize)]
struct Revived {
    submission: i64,
    at: i32,
    n: i64,
}

/// Queues a step of them again. Where another lookup asks the same already, they wait on it.
async fn revive(
    database: &Database,
    on: &DatabaseTransaction,
    (filter, until): (&DeadFilter, i64),
) -> Result<Vec<Revived>, StoreError> {
    let sql = database.sql(&format!(
        "SELECT l.id FROM lookups l JOIN submissions s ON s.id = l.submission_id
         WHERE {} AND l.finished_at <= $4 AND s.state IN (2, 3) AND s.deleted_at IS NULL ORDER BY l.id LIMIT $5",
        DeadFilter::CONDITION
    ));
    let ids: Vec<i64> =
        filter.bind(sql).bind(until).bind(STEP).all(on, |row| Ok(row.try_get("", "id")?)).await?;
    let mut revived: BTreeMap<(i64, i32), i64> = BTreeMap::new();
    for id in &ids {
        let place = database
            .sql(
                "UPDATE lookups SET outcome = NULL, reason = NULL, tries = 0, lost = 0, not_before = 0, finished_at = NULL,
                     parked_micros = 0, called_micros = 0, written_micros = 0,
                     created_at = {now},
                     waiting_on = (SELECT MIN(o.id) FROM lookups o WHERE o.source_id = lookups.source_id
                         AND o.indicator_id = lookups.indicator_id AND o.phase IN (1, 2, 4)),
                     state = CASE WHEN EXISTS (SELECT 1 FROM lookups o WHERE o.source_id = lookups.source_id
                         AND o.indicator_id = lookups.indicator_id AND o.phase IN (1, 2, 4)) THEN 5 ELSE 1 END
                 WHERE id = $1 AND state = 7 RETURNING submission_id, ordinal",
            )
            .bind(*id)
            .one(on, |row| Ok((row.try_get("", "submission_id")?, row.try_get("", "ordinal")?)))
            .await?;
        if let Some(place) = place {
            *revived.entry(place).or_default() += 1;
        }
    }
    hurry(database, on, &ids).await?;
    Ok(revived.into_iter().map(|((submission, at), n)| Revived { submission, at, n }).collect())
}

/// Takes the verdicts of their items back, and opens their submissions again.
async fn reopen(
    database: &Database,
    on: &DatabaseTransaction,
    lookups: &[Revived],
) -> Result<Vec<SubmissionId>, StoreError> {
    let mut accounts: BTreeMap<i64, (i64, Vec<(Kind, Stance)>)> = BTreeMap::new();
    for lookup in lookups {
        accounts.entry(lookup.submission).or_default().0 += lookup.n;
        let judged = database
            .sql(
                "SELECT kind, stance FROM items WHERE submission_id = $1 AND ordinal = $2 AND state = 4 {for_update}",
            )
            .bind(lookup.submission)
            .bind(lookup.at)
            .one(on, |row| Ok((code(row, "kind", Kind::from_code)?, code(row, "stance", Stance::from_code)?)))
            .await?;
        accounts.entry(lookup.submission).or_default().1.extend(judged);
    }
    database
        .sql(
            "UPDATE items SET state = 3, pending = pending + r.n, stance = 0, confidence = 0
             FROM {rows $1 (submission bigint, at bigint, n bigint)}
             WHERE items.submission_id = r.submission AND items.ordinal = r.at",
        )
        .rows(&lookups)?
        .run(on)
        .await?;
    for (submission, (lookups, judged)) in &accounts {
        let mut counts = LateCounts::lock(database, on, SubmissionId(*submission)).await?;
        let mut by_stance = [0_i64; 4];
        for (kind, stance) in judged {
            by_stance[usize::from(stance.code())] += 1;
            counts.take(*kind, *stance);
        }
        let [unknown, benign, suspicious, malicious] = by_stance;
        let opened = database
            .sql(
                "UPDATE submissions SET state = 2, finished_at = NULL, touched_at = {now}, seq = seq + 1,
                     outstanding = outstanding + $2, done = done - $3, malicious = malicious - $4,
                     suspicious = suspicious - $5, benign = benign - $6, late_counts = $7
                 WHERE id = $1 AND state IN (2, 3) AND deleted_at IS NULL",
            )
            .bind(*submission)
            .bind(*lookups)
            .bind(unknown + benign + suspicious + malicious)
            .bind(malicious)
            .bind(suspicious)
            .bind(benign)
            .bind(counts.stored()?)
            .run(on)
            .await?;
        if opened == 0 {
            // Cancelled or deleted since its letters were chosen: nothing of this step stands, and the next leaves it out.
            return Err(StoreError::Contention(format!("submission {submission} was cancelled meanwhile")));
        }
    }
    Ok(accounts.into_keys().map(SubmissionId).collect())
}
