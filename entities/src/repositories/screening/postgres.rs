//! The PostgreSQL form: UNNEST over binary arrays, one round trip a table.

use std::collections::HashSet;

use sqlx::{Postgres, Row, Transaction};
use uuid::Uuid;

use super::{Committed, FENCE, LocalFinding, ScreenedChunk, keep_passed, sorted_indicators, tallies};
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
    let passed = pass_fence(&mut transaction, &chunks).await?;
    let mut refused = keep_passed(&mut chunks, &mut findings, &passed);
    insert_indicators(&mut transaction, &chunks).await?;
    write_findings(&mut transaction, &findings).await?;
    insert_items(&mut transaction, &chunks).await?;
    let tallies = tallies(&chunks);
    let mut submissions = Vec::new();
    let mut items = 0;
    for (submission, (ids, tally)) in tallies {
        if !count(&mut transaction, submission, &ids, tally).await? {
            // Cancelled in the meantime: nothing of this commit may show. The next attempt finds it cancelled.
            transaction.rollback().await?;
            refused.extend(chunks.iter().map(|chunk| chunk.id));
            return Ok(Committed { refused, ..Committed::default() });
        }
        items += u64::try_from(tally.items).unwrap_or_default();
        submissions.push(submission);
    }
    transaction.commit().await?;
    Ok(Committed { items, refused, submissions })
}

pub(super) async fn record(database: &Database, findings: &[LocalFinding]) -> Result<(), StoreError> {
    let mut transaction = database.writer().get_postgres_connection_pool().begin().await?;
    write_findings(&mut transaction, findings).await?;
    Ok(transaction.commit().await?)
}

/// Finishes the chunks whose claim still stands; their ids.
async fn pass_fence(
    transaction: &mut Transaction<'_, Postgres>,
    chunks: &[ScreenedChunk],
) -> Result<HashSet<i64>, StoreError> {
    let ids: Vec<i64> = chunks.iter().map(|chunk| chunk.id.0).collect();
    let attempts: Vec<i32> = chunks.iter().map(|chunk| chunk.attempt).collect();
    let counts: Vec<String> = chunks.iter().map(ScreenedChunk::counts_json).collect();
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
             counts = f.counts, policy_version = f.version
         FROM UNNEST($1::bigint[], $2::int[], $3::text[], $4::bigint[]) AS f (id, attempt, counts, version)
         WHERE c.id = f.id AND {FENCE} RETURNING c.id"
    ));
    let rows = sqlx::query(statement)
        .bind(&ids)
        .bind(attempts)
        .bind(counts)
        .bind(versions)
        .fetch_all(&mut **transaction)
        .await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

async fn insert_indicators(
    transaction: &mut Transaction<'_, Postgres>,
    chunks: &[ScreenedChunk],
) -> Result<(), StoreError> {
    let indicators = sorted_indicators(chunks);
    let ids: Vec<Uuid> = indicators.iter().map(|item| Uuid::from_bytes(item.id.0)).collect();
    let kinds: Vec<i16> = indicators.iter().map(|item| i16::from(item.kind.code())).collect();
    let values: Vec<&str> = indicators.iter().map(|item| &*item.value).collect();
    sqlx::query(sqlx::AssertSqlSafe(format!(
        "INSERT INTO indicators (id, kind, value, first_seen_at)
         SELECT id, kind, value, {NOW} FROM UNNEST($1::uuid[], $2::smallint[], $3::text[]) AS n (id, kind, value)
         ON CONFLICT DO NOTHING"
    )))
    .bind(ids)
    .bind(kinds)
    .bind(values)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Writes what is new: an equal answer moves `checked_at` (at most once a minute), another is a new version.
async fn write_findings(
    transaction: &mut Transaction<'_, Postgres>,
    findings: &[LocalFinding],
) -> Result<(), StoreError> {
    if findings.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = findings.iter().map(|finding| Uuid::from_bytes(finding.indicator_id.0)).collect();
    let sources: Vec<i64> = findings.iter().map(|finding| finding.source_id.0).collect();
    let hashes: Vec<i64> = findings.iter().map(|finding| finding.data_hash).collect();
    sqlx::query(sqlx::AssertSqlSafe(format!(
        "WITH due AS (
             SELECT f.indicator_id, f.source_id, f.version, f.data_hash = n.hash AS equal
             FROM UNNEST($1::uuid[], $2::bigint[], $3::bigint[]) AS n (indicator, source, hash)
             JOIN findings f ON f.indicator_id = n.indicator AND f.source_id = n.source AND f.superseded_at IS NULL
             WHERE f.data_hash <> n.hash OR f.checked_at < {NOW} - 60000000
             ORDER BY f.indicator_id, f.source_id FOR UPDATE OF f)
         UPDATE findings f SET
             checked_at = CASE WHEN due.equal THEN {NOW} ELSE f.checked_at END,
             superseded_at = CASE WHEN due.equal THEN NULL ELSE {NOW} END
         FROM due WHERE (f.indicator_id, f.source_id, f.version) = (due.indicator_id, due.source_id, due.version)"
    )))
    .bind(&ids)
    .bind(&sources)
    .bind(&hashes)
    .execute(&mut **transaction)
    .await?;
    let generations: Vec<Option<i64>> = findings.iter().map(|f| f.generation_id.map(|id| id.0)).collect();
    let numbers =
        |of: fn(&LocalFinding) -> u8| findings.iter().map(|f| i16::from(of(f))).collect::<Vec<i16>>();
    sqlx::query(sqlx::AssertSqlSafe(format!(
        "INSERT INTO findings (indicator_id, source_id, version, outcome, stance, confidence, summary, data, data_hash,
             generation_id, found_at, checked_at)
         SELECT n.indicator, n.source, COALESCE(p.last, 0) + 1,
             n.outcome, n.stance, n.confidence, n.summary, n.data, n.hash, n.generation, {NOW}, {NOW}
         FROM UNNEST($1::uuid[], $2::bigint[], $3::bigint[], $4::smallint[], $5::smallint[], $6::smallint[], $7::text[],
             $8::text[], $9::bigint[]) AS n (indicator, source, hash, outcome, stance, confidence, summary, data, generation)
         LEFT JOIN LATERAL (SELECT MAX(f.version) AS last, bool_or(f.superseded_at IS NULL) AS live FROM findings f
             WHERE f.indicator_id = n.indicator AND f.source_id = n.source) AS p ON true
         WHERE p.live IS NOT TRUE
         ON CONFLICT DO NOTHING"
    )))
    .bind(ids)
    .bind(sources)
    .bind(hashes)
    .bind(numbers(|f| f.outcome.code()))
    .bind(numbers(|f| f.stance.code()))
    .bind(numbers(|f| f.confidence))
    .bind(findings.iter().map(|f| f.summary.as_str()).collect::<Vec<_>>())
    .bind(findings.iter().map(|f| f.data.as_deref()).collect::<Vec<_>>())
    .bind(generations)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

