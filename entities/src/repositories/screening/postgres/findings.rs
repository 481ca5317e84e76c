//! Findings about indicators that may have some.

use sqlx::{Postgres, Transaction};
use uuid::Uuid;

use super::NOW;
use crate::StoreError;
use crate::repositories::screening::LocalFinding;

/// Writes what is new: an equal answer moves `checked_at` (at most once a minute), another is a new version.
pub(super) async fn write(
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
