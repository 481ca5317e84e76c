//! Lookups of screened items: the first about an indicator leads, the others wait on it.

use sea_orm::DatabaseTransaction;

use super::json;
use crate::repositories::lookups::PACES;
use crate::repositories::screening::NewLookup;
use crate::{Database, StoreError};

const ROWS: &str =
    "(SELECT value ->> 0 AS submission, value ->> 1 AS ordinal, unhex(value ->> 2) AS indicator,
        value ->> 3 AS source, value ->> 4 AS interactive FROM json_each($1)) AS n
    JOIN submissions s ON s.id = n.submission";

/// Inserts lookups. One writer at a time: what was looked at stays so.
pub(super) async fn insert(
    database: &Database,
    on: &DatabaseTransaction,
    lookups: &[NewLookup],
) -> Result<(), StoreError> {
    if lookups.is_empty() {
        return Ok(());
    }
    let rows: Vec<_> = lookups
        .iter()
        .map(|one| (one.submission.0, one.ordinal, one.indicator.to_string(), one.source.0, one.interactive))
        .collect();
    let rows = json(&rows)?;
    for (state, leader) in [
        ("1", "NULL"),
        (
            "5",
            "(SELECT MIN(l.id) FROM lookups l WHERE l.source_id = n.source
            AND l.indicator_id = n.indicator AND l.phase IN (1, 2, 4))",
        ),
    ] {
        database
            .sql(&format!(
                "INSERT INTO lookups (submission_id, ordinal, indicator_id, source_id, interactive, turn, state, waiting_on,
                     not_before, created_at)
                 SELECT n.submission, n.ordinal, n.indicator, n.source, n.interactive,
                     COALESCE(s.sealed_at, s.created_at) + n.ordinal * p.pace, {state}, {leader}, 0, {{now}}
                 FROM {ROWS} JOIN {PACES} p ON p.source = n.source WHERE true ON CONFLICT DO NOTHING"
            ))
            .bind(rows.clone())
            .run(on)
            .await?;
    }
    database
        .sql(&format!(
            "UPDATE lookups SET interactive = true WHERE NOT interactive AND id IN (
                 SELECT l.waiting_on FROM {ROWS} JOIN lookups l ON l.submission_id = n.submission AND l.ordinal = n.ordinal
                     AND l.source_id = n.source AND l.phase = 5 WHERE n.interactive)"
        ))
        .bind(rows)
        .run(on)
        .await?;
    Ok(())
}
