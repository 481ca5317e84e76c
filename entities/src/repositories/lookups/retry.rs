//! Parked lookups that need not wait any longer.

use crate::ids::LookupId;
use crate::{Database, StoreError};

/// Makes a parked lookup due now; the feeder asks its source as soon as that allows it. False when it is not parked, or no
/// longer.
pub async fn due_now(database: &Database, id: LookupId) -> Result<bool, StoreError> {
    let due = database
        .sql(
            "UPDATE lookups SET parked_micros = parked_micros - CASE WHEN not_before > {now} THEN not_before - {now} ELSE 0 END,
                 not_before = {now} WHERE id = $1 AND state = 4",
        )
        .bind(id.0)
        .run(database.writer())
        .await?;
    Ok(due == 1)
}
