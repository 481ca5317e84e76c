//! The connection to the rows: PostgreSQL, or an SQLite file for the embedded default.

mod nodelay;

use std::time::Duration;

use sea_orm::sqlx::{postgres, sqlite};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, SqliteTransactionMode,
    SqlxPostgresConnector, SqlxSqliteConnector, TransactionOptions, TransactionTrait,
};
use sqlx::Executor;

use crate::StoreError;
use crate::sql::Sql;

/// How long a caller waits for a connection before the database counts as unreachable.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// A process that is stopped in the middle of a transaction must not hold its locks for as long as it sleeps: the server
/// ends the transaction, and the process finds out when it goes on. Ours never wait for anything but the server.
///
/// And no statement of ours is worth being compiled: where [`BY_KEY`] leaves but one way, its price looks so high that
/// PostgreSQL would compile a look at five rows, for 140 ms each time. Nor is one worth a second process: starting it takes longer
/// than a page may, and others wait for the core.
const SESSION: &str =
    "SET idle_in_transaction_session_timeout = '10s'; SET jit = off; SET max_parallel_workers_per_gather = 0";

/// The rows. Cheap to clone.
///
/// On SQLite there is one writing connection (`BEGIN IMMEDIATE`, WAL, synchronous NORMAL) and a pool of readers; on
/// PostgreSQL both are the same pool.
#[derive(Debug, Clone)]
pub struct Database {
    reader: DatabaseConnection,
    writer: DatabaseConnection,
    backend: DbBackend,
}

/// The connections of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pool {
    /// Connections there may be.
    pub most: u32,
    /// Connections there are.
    pub open: u32,
    /// Of those, the ones nobody uses.
    pub idle: u32,
}

impl Pool {
    fn of(most: u32, open: u32, idle: usize) -> Self {
        // The two counts are taken one after the other.
        Self { most, open, idle: u32::try_from(idle).unwrap_or(u32::MAX).min(open) }
    }

    /// Connections in use.
    pub const fn used(&self) -> u32 {
        self.open.saturating_sub(self.idle)
    }

    /// Connections that may still be opened.
    pub const fn free(&self) -> u32 {
        self.most.saturating_sub(self.open)
    }
}

/// Whether a commit waits until it is on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wait {
    /// As is usual: what was answered is kept.
    ForTheDisk,
    /// What a crash would lose is done again: an offer, a claim.
    Not,
}

/// Leaves PostgreSQL nothing but looks by key, until the transaction ends. Bitmaps and materialised tables are how it would
/// read a whole partial index, all lookups in flight or all unfinished items, to join it with a handful of keys.
pub(crate) const BY_KEY: &str =
    "SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_material = off;
     SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off";

impl Database {
    /// Connects to `postgres://…` or `sqlite://path` (the file is made when absent), with at most `connections`
    /// connections. Runs no migration.
    pub async fn connect(url: &str, connections: u32) -> Result<Self, StoreError> {
        if url.starts_with("sqlite:") {
            Self::connect_sqlite(url, connections).await
        } else {
            Self::connect_postgres(url, connections).await
        }
    }

    /// Connects to look and to change nothing: an SQLite file that is not there is not made, and `None`.
    pub async fn look(url: &str) -> Result<Option<Self>, StoreError> {
        if !url.starts_with("sqlite:") {
            return Self::connect_postgres(url, 1).await.map(Some);
        }
        let options: sqlite::SqliteConnectOptions = url.parse()?;
        if !options.get_filename().exists() {
            return Ok(None);
        }
        let options =
            options.create_if_missing(false).busy_timeout(ACQUIRE_TIMEOUT).pragma("query_only", "on");
        let pool = sqlite::SqlitePoolOptions::new().max_connections(1).connect_with(options).await?;
        let reader = SqlxSqliteConnector::from_sqlx_sqlite_pool(pool);
        Ok(Some(Self { writer: reader.clone(), reader, backend: DbBackend::Sqlite }))
    }

    async fn connect_postgres(url: &str, connections: u32) -> Result<Self, StoreError> {
        let options: postgres::PgConnectOptions = url.parse()?;
        let port = options.get_port();
        let pool = postgres::PgPoolOptions::new()
            .after_connect(move |connection, _| {
                Box::pin(async move {
                    nodelay::set(port);
                    connection.execute(SESSION).await?;
                    Ok(())
                })
            })
            .max_connections(connections)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .connect_with(options.application_name("aggregator"))
            .await?;
        let writer = SqlxPostgresConnector::from_sqlx_postgres_pool(pool);
        Ok(Self { reader: writer.clone(), writer, backend: DbBackend::Postgres })
    }

