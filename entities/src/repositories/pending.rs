//! What a submission has derived and not screened yet: visited as much as its items are. Two answers that lead to the same, before
//! the first is an item, would else spend the budget twice, and leave nothing for what only one of them leads to.

use std::collections::HashSet;

use aggregator_domain::IndicatorId;
use sea_orm::DatabaseTransaction;

use crate::ids::SubmissionId;
use crate::payload;
use crate::{Database, StoreError};

/// The payloads of derived chunks that are not screened. Binds `$1` to the submission.
pub(super) const PENDING: &str =
    "SELECT payload FROM chunks WHERE submission_id = $1 AND depth > 0 AND payload IS NOT NULL";

/// The indicators in these payloads.
pub(super) fn ids(payloads: &[Vec<u8>]) -> Result<HashSet<IndicatorId>, StoreError> {
    let mut ids = HashSet::new();
    for packed in payloads {
        ids.extend(payload::decode(packed)?.iter().map(|item| item.indicator.id()));
    }
    Ok(ids)
}

/// Reads them; whoever derives holds the lock of the submission, so that none is added meanwhile.
pub(super) async fn read(
    database: &Database,
    on: &DatabaseTransaction,
    submission: SubmissionId,
) -> Result<HashSet<IndicatorId>, StoreError> {
    let payloads: Vec<Vec<u8>> =
        database.sql(PENDING).bind(submission.0).all(on, |row| Ok(row.try_get("", "payload")?)).await?;
    ids(&payloads)
}