async fn insert_items(
    transaction: &mut Transaction<'_, Postgres>,
    chunks: &[ScreenedChunk],
) -> Result<(), StoreError> {
    let count = chunks.iter().map(|chunk| chunk.items.len()).sum();
    let mut columns = ItemColumns::with_capacity(count);
    for chunk in chunks {
        columns.extend(chunk);
    }
    let on_conflict = if cfg!(feature = "chaos-without-fencing") { "ON CONFLICT DO NOTHING" } else { "" };
    sqlx::query(sqlx::AssertSqlSafe(format!(
        "INSERT INTO items (submission_id, ordinal, indicator_id, kind, state, stance, confidence, depth, pending, line,
             position, port, raw, reasons)
         SELECT submission, ordinal, indicator, kind, 4, stance, confidence, 0, 0, line, position, port, raw, reasons
         FROM UNNEST($1::bigint[], $2::int[], $3::uuid[], $4::smallint[], $5::smallint[], $6::smallint[], $7::int[],
             $8::int[], $9::int[], $10::text[], $11::text[])
             AS n (submission, ordinal, indicator, kind, stance, confidence, line, position, port, raw, reasons)
         {on_conflict}"
    )))
    .bind(columns.submissions)
    .bind(columns.ordinals)
    .bind(columns.indicators)
    .bind(columns.kinds)
    .bind(columns.stances)
    .bind(columns.confidences)
    .bind(columns.lines)
    .bind(columns.positions)
    .bind(columns.ports)
    .bind(columns.raws)
    .bind(columns.reasons)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Items, column by column.
#[derive(Default)]
struct ItemColumns<'a> {
    submissions: Vec<i64>,
    ordinals: Vec<i32>,
    indicators: Vec<Uuid>,
    kinds: Vec<i16>,
    stances: Vec<i16>,
    confidences: Vec<i16>,
    lines: Vec<i32>,
    positions: Vec<i32>,
    ports: Vec<Option<i32>>,
    raws: Vec<Option<&'a str>>,
    reasons: Vec<Option<&'a str>>,
}

impl<'a> ItemColumns<'a> {
    fn with_capacity(count: usize) -> Self {
        Self {
            submissions: Vec::with_capacity(count),
            ordinals: Vec::with_capacity(count),
            indicators: Vec::with_capacity(count),
            ..Self::default()
        }
    }

    fn extend(&mut self, chunk: &'a ScreenedChunk) {
        for (item, ordinal) in chunk.items.iter().zip(chunk.first_ordinal..) {
            self.submissions.push(chunk.submission_id.0);
            self.ordinals.push(ordinal);
            self.indicators.push(Uuid::from_bytes(item.id.0));
            self.kinds.push(i16::from(item.kind.code()));
            self.stances.push(i16::from(item.stance.code()));
            self.confidences.push(i16::from(item.confidence));
            self.lines.push(i32::try_from(item.line).unwrap_or(i32::MAX));
            self.positions.push(i32::try_from(item.position).unwrap_or(i32::MAX));
            self.ports.push(item.port.map(i32::from));
            self.raws.push(item.raw.as_deref());
            self.reasons.push(item.reasons.as_deref());
        }
    }
}

/// The last statement: counters, and the commit's number on the chunks. False when the submission is not running.
async fn count(
    transaction: &mut Transaction<'_, Postgres>,
    submission: SubmissionId,
    chunks: &[i64],
    tally: super::Tally,
) -> Result<bool, StoreError> {
    let units = i64::try_from(chunks.len()).unwrap_or(i64::MAX);
    let numbered = sqlx::query(sqlx::AssertSqlSafe(format!(
        "WITH s AS (
             UPDATE submissions SET seq = seq + 1, touched_at = {NOW}, outstanding = outstanding - $3, done = done + $4,
                 malicious = malicious + $5, suspicious = suspicious + $6, benign = benign + $7,
                 state = CASE WHEN outstanding = $3 THEN 3 ELSE state END,
                 finished_at = CASE WHEN outstanding = $3 THEN {NOW} END
             WHERE id = $1 AND state = 2 RETURNING seq)
         UPDATE chunks SET seq = s.seq FROM s WHERE chunks.id = ANY($2)"
    )))
    .bind(submission.0)
    .bind(chunks)
    .bind(units)
    .bind(tally.items)
    .bind(tally.malicious)
    .bind(tally.suspicious)
    .bind(tally.benign)
    .execute(&mut **transaction)
    .await?;
    Ok(numbered.rows_affected() > 0)
}
