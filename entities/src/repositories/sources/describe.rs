//! What the program that brings a remote source says of it.

use aggregator_domain::Kind;
use sea_orm::DatabaseTransaction;

use crate::ids::SourceId;
use crate::{Database, StoreError};

/// What a source is; no operator changes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// Kinds it takes.
    pub kinds: Vec<Kind>,
    /// True when asking it tells the owner of the indicator.
    pub active: bool,
    /// True when it needs no credential.
    pub keyless: bool,
    /// True when it can be asked at another place: a mirror.
    pub movable: bool,
}

/// Stores what a source of the program is, and so every one made after it, where that is not stored already.
pub(super) async fn describe(
    database: &Database,
    on: &DatabaseTransaction,
    (id, slug, described): (SourceId, &str, &Described),
) -> Result<(), StoreError> {
    let kinds =
        serde_json::to_string(&described.kinds).map_err(|error| StoreError::Other(error.to_string()))?;
    database
        .sql(
            "UPDATE sources SET kinds = $2, active = $3, keyless = $4, movable = $5
             WHERE (id = $1 AND adapter IS NULL OR adapter = $6)
             AND (kinds IS NULL OR kinds <> $2 OR active <> $3 OR keyless <> $4 OR movable <> $5)",
        )
        .bind(id.0)
        .bind(kinds)
        .bind(described.active)
        .bind(described.keyless)
        .bind(described.movable)
        .bind(slug)
        .run(on)
        .await?;
    Ok(())
}
