//! For how long the database has been in reach: a lease that ran out during an outage says nothing about its holder.

use crate::{Database, StoreError};

/// Notes that the database answers, and returns for how long it has done so without a gap of more than `gap_micros`,
/// microseconds. Every worker notes it, and the row outlives them: workers that die young still sweep.
pub async fn note(database: &Database, gap_micros: i64) -> Result<i64, StoreError> {
    database
        .sql(
            "INSERT INTO contact (id, since, latest) VALUES (1, {now}, {now})
             ON CONFLICT (id) DO UPDATE SET
                 since = CASE WHEN contact.latest < {now} - $1 OR contact.latest > {now} + $1 THEN {now}
                     ELSE contact.since END,
                 latest = {now}
             RETURNING latest - since AS held",
        )
        .bind(gap_micros)
        .scalar(database.writer())
        .await
}
