//! What is new: indicators and the findings about them, and items.
//!
//! Not by COPY, which is a little faster: a process that is stopped in the middle of one keeps its locks, and no timeout of the
//! server ends that (docs/adr/0002-hot-schema.md).

use std::collections::HashSet;

use aggregator_domain::IndicatorId;
use sqlx::{Postgres, Row, Transaction};
use uuid::Uuid;

use super::findings::Columns;
use crate::StoreError;
use crate::repositories::screening::{LocalFinding, ScreenedChunk, ScreenedItem};

/// Inserts the indicators that are not there, given in the order of their ids; the ids of those that were not.
pub(super) async fn indicators(
    transaction: &mut Transaction<'_, Postgres>,
    now: i64,
    indicators: &[&ScreenedItem],
) -> Result<HashSet<IndicatorId>, StoreError> {
    let ids: Vec<Uuid> = indicators.iter().map(|item| Uuid::from_bytes(item.id.0)).collect();
    let kinds: Vec<i16> = indicators.iter().map(|item| i16::from(item.kind.code())).collect();
    let values: Vec<&str> = indicators.iter().map(|item| &*item.value).collect();
    let rows = sqlx::query(
        "INSERT INTO indicators (id, kind, value, first_seen_at)
         SELECT id, kind, value, $4 FROM UNNEST($1::uuid[], $2::smallint[], $3::text[]) AS n (id, kind, value)
         ON CONFLICT DO NOTHING RETURNING id",
    )
    .bind(ids)
    .bind(kinds)
    .bind(values)
    .bind(now)
    .fetch_all(&mut **transaction)
    .await?;
    rows.iter().map(|row| Ok(IndicatorId(*row.try_get::<Uuid, _>(0)?.as_bytes()))).collect()
}

/// Inserts findings about indicators that were not there before this transaction: none is there, but for one that outlived its
/// indicator.
pub(super) async fn findings(
    transaction: &mut Transaction<'_, Postgres>,
    now: i64,
    findings: &[LocalFinding],
) -> Result<(), StoreError> {
    if findings.is_empty() {
        return Ok(());
    }
    let insert = sqlx::query(
        "INSERT INTO findings (indicator_id, source_id, version, data_hash, outcome, stance, confidence, summary, data,
             generation_id, found_at, checked_at)
         SELECT indicator, source, 1, hash, outcome, stance, confidence, summary, data, generation, $10, $10
         FROM UNNEST($1::uuid[], $2::bigint[], $3::bigint[], $4::smallint[], $5::smallint[], $6::smallint[], $7::text[],
             $8::text[], $9::bigint[])
             AS n (indicator, source, hash, outcome, stance, confidence, summary, data, generation)
         ON CONFLICT DO NOTHING",
    );
    Columns::of(findings).bind(insert).bind(now).execute(&mut **transaction).await?;
    Ok(())
}

/// Inserts the items of the chunks: done, or waiting for lookups.
pub(super) async fn items(
    transaction: &mut Transaction<'_, Postgres>,
    chunks: &[ScreenedChunk],
) -> Result<(), StoreError> {
    let places = || {
        chunks.iter().flat_map(|chunk| {
            chunk.items.iter().zip(chunk.first_ordinal..).map(move |(item, ordinal)| (chunk, item, ordinal))
        })
    };
    let items = || places().map(|(_, item, _)| item);
    let number = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
    let on_conflict = if cfg!(feature = "chaos-without-fencing") { "ON CONFLICT DO NOTHING" } else { "" };
    sqlx::query(sqlx::AssertSqlSafe(format!(
        "INSERT INTO items (submission_id, ordinal, depth, indicator_id, kind, state, pending, stance, confidence,
             derived_from, line, position, port, raw, reasons)
         SELECT * FROM UNNEST($1::bigint[], $2::int[], $3::smallint[], $4::uuid[], $5::smallint[], $6::smallint[], $7::int[],
             $8::smallint[], $9::smallint[], $10::int[], $11::int[], $12::int[], $13::int[], $14::text[], $15::text[])
         {on_conflict}"
    )))
    .bind(places().map(|(chunk, ..)| chunk.submission_id.0).collect::<Vec<_>>())
    .bind(places().map(|(.., ordinal)| ordinal).collect::<Vec<_>>())
    .bind(places().map(|(chunk, ..)| chunk.depth).collect::<Vec<_>>())
    .bind(items().map(|item| Uuid::from_bytes(item.id.0)).collect::<Vec<_>>())
    .bind(items().map(|item| i16::from(item.kind.code())).collect::<Vec<_>>())
    .bind(items().map(|item| item.state_and_pending().0).collect::<Vec<_>>())
    .bind(items().map(|item| item.state_and_pending().1).collect::<Vec<_>>())
    .bind(items().map(|item| i16::from(item.stance.code())).collect::<Vec<_>>())
    .bind(items().map(|item| i16::from(item.confidence)).collect::<Vec<_>>())
    .bind(items().map(|item| item.derived_from.map(number)).collect::<Vec<_>>())
    .bind(items().map(|item| number(item.line)).collect::<Vec<_>>())
    .bind(items().map(|item| number(item.position)).collect::<Vec<_>>())
    .bind(items().map(|item| item.port.map(i32::from)).collect::<Vec<_>>())
    .bind(items().map(|item| item.raw.as_deref()).collect::<Vec<_>>())
    .bind(items().map(|item| item.reasons.as_deref()).collect::<Vec<_>>())
    .execute(&mut **transaction)
    .await?;
    Ok(())
}
