//! One statement for two dialects.
//!
//! Placeholders are `$1 …` on both. These words are replaced: `{now}` the database's instant, `{skip_locked}`, `{for_update}`
//! and `{for_key_share}` row locks (SQLite has one writer and needs none), `{bytewise}` the order of bytes for a text,
//! `{in $n}` membership of a list bound with [`Sql::ids`], `{among $n}` of identities bound with [`Sql::hashes`], `{rows $n (…)}` a table bound with [`Sql::rows`]. No user text
//! ever becomes part of a statement.

use aggregator_domain::IndicatorId;
use sea_orm::sea_query::ArrayType;
use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement, TryGetable, Value};

use crate::database::Wait;
use crate::{Database, StoreError};

/// A statement being put together.
#[derive(Debug)]
pub(crate) struct Sql {
    backend: DbBackend,
    text: String,
    values: Vec<Value>,
}

impl Sql {
    pub(crate) fn new(backend: DbBackend, text: &str) -> Self {
        let postgres = backend == DbBackend::Postgres;
        let word = |on_postgres: &'static str, on_sqlite: &'static str| {
            if postgres { on_postgres } else { on_sqlite }
        };
        let mut text = text
            .replace(
                "{now}",
                word(
                    "(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::bigint",
                    "CAST(unixepoch('subsec') * 1000000 AS INTEGER)",
                ),
            )
            .replace("{skip_locked}", word("FOR UPDATE SKIP LOCKED", ""))
            .replace("{for_update}", word("FOR UPDATE", ""))
            .replace("{for_key_share}", word("FOR KEY SHARE", ""))
            .replace("{bytewise}", word("COLLATE \"C\"", ""));
        for n in 1..=9 {
            let list = if postgres {
                format!("= ANY(${n})")
            } else {
                format!("IN (SELECT value FROM json_each(${n}))")
            };
            text = text.replace(&format!("{{in ${n}}}"), &list);
            let hashes = if postgres {
                format!("= ANY(${n})")
            } else {
                format!("IN (SELECT unhex(value) FROM json_each(${n}))")
            };
            text = text.replace(&format!("{{among ${n}}}"), &hashes);
        }
        Self { backend, text: with_rows(postgres, text), values: Vec::new() }
    }

    /// Binds the next placeholder.
    pub(crate) fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// Binds a list for `{in $n}`.
    pub(crate) fn ids(mut self, ids: impl IntoIterator<Item = i64>) -> Self {
        let value = if self.backend == DbBackend::Postgres {
            Value::Array(ArrayType::BigInt, Some(Box::new(ids.into_iter().map(Value::from).collect())))
        } else {
            Value::from(serde_json::Value::from_iter(ids).to_string())
        };
        self.values.push(value);
        self
    }

    /// Binds identities for `{among $n}`.
    pub(crate) fn hashes(mut self, ids: impl IntoIterator<Item = IndicatorId>) -> Self {
        let value = if self.backend == DbBackend::Postgres {
            let ids = ids.into_iter().map(|id| Value::from(uuid::Uuid::from_bytes(id.0))).collect();
            Value::Array(ArrayType::Uuid, Some(Box::new(ids)))
        } else {
            let ids: serde_json::Value = ids.into_iter().map(|id| id.to_string()).collect();
            Value::from(ids.to_string())
        };
        self.values.push(value);
        self
    }

    /// Binds rows for `{rows $n (…)}`: JSON objects whose fields have the columns' names.
    pub(crate) fn rows(self, rows: &impl serde::Serialize) -> Result<Self, StoreError> {
        let rows = serde_json::to_string(rows).map_err(|error| StoreError::Other(error.to_string()))?;
        Ok(self.bind(rows))
    }

    fn statement(self) -> Statement {
        Statement::from_sql_and_values(self.backend, self.text, self.values)
    }

    /// Runs it; the number of rows it changed.
    pub(crate) async fn run(self, on: &impl ConnectionTrait) -> Result<u64, StoreError> {
        Ok(on.execute_raw(self.statement()).await?.rows_affected())
    }

    /// All rows, found by their keys whatever the planner of PostgreSQL believes; see [`Database::begin_by_key`].
    pub(crate) async fn all_by_key<T>(
        self,
        database: &Database,
        read: impl Fn(&QueryResult) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        if !database.is_postgres() {
            return self.all(database.reader(), read).await;
        }
        let transaction = database.begin_by_key(Wait::Not).await?;
        let rows = self.all(&transaction, read).await?;
        transaction.commit().await?;
        Ok(rows)
    }

    /// All rows, each made into a value.
    pub(crate) async fn all<T>(
        self,
        on: &impl ConnectionTrait,
        read: impl Fn(&QueryResult) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        on.query_all_raw(self.statement()).await?.iter().map(read).collect()
    }

    /// The first row, if any.
    pub(crate) async fn one<T>(
        self,
        on: &impl ConnectionTrait,
        read: impl Fn(&QueryResult) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        on.query_one_raw(self.statement()).await?.as_ref().map(read).transpose()
    }

    /// The first column of the only row.
    pub(crate) async fn scalar<T: TryGetable>(self, on: &impl ConnectionTrait) -> Result<T, StoreError> {
        let row = on.query_one_raw(self.statement()).await?;
        let row = row.ok_or_else(|| StoreError::Other("a statement gave no row".to_owned()))?;
        Ok(row.try_get_by_index(0)?)
    }
}

/// Replaces `{rows $n (name type, …)}` by a table of the JSON objects bound at `$n` ([`Sql::rows`]); types are `bigint`, `text`
/// and `hash` (32 hex digits).
fn with_rows(postgres: bool, mut text: String) -> String {
    while let Some(start) = text.find("{rows ") {
        let Some(length) = text[start..].find(")}") else { return text };
        let inner = &text[start + "{rows ".len()..=start + length];
        let (place, columns) = inner.split_once(' ').unwrap_or((inner, "()"));
        let columns =
            columns.trim_matches(['(', ')']).split(',').filter_map(|column| column.trim().split_once(' '));
        let table = if postgres {
            let columns: Vec<String> = columns
                .map(|(name, kind)| format!("{name} {}", if kind == "hash" { "uuid" } else { kind }))
                .collect();
            format!("jsonb_to_recordset(CAST({place} AS text)::jsonb) AS r ({})", columns.join(", "))
        } else {
            let columns: Vec<String> = columns
                .map(|(name, kind)| match kind {
                    "hash" => format!("unhex(value ->> '{name}') AS {name}"),
                    _ => format!("value ->> '{name}' AS {name}"),
                })
                .collect();
            format!("(SELECT {} FROM json_each({place})) AS r", columns.join(", "))
        };
        text.replace_range(start..start + length + 2, &table);
    }
    text
}

/// Reads a stored number as the type it stands for.
pub(crate) fn code<T>(
    row: &QueryResult,
    column: &str,
    from_code: impl Fn(u8) -> Option<T>,
) -> Result<T, StoreError> {
    let number: i16 = row.try_get("", column)?;
    u8::try_from(number)
        .ok()
        .and_then(from_code)
        .ok_or_else(|| StoreError::Corrupt(format!("{column} = {number} has no meaning")))
}
