//! A fresh, migrated database per test.

use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};

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

    /// The rows of a table: for what no door of the product shows, such as what must *not* have stayed behind.
    ///
    /// # Panics
    /// Where the table is not there.
    pub async fn count(&self, table: &str) -> i64 {
        let statement = AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}"));
        let counted = if self.is_postgres() {
            let mut connection = PgConnection::connect(self.url()).await.expect("PostgreSQL answers");
            sqlx::query_scalar(statement).fetch_one(&mut connection).await
        } else {
            let mut connection = SqliteConnection::connect(self.url()).await.expect("SQLite opens its file");
            sqlx::query_scalar(statement).fetch_one(&mut connection).await
        };
        counted.expect("the table is there")
    }

    /// Runs a statement: for rows no door of the product makes.
    pub async fn execute(&self, statement: &str) {
        let statement = sqlx::raw_sql(AssertSqlSafe(statement.to_owned()));
        if self.is_postgres() {
            let mut connection = PgConnection::connect(self.url()).await.expect("PostgreSQL answers");
            statement.execute(&mut connection).await.expect("the statement runs");
        } else {
            let mut connection = SqliteConnection::connect(self.url()).await.expect("SQLite opens its file");
            statement.execute(&mut connection).await.expect("the statement runs");
        }
    }

    /// True on PostgreSQL, false on SQLite.
    pub fn is_postgres(&self) -> bool {
        matches!(self.place, Place::Postgres(_))
    }
}
