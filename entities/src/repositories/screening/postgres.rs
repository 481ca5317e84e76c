//! The PostgreSQL form: UNNEST over binary arrays, one round trip a table.

mod derived;
mod findings;
mod inserted;
mod lookups;

use std::collections::HashSet;

use aggregator_domain::IndicatorId;
use sqlx::{Postgres, Row, Transaction};
use uuid::Uuid;

use super::{
    Brought, Committed, Dropped, Ended, FENCE, Leads, LocalFinding, ScreenedChunk, keep_passed,
    sorted_indicators, sorted_lookups, tallies,
};
use crate::ids::SubmissionId;
use crate::repositories::indicators::HOLD_LOCK;
use crate::{Database, StoreError};

/// The database's instant in microseconds; as a subquery, which a statement computes once and not for each row.
const NOW: &str = "(SELECT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::bigint)";

pub(super) async fn finish(
    database: &Database,
    mut chunks: Vec<ScreenedChunk>,
    mut findings: Vec<LocalFinding>,
) -> Result<Committed, StoreError> {
    let mut transaction = database.writer().get_postgres_connection_pool().begin().await?;
    let (passed, now) = pass_fence(&mut transaction, &chunks).await?;
    let mut refused = keep_passed(&mut chunks, &mut findings, &passed);
    let new = inserted::indicators(&mut transaction, now, &sorted_indicators(&chunks)).await?;
    let (about_new, about_known): (Vec<_>, Vec<_>) =
        findings.into_iter().partition(|finding| new.contains(&finding.indicator_id));
    findings::write(&mut transaction, &about_known).await?;
    inserted::findings(&mut transaction, now, &about_new).await?;
    let dropped = drop_visited(&mut transaction, &mut chunks).await?;
    inserted::items(&mut transaction, &chunks).await?;
    lookups::insert(&mut transaction, now, &sorted_lookups(&chunks)).await?;
    let tallies = tallies(&chunks, &dropped);
    let mut leads = Leads::of(&chunks);
    let mut submissions = Vec::new();
    let (mut items, mut derived) = (0, false);
    for (submission, (ended, mut tally)) in tallies {
        let leads = leads.remove(&submission).unwrap_or_default();
        tally.derived = derived::insert(&mut transaction, submission, leads).await?;
        derived |= tally.derived.chunks > 0;
        if !count(&mut transaction, submission, ended, tally).await? {
            // Cancelled in the meantime: nothing of this commit may show. The next attempt finds it cancelled.
            transaction.rollback().await?;
            refused.extend(chunks.iter().map(|chunk| chunk.id));
            return Ok(Committed { refused, ..Committed::default() });
        }
        items += u64::try_from(tally.items).unwrap_or_default();
        submissions.push(submission);
    }
    transaction.commit().await?;
    Ok(Committed { items, refused, submissions, derived })
}

pub(super) async fn record(database: &Database, mut findings: Vec<LocalFinding>) -> Result<(), StoreError> {
    let mut transaction = database.writer().get_postgres_connection_pool().begin().await?;
    sqlx::query("SELECT pg_advisory_xact_lock_shared($1)").bind(HOLD_LOCK).execute(&mut *transaction).await?;
    let known: HashSet<Uuid> = sqlx::query_scalar("SELECT id FROM indicators WHERE id = ANY($1)")
        .bind(findings::Columns::of(&findings).indicators)
        .fetch_all(&mut *transaction)
        .await?
        .into_iter()
        .collect();
    findings.retain(|finding| known.contains(&Uuid::from_bytes(finding.indicator_id.0)));
    findings::write(&mut transaction, &findings).await?;
    Ok(transaction.commit().await?)
}

