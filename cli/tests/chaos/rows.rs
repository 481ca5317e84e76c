//! Looking at the rows behind the product's back: counts and ids, never a write.

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, Connection, Row};
use tokio::runtime::{Builder, Runtime};

/// A look lasts at most so long; an unreachable server is an answer, too.
const LOOK_LIMIT: Duration = Duration::from_secs(30);

/// A connection that is opened when needed and again after every failure.
pub(crate) struct Rows {
    runtime: Runtime,
    url: String,
    connection: Option<Eye>,
}

enum Eye {
    Postgres(PgConnection),
    Sqlite(SqliteConnection),
}

/// Why a look failed.
#[derive(Debug)]
pub(crate) struct Blind(String);

impl From<sqlx::Error> for Blind {
    fn from(error: sqlx::Error) -> Self {
        Self(error.to_string())
    }
}

impl Rows {
    /// Rows at a `DATABASE_URL`.
    pub(crate) fn new(url: String) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime can be made");
        Self { runtime, url, connection: None }
    }

    /// Rows of numbers; every column is `BIGINT` and not null. A connection that broke since the last look is opened again.
    pub(crate) fn try_numbers(&mut self, query: &str) -> Result<Vec<Vec<i64>>, Blind> {
        let was_open = self.connection.is_some();
        match self.look(query) {
            Err(_) if was_open => self.look(query),
            answer => answer,
        }
    }

    fn look(&mut self, query: &str) -> Result<Vec<Vec<i64>>, Blind> {
        let Self { runtime, url, connection } = self;
        let looked = runtime.block_on(async {
            let look = async {
                let eye = match connection.take() {
                    Some(eye) => eye,
                    None => Eye::open(url).await?,
                };
                let (eye, numbers) = eye.look(query).await?;
                *connection = Some(eye);
                Ok(numbers)
            };
            tokio::time::timeout(LOOK_LIMIT, look).await
        });
        looked.unwrap_or_else(|_elapsed| Err(Blind(format!("no answer within {LOOK_LIMIT:?}"))))
    }

    /// The same; the test fails when they cannot be read.
    #[track_caller]
    pub(crate) fn numbers(&mut self, query: &str) -> Vec<Vec<i64>> {
        match self.try_numbers(query) {
            Ok(rows) => rows,
            Err(Blind(error)) => panic!("`{query}` failed: {error}"),
        }
    }

    /// The first column.
    #[track_caller]
    pub(crate) fn column(&mut self, query: &str) -> Vec<i64> {
        self.numbers(query).into_iter().map(|row| row[0]).collect()
    }

    /// The only number.
    #[track_caller]
    pub(crate) fn number(&mut self, query: &str) -> i64 {
        self.numbers(query)[0][0]
    }

    /// The database's clock, microseconds since 1970.
    #[track_caller]
    pub(crate) fn now(&mut self) -> i64 {
        if self.url.starts_with("sqlite") {
            // The embedded product's instants come from the process clock, which is this machine's.
            self.number("SELECT CAST(unixepoch('subsec') * 1000000 AS BIGINT)")
        } else {
            self.number("SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)")
        }
    }
}

impl Eye {
    async fn open(url: &str) -> Result<Self, Blind> {
        if url.starts_with("sqlite") {
            let options: SqliteConnectOptions = url.parse()?;
            let options = options.busy_timeout(LOOK_LIMIT / 2).pragma("query_only", "on");
            Ok(Self::Sqlite(SqliteConnection::connect_with(&options).await?))
        } else {
            let options: PgConnectOptions = url.parse()?;
            Ok(Self::Postgres(PgConnection::connect_with(&options).await?))
        }
    }

    async fn look(mut self, query: &str) -> Result<(Self, Vec<Vec<i64>>), Blind> {
        let statement = sqlx::raw_sql(AssertSqlSafe(query.to_owned()));
        let numbers = match &mut self {
            Self::Postgres(connection) => {
                let rows = statement.fetch_all(connection).await?;
                rows.iter()
                    .map(|row| numbers(row.len(), |at| row.try_get_unchecked(at)))
                    .collect::<Result<_, _>>()
            }
            Self::Sqlite(connection) => {
                let rows = statement.fetch_all(connection).await?;
                rows.iter()
                    .map(|row| numbers(row.len(), |at| row.try_get_unchecked(at)))
                    .collect::<Result<_, _>>()
            }
        }?;
        Ok((self, numbers))
    }
}

fn numbers(length: usize, get: impl Fn(usize) -> Result<i64, sqlx::Error>) -> Result<Vec<i64>, sqlx::Error> {
    (0..length).map(get).collect()
}
