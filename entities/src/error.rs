//! What can go wrong with rows, as decisions a caller can take.

use sea_orm::{DbErr, RuntimeErr};

/// A failed verb.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be reached or is shutting down: wait and try again; nothing was changed.
    #[error("the database cannot be reached: {0}")]
    Unavailable(String),
    /// Two transactions met: try again at once, a bounded number of times.
    #[error("two transactions met: {0}")]
    Contention(String),
    /// The disk is full: make room; nothing was changed.
    #[error("the database's disk is full: {0}")]
    Full(String),
    /// A unique key exists already.
    #[error("already there: {0}")]
    Duplicate(String),
    /// What it builds on was removed meanwhile.
    #[error("{0}")]
    Gone(String),
    /// A row holds what this version cannot read.
    #[error("a row cannot be read: {0}")]
    Corrupt(String),
    /// Anything else: a bug or a schema that does not match.
    #[error("{0}")]
    Other(String),
}

impl StoreError {
    /// True when the same call may succeed later.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Contention(_) | Self::Full(_))
    }
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        match error {
            DbErr::Conn(RuntimeErr::SqlxError(cause))
            | DbErr::Exec(RuntimeErr::SqlxError(cause))
            | DbErr::Query(RuntimeErr::SqlxError(cause)) => Self::of_sqlx(&cause),
            DbErr::Conn(_) | DbErr::ConnectionAcquire(_) => Self::Unavailable(error.to_string()),
            DbErr::Type(_) | DbErr::TryIntoErr { .. } | DbErr::Json(_) => Self::Corrupt(error.to_string()),
            _ => Self::Other(error.to_string()),
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        Self::of_sqlx(&error)
    }
}

impl StoreError {
    fn of_sqlx(error: &sqlx::Error) -> Self {
        let text = error.to_string();
        match error {
            sqlx::Error::Io(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_) => Self::Unavailable(text),
            sqlx::Error::Database(inner) => Self::of_code(inner.code().as_deref().unwrap_or_default(), text),
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => Self::Corrupt(text),
            _ => Self::Other(text),
        }
    }

    /// PostgreSQL SQLSTATE (appendix A) or SQLite extended result code (sqlite.org/rescode.html).
    fn of_code(code: &str, text: String) -> Self {
        match code {
            "40001" | "40P01" | "55P03" | "5" | "6" | "517" | "261" | "773" => Self::Contention(text),
            "53100" | "53200" | "13" | "778" | "1034" => Self::Full(text),
            "23505" | "1555" | "2067" => Self::Duplicate(text),
            // 25P03: the server ended a transaction that stood still (`database::STANDSTILL`).
            _ if code.starts_with("08") || code.starts_with("57P") || code == "53300" || code == "25P03" => {
                Self::Unavailable(text)
            }
            _ => Self::Other(text),
        }
    }
}
