//! Which trace a unit of work belongs to: that of the request its submission came with. Asked only where traces are sent.

use crate::{Database, StoreError};

/// The `traceparent` of each of these chunks whose submission is traced.
pub async fn of_chunks(database: &Database, ids: &[i64]) -> Result<Vec<(i64, String)>, StoreError> {
    of(database, "chunks", ids).await
}

/// The `traceparent` of each of these lookups whose submission is traced.
pub async fn of_lookups(database: &Database, ids: &[i64]) -> Result<Vec<(i64, String)>, StoreError> {
    of(database, "lookups", ids).await
}

async fn of(database: &Database, table: &str, ids: &[i64]) -> Result<Vec<(i64, String)>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let all: Vec<Option<(i64, String)>> = database
        .sql(&format!(
            // Each a look by key, whatever the planner believes about tables that have just been filled.
            "SELECT u.id, (SELECT s.traceparent FROM submissions s WHERE s.id = u.submission_id) AS traceparent
             FROM {table} u WHERE u.id {{in $1}}"
        ))
        .ids(ids.iter().copied())
        .all(database.reader(), |row| {
            let id = row.try_get("", "id")?;
            Ok(row.try_get::<Option<String>>("", "traceparent")?.map(|trace| (id, trace)))
        })
        .await?;
    Ok(all.into_iter().flatten().collect())
}
