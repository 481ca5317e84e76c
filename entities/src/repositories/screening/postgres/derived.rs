//! What known answers lead to, on PostgreSQL.

use std::collections::HashSet;

use aggregator_domain::IndicatorId;
use sqlx::{Postgres, Row, Transaction};
use uuid::Uuid;

use crate::StoreError;
use crate::ids::SubmissionId;
use crate::payload;
use crate::repositories::screening::{Derived, Leads};

/// Makes chunks of what the items of a submission lead to; it locks the submission, whose ordinals and budget are given out
/// here.
pub(super) async fn insert(
    transaction: &mut Transaction<'_, Postgres>,
    submission: SubmissionId,
    mut leads: Leads,
) -> Result<Derived, StoreError> {
    let mut derived = Derived::default();
    if leads.is_empty() {
        return Ok(derived);
    }
    let before: i32 = sqlx::query_scalar("SELECT derived FROM submissions WHERE id = $1 FOR UPDATE")
        .bind(submission.0)
        .fetch_one(&mut **transaction)
        .await?;
    let rows =
        sqlx::query("SELECT indicator_id FROM items WHERE indicator_id = ANY($1) AND submission_id = $2")
            .bind(leads.ids().map(|id| Uuid::from_bytes(id.0)).collect::<Vec<_>>())
            .bind(submission.0)
            .fetch_all(&mut **transaction)
            .await?;
    let visited = rows
        .iter()
        .map(|row| Ok(IndicatorId(*row.try_get::<Uuid, _>(0)?.as_bytes())))
        .collect::<Result<HashSet<_>, StoreError>>()?;
    for (depth, items) in leads.within(visited, before) {
        sqlx::query(
            "INSERT INTO chunks (submission_id, first_ordinal, items, interactive, state, not_before, depth, payload)
             SELECT $1, (SELECT MAX(c.first_ordinal + c.items) FROM chunks c WHERE c.submission_id = $1), $2, s.interactive,
                 1, 0, $3, $4
             FROM submissions s WHERE s.id = $1",
        )
        .bind(submission.0)
        .bind(i32::try_from(items.len()).unwrap_or(i32::MAX))
        .bind(depth)
        .bind(payload::encode(&items))
        .execute(&mut **transaction)
        .await?;
        derived.add(items.len());
    }
    Ok(derived)
}
