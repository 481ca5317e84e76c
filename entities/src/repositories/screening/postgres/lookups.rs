//! Lookups of screened items: the first about an indicator leads, the others wait on it.

use sqlx::{Postgres, Transaction};
use uuid::Uuid;

use crate::StoreError;
use crate::database::BY_KEY;
use crate::repositories::lookups::PACES;
use crate::repositories::screening::NewLookup;

const ROWS: &str = "UNNEST($1::bigint[], $2::int[], $3::uuid[], $4::bigint[], $5::bool[])
        AS n (submission, ordinal, indicator, source, interactive)
    JOIN submissions s ON s.id = n.submission";

/// Inserts lookups, given in the order of their indicators.
///
/// A leader that ends at this very moment leaves a waiter behind that nobody settles: the sweep makes it lead, and its
/// claim finds the answer.
pub(super) async fn insert(
    transaction: &mut Transaction<'_, Postgres>,
    now: i64,
    lookups: &[NewLookup],
) -> Result<(), StoreError> {
    if lookups.is_empty() {
        return Ok(());
    }
    sqlx::raw_sql(BY_KEY).execute(&mut **transaction).await?;
    let leader =
        "(SELECT MIN(l.id) FROM lookups l WHERE l.source_id = n.source AND l.indicator_id = n.indicator
        AND l.phase IN (1, 2, 4))";
    let insert = |state: &str, leader: &str| {
        format!(
            "INSERT INTO lookups (submission_id, ordinal, indicator_id, source_id, interactive, turn, state, waiting_on,
                 not_before, created_at)
             SELECT n.submission, n.ordinal, n.indicator, n.source, n.interactive,
                 COALESCE(s.sealed_at, s.created_at) + n.ordinal * p.pace, {state}, {leader}, 0, $6
             FROM {ROWS} JOIN {PACES} p ON p.source = n.source ON CONFLICT DO NOTHING"
        )
    };
    let promote = format!(
        "UPDATE lookups SET interactive = true WHERE NOT interactive AND $6 > 0 AND id IN (
             SELECT l.waiting_on FROM {ROWS} JOIN lookups l ON l.submission_id = n.submission AND l.ordinal = n.ordinal
                 AND l.source_id = n.source AND l.phase = 5 WHERE n.interactive)"
    );
    let run = async |statement: String, transaction: &mut Transaction<'_, Postgres>| {
        let done = sqlx::query(sqlx::AssertSqlSafe(statement))
            .bind(lookups.iter().map(|one| one.submission.0).collect::<Vec<_>>())
            .bind(lookups.iter().map(|one| one.ordinal).collect::<Vec<_>>())
            .bind(lookups.iter().map(|one| Uuid::from_bytes(one.indicator.0)).collect::<Vec<_>>())
            .bind(lookups.iter().map(|one| one.source.0).collect::<Vec<_>>())
            .bind(lookups.iter().map(|one| one.interactive).collect::<Vec<_>>())
            .bind(now)
            .execute(&mut **transaction)
            .await?;
        Ok::<_, StoreError>(done.rows_affected())
    };
    let leading = run(insert("1", "NULL::bigint"), transaction).await?;
    // Most times nobody asks the same.
    if usize::try_from(leading).is_ok_and(|leading| leading < lookups.len()) {
        run(insert("5", leader), transaction).await?;
        run(promote, transaction).await?;
    }
    Ok(())
}
