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

    /// Runs a statement in a transaction that stays open, so that what it changed is locked: another writer in the middle of its
    /// commit.
    ///
    /// # Panics
    /// On SQLite, which has one writer.
    pub async fn hold(&self, statement: &str) -> Held {
        assert!(self.is_postgres(), "SQLite has one writer");
        let mut connection = PgConnection::connect(self.url()).await.expect("PostgreSQL answers");
        let statement = AssertSqlSafe(format!("BEGIN; {statement}"));
        sqlx::raw_sql(statement).execute(&mut connection).await.expect("the statement runs");
        Held { connection }
    }

    /// True on PostgreSQL, false on SQLite.
    pub fn is_postgres(&self) -> bool {
        matches!(self.place, Place::Postgres(_))
    }
}

/// A transaction of [`TestDatabase::hold`]; dropping it takes back what it changed.
#[derive(Debug)]
pub struct Held {
    connection: PgConnection,
}

impl Held {
    /// Waits until somebody waits for what is held, and commits.
    ///
    /// # Panics
    /// Where PostgreSQL does not answer.
    pub async fn commit_once_awaited(mut self) {
        let awaited = "SELECT EXISTS (SELECT 1 FROM pg_locks
             WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))";
        while !sqlx::query_scalar::<_, bool>(awaited)
            .fetch_one(&mut self.connection)
            .await
            .expect("PostgreSQL answers")
        {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        sqlx::raw_sql("COMMIT").execute(&mut self.connection).await.expect("it commits");
    }
}
