//! What known answers lead to, on PostgreSQL.

use std::collections::HashSet;

use aggregator_domain::IndicatorId;
use sqlx::{Postgres, Row, Transaction};
use uuid::Uuid;

use crate::StoreError;
use crate::ids::SubmissionId;
use crate::payload;
use crate::repositories::pending::{self, PENDING};
use crate::repositories::roots::{ROOTS, Roots};
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
    let mut visited = rows
        .iter()
        .map(|row| Ok(IndicatorId(*row.try_get::<Uuid, _>(0)?.as_bytes())))
        .collect::<Result<HashSet<_>, StoreError>>()?;
    let payloads: Vec<Vec<u8>> =
        sqlx::query_scalar(PENDING).bind(submission.0).fetch_all(&mut **transaction).await?;
    visited.extend(pending::ids(&payloads)?);
    let mut roots = read_roots(transaction, submission, &leads.parents()).await?;
    for (depth, items) in leads.within(visited, &mut roots, before) {
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
    let (grown, by): (Vec<i32>, Vec<i32>) = roots.grown().iter().unzip();
    sqlx::query(
        "INSERT INTO derivations (submission_id, root, derived)
         SELECT $1, r.root, r.n FROM UNNEST($2::int[], $3::int[]) AS r (root, n)
         ON CONFLICT (submission_id, root) DO UPDATE SET derived = derivations.derived + EXCLUDED.derived",
    )
    .bind(submission.0)
    .bind(grown)
    .bind(by)
    .execute(&mut **transaction)
    .await?;
    Ok(derived)
}

async fn read_roots(
    transaction: &mut Transaction<'_, Postgres>,
    submission: SubmissionId,
    parents: &[i32],
) -> Result<Roots, StoreError> {
    // As `roots::read` binds them: a connection keeps what it has prepared by its text.
    let parents: Vec<i64> = parents.iter().map(|parent| i64::from(*parent)).collect();
    let of: Vec<(i32, i32)> = sqlx::query_as(sqlx::AssertSqlSafe(ROOTS.replace(" IN\n", " = ANY($2)\n")))
        .bind(submission.0)
        .bind(parents)
        .fetch_all(&mut **transaction)
        .await?;
    let roots: Vec<i64> = of.iter().map(|(_, root)| i64::from(*root)).collect();
    let derived: Vec<(i32, i32)> =
        sqlx::query_as("SELECT root, derived FROM derivations WHERE submission_id = $1 AND root = ANY($2)")
            .bind(submission.0)
            .bind(roots)
            .fetch_all(&mut **transaction)
            .await?;
    Ok(Roots::new(of, derived))
}
