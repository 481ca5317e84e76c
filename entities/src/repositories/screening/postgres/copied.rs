//! What goes in by COPY: indicators and their findings where nobody knew them, and items, which are always new. Half the work of
//! an `INSERT … ON CONFLICT` for the server (docs/adr/0002-hot-schema.md).

use std::collections::HashSet;

use aggregator_domain::IndicatorId;
use sqlx::{Postgres, Row, Transaction};
use uuid::Uuid;

use crate::StoreError;
use crate::database::copy::BinaryRows;
use crate::repositories::screening::{LocalFinding, ScreenedChunk, ScreenedItem};

/// Inserts the indicators that are not there, given in the order of their ids; the ids of those that were.
///
/// Where another commit inserts one of them at the same moment, COPY fails as a whole: then all count as known, and the
/// missing are inserted one by one.
pub(super) async fn indicators(
    transaction: &mut Transaction<'_, Postgres>,
    now: i64,
    indicators: &[&ScreenedItem],
) -> Result<HashSet<IndicatorId>, StoreError> {
    let ids: Vec<Uuid> = indicators.iter().map(|item| Uuid::from_bytes(item.id.0)).collect();
    let rows = sqlx::query("SELECT id FROM indicators WHERE id = ANY($1)")
        .bind(&ids)
        .fetch_all(&mut **transaction)
        .await?;
    let known = rows
        .iter()
        .map(|row| Ok(IndicatorId(*row.try_get::<Uuid, _>(0)?.as_bytes())))
        .collect::<Result<HashSet<_>, StoreError>>()?;
    if known.len() == ids.len() {
        return Ok(known);
    }
    let mut rows = BinaryRows::new(4, indicators.len() * 80);
    for item in indicators.iter().filter(|item| !known.contains(&item.id)) {
        rows.row()
            .uuid(Uuid::from_bytes(item.id.0))
            .small(i16::from(item.kind.code()))
            .text(&item.value)
            .big(now);
    }
    sqlx::query("SAVEPOINT indicators").execute(&mut **transaction).await?;
    match rows.copy(&mut *transaction, "indicators (id, kind, value, first_seen_at)").await {
        Ok(()) => Ok(known),
        Err(StoreError::Duplicate(_)) => {
            sqlx::query("ROLLBACK TO SAVEPOINT indicators").execute(&mut **transaction).await?;
            insert_missing(transaction, now, (ids, indicators)).await?;
            Ok(indicators.iter().map(|item| item.id).collect())
        }
        Err(error) => Err(error),
    }
}

async fn insert_missing(
    transaction: &mut Transaction<'_, Postgres>,
    now: i64,
    (ids, indicators): (Vec<Uuid>, &[&ScreenedItem]),
) -> Result<(), StoreError> {
    let kinds: Vec<i16> = indicators.iter().map(|item| i16::from(item.kind.code())).collect();
    let values: Vec<&str> = indicators.iter().map(|item| &*item.value).collect();
    sqlx::query(
        "INSERT INTO indicators (id, kind, value, first_seen_at)
         SELECT id, kind, value, $4 FROM UNNEST($1::uuid[], $2::smallint[], $3::text[]) AS n (id, kind, value)
         ON CONFLICT DO NOTHING",
    )
    .bind(ids)
    .bind(kinds)
    .bind(values)
    .bind(now)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Inserts findings about indicators that were not there before this transaction, so that none can be there.
pub(super) async fn findings(
    transaction: &mut Transaction<'_, Postgres>,
    now: i64,
    findings: &[LocalFinding],
) -> Result<(), StoreError> {
    if findings.is_empty() {
        return Ok(());
    }
    let mut rows = BinaryRows::new(12, findings.len() * 256);
    for finding in findings {
        rows.row()
            .uuid(Uuid::from_bytes(finding.indicator_id.0))
            .big(finding.source_id.0)
            .integer(1)
            .small(i16::from(finding.outcome.code()))
            .small(i16::from(finding.stance.code()))
            .small(i16::from(finding.confidence))
            .text(&finding.summary)
            .or_null(finding.data.as_deref(), BinaryRows::text)
            .big(finding.data_hash)
            .or_null(finding.generation_id.map(|id| id.0), BinaryRows::big)
            .big(now)
            .big(now);
    }
    let target =
        "findings (indicator_id, source_id, version, outcome, stance, confidence, summary, data, data_hash,
        generation_id, found_at, checked_at)";
    rows.copy(&mut *transaction, target).await
}

const ITEM_COLUMNS: &str =
    "(submission_id, ordinal, indicator_id, kind, state, stance, confidence, depth, derived_from,
    pending, line, position, port, raw, reasons)";

/// Inserts the items of the chunks: done, or waiting for lookups.
pub(super) async fn items(
    transaction: &mut Transaction<'_, Postgres>,
    chunks: &[ScreenedChunk],
) -> Result<(), StoreError> {
    let count: usize = chunks.iter().map(|chunk| chunk.items.len()).sum();
    let mut rows = BinaryRows::new(15, count * 160);
    let number = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
    for chunk in chunks {
        for (item, ordinal) in chunk.items.iter().zip(chunk.first_ordinal..) {
            let (state, pending) = item.state_and_pending();
            rows.row()
                .big(chunk.submission_id.0)
                .integer(ordinal)
                .uuid(Uuid::from_bytes(item.id.0))
                .small(i16::from(item.kind.code()))
                .small(state)
                .small(i16::from(item.stance.code()))
                .small(i16::from(item.confidence))
                .small(chunk.depth)
                .or_null(item.derived_from.map(number), BinaryRows::integer)
                .integer(pending)
                .integer(number(item.line))
                .integer(number(item.position))
                .or_null(item.port.map(i32::from), BinaryRows::integer)
                .or_null(item.raw.as_deref(), BinaryRows::text)
                .or_null(item.reasons.as_deref(), BinaryRows::text);
        }
    }
    if cfg!(feature = "chaos-without-fencing") {
        return items_twice(transaction, rows).await;
    }
    rows.copy(&mut *transaction, &format!("items {ITEM_COLUMNS}")).await
}

/// Without fencing the same items come twice: the control build takes them as the fence would not.
async fn items_twice(
    transaction: &mut Transaction<'_, Postgres>,
    rows: BinaryRows,
) -> Result<(), StoreError> {
    sqlx::query("CREATE TEMPORARY TABLE copied (LIKE items) ON COMMIT DROP")
        .execute(&mut **transaction)
        .await?;
    rows.copy(&mut *transaction, &format!("copied {ITEM_COLUMNS}")).await?;
    sqlx::query("INSERT INTO items SELECT * FROM copied ON CONFLICT DO NOTHING")
        .execute(&mut **transaction)
        .await?;
    Ok(())
}
