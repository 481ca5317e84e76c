//! Playbooks: named choices of sources and limits that a submission runs.

use crate::{Database, StoreError};

/// True when there is a playbook with this slug.
pub async fn exists(database: &Database, slug: &str) -> Result<bool, StoreError> {
    let count: i64 = database
        .sql("SELECT COUNT(*) FROM playbooks WHERE slug = $1")
        .bind(slug)
        .scalar(database.reader())
        .await?;
    Ok(count > 0)
}