/// Finishes the chunks whose claim still stands; their ids, and the instant of the commit.
async fn pass_fence(
    transaction: &mut Transaction<'_, Postgres>,
    chunks: &[ScreenedChunk],
) -> Result<(HashSet<i64>, i64), StoreError> {
    let ids: Vec<i64> = chunks.iter().map(|chunk| chunk.id.0).collect();
    let attempts: Vec<i32> = chunks.iter().map(|chunk| chunk.attempt).collect();
    let versions: Vec<i64> = chunks.iter().map(|chunk| chunk.policy_version).collect();
    sqlx::query(
        "SELECT id, pg_advisory_xact_lock_shared($2) FROM chunks WHERE id = ANY($1) ORDER BY id FOR UPDATE",
    )
    .bind(&ids)
    .bind(HOLD_LOCK)
    .execute(&mut **transaction)
    .await?;
    let statement = sqlx::AssertSqlSafe(format!(
        "UPDATE chunks c SET state = 6, finished_at = {NOW}, payload = NULL, leased_by = NULL, lease_until = NULL,
             policy_version = f.version
         FROM UNNEST($1::bigint[], $2::int[], $3::bigint[]) AS f (id, attempt, version)
         WHERE c.id = f.id AND {FENCE} RETURNING c.id, {NOW}"
    ));
    let rows =
        sqlx::query(statement).bind(&ids).bind(attempts).bind(versions).fetch_all(&mut **transaction).await?;
    let now = rows.first().map_or(Ok(0), |row| row.try_get(1))?;
    let passed = rows.iter().map(|row| Ok(row.try_get(0)?)).collect::<Result<_, StoreError>>()?;
    Ok((passed, now))
}

/// Takes items out of derived chunks that their submission has already.
async fn drop_visited(
    transaction: &mut Transaction<'_, Postgres>,
    chunks: &mut [ScreenedChunk],
) -> Result<Dropped, StoreError> {
    let (mut dropped, mut brought) = (Dropped::default(), Brought::default());
    for chunk in chunks.iter_mut().filter(|chunk| chunk.depth > 0) {
        let ids: Vec<Uuid> = chunk.items.iter().map(|item| Uuid::from_bytes(item.id.0)).collect();
        let rows =
            sqlx::query("SELECT indicator_id FROM items WHERE indicator_id = ANY($1) AND submission_id = $2")
                .bind(ids)
                .bind(chunk.submission_id.0)
                .fetch_all(&mut **transaction)
                .await?;
        let visited = rows
            .iter()
            .map(|row| Ok(IndicatorId(*row.try_get::<Uuid, _>(0)?.as_bytes())))
            .collect::<Result<HashSet<_>, StoreError>>()?;
        brought.drop_visited(chunk, &visited, &mut dropped);
    }
    Ok(dropped)
}

/// The last statement: counters, and on the chunks the commit's number, their facets and what was known. False when the submission
/// is not running.
async fn count(
    transaction: &mut Transaction<'_, Postgres>,
    submission: SubmissionId,
    ended: Vec<Ended>,
    tally: super::Tally,
) -> Result<bool, StoreError> {
    let units = tally.ended(&ended);
    let (mut chunks, mut counts, mut cached) = (Vec::new(), Vec::new(), Vec::new());
    for (chunk, of_chunk, known) in ended {
        chunks.push(chunk);
        counts.push(of_chunk);
        cached.push(known);
    }
    let numbered = sqlx::query(sqlx::AssertSqlSafe(format!(
        "WITH s AS (
             UPDATE submissions SET seq = seq + 1, touched_at = {NOW}, outstanding = outstanding - $3, done = done + $4,
                 malicious = malicious + $5, suspicious = suspicious + $6, benign = benign + $7, total = total + $8, derived = derived + $8,
                 state = CASE WHEN outstanding = $3 THEN 3 ELSE state END,
                 finished_at = CASE WHEN outstanding = $3 THEN {NOW} END
             WHERE id = $1 AND state = 2 RETURNING seq)
         UPDATE chunks c SET seq = s.seq, counts = f.counts, cached = f.cached
         FROM s, UNNEST($2::bigint[], $9::text[], $10::text[]) AS f (id, counts, cached)
         WHERE c.id = f.id"
    )))
    .bind(submission.0)
    .bind(chunks)
    .bind(units)
    .bind(tally.items)
    .bind(tally.malicious)
    .bind(tally.suspicious)
    .bind(tally.benign)
    .bind(tally.added())
    .bind(counts)
    .bind(cached)
    .execute(&mut **transaction)
    .await?;
    Ok(numbered.rows_affected() > 0)
}
