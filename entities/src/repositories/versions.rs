//! Versions that say "look again": policy (ignore lists), feeds, and custom kinds.

use sea_orm::ConnectionTrait;

use crate::{Database, StoreError};

/// What workers hold compiled in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Versions {
    /// Ignore lists and their entries.
    pub policy: i64,
    /// Feeds and their generations.
    pub feeds: i64,
}

impl Versions {
    /// One number that grows with either: what a chunk was screened with.
    pub fn combined(self) -> i64 {
        self.policy + self.feeds
    }
}

/// The present versions.
pub async fn current(database: &Database) -> Result<Versions, StoreError> {
    let rows = database
        .sql("SELECT name, version FROM versions")
        .all(database.reader(), |row| {
            Ok((row.try_get::<String>("", "name")?, row.try_get::<i64>("", "version")?))
        })
        .await?;
    let of = |name: &str| rows.iter().find(|(of, _)| of == name).map_or(0, |(_, version)| *version);
    Ok(Versions { policy: of("policy"), feeds: of("feeds") })
}

/// The present version of the custom kinds, which workers do not hold compiled.
pub async fn of_kinds(database: &Database) -> Result<i64, StoreError> {
    database.sql("SELECT version FROM versions WHERE name = 'kinds'").scalar(database.reader()).await
}

/// Moves a version on, in the transaction that changed what it stands for.
pub(crate) async fn bump(
    database: &Database,
    on: &impl ConnectionTrait,
    name: &str,
) -> Result<(), StoreError> {
    database.sql("UPDATE versions SET version = version + 1 WHERE name = $1").bind(name).run(on).await?;
    Ok(())
}
