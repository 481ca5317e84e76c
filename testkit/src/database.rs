//! A fresh, migrated database per test.

use crate::{postgres, sqlite};

/// One test's own database, migrated and empty, on PostgreSQL or SQLite. Connecting is the caller's; dropping this
/// removes it (open connections are cut).
#[derive(Debug)]
pub struct TestDatabase {
    place: Place,
}

#[derive(Debug)]
enum Place {
    Postgres(postgres::Copy),
    Sqlite(sqlite::Copy),
}

impl TestDatabase {
    /// A database on the test server ([`crate::postgres_url`]), copied from this run's template.
    ///
    /// # Panics
    /// Where the server does not answer, with what to do.
    pub async fn postgres() -> Self {
        Self { place: Place::Postgres(postgres::Copy::make().await) }
    }

    /// A file in a temporary folder, copied from this run's template.
    pub async fn sqlite() -> Self {
        Self { place: Place::Sqlite(sqlite::Copy::make().await) }
    }

    /// One of each: what a repository's test runs on.
    pub async fn both() -> [Self; 2] {
        [Self::postgres().await, Self::sqlite().await]
    }

    /// `postgres://…` or `sqlite://path`: a `DATABASE_URL`.
    pub fn url(&self) -> &str {
        match &self.place {
            Place::Postgres(copy) => copy.url(),
            Place::Sqlite(copy) => copy.url(),
        }
    }

    /// True on PostgreSQL, false on SQLite.
    pub fn is_postgres(&self) -> bool {
        matches!(self.place, Place::Postgres(_))
    }
}
