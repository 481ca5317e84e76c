//! What known answers lead to, on SQLite.

use std::collections::HashSet;

use aggregator_domain::IndicatorId;
use sea_orm::DatabaseTransaction;

use crate::ids::SubmissionId;
use crate::repositories::lookups::insert_chunk;
use crate::repositories::screening::{Derived, Leads};
use crate::repositories::{pending, roots};
use crate::tables::indicator::read_id;
use crate::{Database, StoreError};

/// Makes chunks of what the items of a submission lead to.
pub(super) async fn insert(
    database: &Database,
    on: &DatabaseTransaction,
    submission: SubmissionId,
    mut leads: Leads,
) -> Result<Derived, StoreError> {
    let mut derived = Derived::default();
    if leads.is_empty() {
        return Ok(derived);
    }
    let before: i32 =
        database.sql("SELECT derived FROM submissions WHERE id = $1").bind(submission.0).scalar(on).await?;
    let ids: Vec<String> = leads.ids().map(|id| id.to_string()).collect();
    let mut visited: HashSet<IndicatorId> = database
        .sql(
            "SELECT i.indicator_id FROM json_each($1) AS n
             JOIN items i ON i.indicator_id = unhex(n.value) AND i.submission_id = $2",
        )
        .bind(super::json(&ids)?)
        .bind(submission.0)
        .all(on, |row| read_id(row, "indicator_id"))
        .await?
        .into_iter()
        .collect();
    visited.extend(pending::read(database, on, submission).await?);
    let mut roots = roots::read(database, on, submission, &leads.parents()).await?;
    for (depth, items) in leads.within(visited, &mut roots, before) {
        insert_chunk(database, on, (submission, depth), &items).await?;
        derived.add(items.len());
    }
    roots::write(database, on, submission, &roots).await?;
    Ok(derived)
}
