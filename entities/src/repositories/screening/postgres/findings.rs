//! Findings about indicators that may have some.

use sqlx::postgres::PgArguments;
use sqlx::query::Query;
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
    let columns = Columns::of(findings);
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
    .bind(&columns.indicators)
    .bind(&columns.sources)
    .bind(&columns.hashes)
    .execute(&mut **transaction)
    .await?;
    let insert = sqlx::query(sqlx::AssertSqlSafe(format!(
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
    )));
    columns.bind(insert).execute(&mut **transaction).await?;
    Ok(())
}

/// Findings, column by column.
pub(super) struct Columns<'a> {
    pub(super) indicators: Vec<Uuid>,
    pub(super) sources: Vec<i64>,
    pub(super) hashes: Vec<i64>,
    pub(super) outcomes: Vec<i16>,
    pub(super) stances: Vec<i16>,
    pub(super) confidences: Vec<i16>,
    pub(super) summaries: Vec<&'a str>,
    pub(super) data: Vec<Option<&'a str>>,
    pub(super) generations: Vec<Option<i64>>,
}

impl<'a> Columns<'a> {
    pub(super) fn of(findings: &'a [LocalFinding]) -> Self {
        let numbers = |of: fn(&LocalFinding) -> u8| findings.iter().map(|f| i16::from(of(f))).collect();
        Self {
            indicators: findings.iter().map(|f| Uuid::from_bytes(f.indicator_id.0)).collect(),
            sources: findings.iter().map(|f| f.source_id.0).collect(),
            hashes: findings.iter().map(|f| f.data_hash).collect(),
            outcomes: numbers(|f| f.outcome.code()),
            stances: numbers(|f| f.stance.code()),
            confidences: numbers(|f| f.confidence),
            summaries: findings.iter().map(|f| f.summary.as_str()).collect(),
            data: findings.iter().map(|f| f.data.as_deref()).collect(),
            generations: findings.iter().map(|f| f.generation_id.map(|id| id.0)).collect(),
        }
    }

    /// Binds all of them, in the order of the fields.
    pub(super) fn bind(self, query: Query<'a, Postgres, PgArguments>) -> Query<'a, Postgres, PgArguments> {
        query
            .bind(self.indicators)
            .bind(self.sources)
            .bind(self.hashes)
            .bind(self.outcomes)
            .bind(self.stances)
            .bind(self.confidences)
            .bind(self.summaries)
            .bind(self.data)
            .bind(self.generations)
    }
}