    async fn connect_sqlite(url: &str, connections: u32) -> Result<Self, StoreError> {
        let options: sqlite::SqliteConnectOptions = url.parse()?;
        let options = options
            .create_if_missing(true)
            .journal_mode(sqlite::SqliteJournalMode::Wal)
            .synchronous(sqlite::SqliteSynchronous::Normal)
            .busy_timeout(ACQUIRE_TIMEOUT)
            .foreign_keys(true)
            .pragma("cache_size", "-32768")
            .pragma("temp_store", "memory")
            .pragma("wal_autocheckpoint", "4000");
        let pool = |size: u32| {
            sqlite::SqlitePoolOptions::new().max_connections(size).acquire_timeout(ACQUIRE_TIMEOUT * 6)
        };
        let writer = pool(1).connect_with(options.clone()).await?;
        let reader = pool(connections.max(1)).connect_with(options.pragma("query_only", "on")).await?;
        Ok(Self {
            reader: SqlxSqliteConnector::from_sqlx_sqlite_pool(reader),
            writer: SqlxSqliteConnector::from_sqlx_sqlite_pool(writer),
            backend: DbBackend::Sqlite,
        })
    }

    /// True on PostgreSQL, false on SQLite.
    pub fn is_postgres(&self) -> bool {
        self.backend == DbBackend::Postgres
    }

    /// For reads outside a transaction.
    pub(crate) fn reader(&self) -> &DatabaseConnection {
        &self.reader
    }

    /// For single-statement writes.
    pub(crate) fn writer(&self) -> &DatabaseConnection {
        &self.writer
    }

    /// The connection migrations run on.
    pub fn migrations(&self) -> &DatabaseConnection {
        &self.writer
    }

    /// Starts a writing transaction.
    pub(crate) async fn begin(&self) -> Result<DatabaseTransaction, StoreError> {
        let options = TransactionOptions {
            sqlite_transaction_mode: (!self.is_postgres()).then_some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        Ok(self.writer.begin_with_options(options).await?)
    }

    /// Starts a writing transaction whose statements find rows by their indexes.
    ///
    /// Right after a bulk submission PostgreSQL has no statistics of tables that just grew by a million rows, takes them for
    /// small, and reads them whole to join them with a handful of keys: a second each, where a look by index takes
    /// microseconds. SQLite always joins by index.
    pub(crate) async fn begin_by_key(&self, wait: Wait) -> Result<DatabaseTransaction, StoreError> {
        let transaction = self.begin().await?;
        if self.is_postgres() {
            let commit = if wait == Wait::Not { "; SET LOCAL synchronous_commit = off" } else { "" };
            transaction.execute_unprepared(&format!("{BY_KEY}{commit}")).await?;
        }
        Ok(transaction)
    }

    /// A statement in this database's dialect; see [`Sql`].
    pub(crate) fn sql(&self, text: &str) -> Sql {
        Sql::new(self.backend, text)
    }

    /// Copies the whole SQLite database, consistently and while it is in use, into a new file. PostgreSQL has `pg_dump`.
    pub async fn backup_to(&self, file: &std::path::Path) -> Result<(), StoreError> {
        let file = file.to_string_lossy().into_owned();
        self.sql("VACUUM INTO $1").bind(file).run(self.writer()).await?;
        Ok(())
    }

    /// How many connections are open.
    pub fn pool(&self) -> Pool {
        if self.is_postgres() {
            let pool = self.writer.get_postgres_connection_pool();
            Pool::of(pool.options().get_max_connections(), pool.size(), pool.num_idle())
        } else {
            let (reader, writer) =
                (self.reader.get_sqlite_connection_pool(), self.writer.get_sqlite_connection_pool());
            let most = reader.options().get_max_connections() + writer.options().get_max_connections();
            Pool::of(most, reader.size() + writer.size(), reader.num_idle() + writer.num_idle())
        }
    }

    /// Answers whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        Ok(self.writer.ping().await?)
    }

    /// Closes every connection; on SQLite this also folds the write-ahead log into the file.
    pub async fn close(self) -> Result<(), StoreError> {
        if !self.is_postgres() {
            self.reader.close().await?;
        }
        Ok(self.writer.close().await?)
    }
}
