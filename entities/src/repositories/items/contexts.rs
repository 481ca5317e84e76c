//! The other places items were written: the first is in the item's own row.

use std::collections::BTreeMap;

use crate::ids::SubmissionId;
use crate::tables::item::Context;
use crate::{Database, StoreError};

/// The further contexts of these items, in order, at most `limit` of each. However often an item was written, little more
/// than `limit` rows of it are read.
pub async fn contexts(
    database: &Database,
    submission: SubmissionId,
    ordinals: &[i32],
    limit: u32,
) -> Result<BTreeMap<i32, Vec<Context>>, StoreError> {
    let text = if database.is_postgres() {
        "SELECT o.ordinal::int AS ordinal, c.line, c.position, c.port, c.raw FROM UNNEST($2) AS o (ordinal)
         CROSS JOIN LATERAL (SELECT line, position, port, raw FROM item_contexts
             WHERE submission_id = $1 AND ordinal = o.ordinal ORDER BY line, position LIMIT $3) c
         ORDER BY o.ordinal, c.line, c.position"
    } else {
        // No LATERAL: read up to the line of the last one wanted. CROSS JOIN keeps the order of the loops; the planner would
        // go through every context of the submission.
        "SELECT c.ordinal, c.line, c.position, c.port, c.raw FROM json_each($2) o
         CROSS JOIN item_contexts c ON c.submission_id = $1 AND c.ordinal = o.value AND c.line <= COALESCE(
             (SELECT d.line FROM item_contexts d WHERE d.submission_id = $1 AND d.ordinal = o.value
              ORDER BY d.line, d.position LIMIT 1 OFFSET $3 - 1), 2147483647)
         ORDER BY c.ordinal, c.line, c.position"
    };
    let rows = database
        .sql(text)
        .bind(submission.0)
        .ids(ordinals.iter().map(|ordinal| i64::from(*ordinal)))
        .bind(i64::from(limit))
        .all(database.reader(), |row| Ok((row.try_get::<i32>("", "ordinal")?, Context::read(row)?)))
        .await?;
    let mut contexts: BTreeMap<i32, Vec<Context>> = BTreeMap::new();
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    for (ordinal, context) in rows {
        let of_item = contexts.entry(ordinal).or_default();
        if of_item.len() < limit {
            of_item.push(context);
        }
    }
    Ok(contexts)
}

/// The place of a context among all of its submission: (ordinal, line, position).
pub type ContextPlace = (i32, i32, i32);

/// The further contexts of all items after a place, in order, at most `limit`: the walk of a re-run.
pub async fn contexts_after(
    database: &Database,
    submission: SubmissionId,
    after: ContextPlace,
    limit: u32,
) -> Result<Vec<(i32, Context)>, StoreError> {
    database
        .sql(
            "SELECT ordinal, line, position, port, raw FROM item_contexts
             WHERE submission_id = $1 AND (ordinal, line, position) > ($2, $3, $4)
             ORDER BY ordinal, line, position LIMIT $5",
        )
        .bind(submission.0)
        .bind(after.0)
        .bind(after.1)
        .bind(after.2)
        .bind(i64::from(limit))
        .all(database.reader(), |row| Ok((row.try_get("", "ordinal")?, Context::read(row)?)))
        .await
}
