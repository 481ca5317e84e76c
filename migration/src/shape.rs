//! The shape a database has, read without changing anything: no table is made, no file.

use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, Statement};
use sea_orm_migration::{DbErr, MigratorTrait};

use crate::Migrator;

/// How the shape of a database compares to this version's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// It is this version's.
    Current,
    /// So many migrations are missing.
    Older(usize),
    /// A newer version changed it: these migrations are not known here.
    Newer(Vec<String>),
}

/// Reads which migrations a database has.
pub async fn shape<C: ConnectionTrait>(database: &C) -> Result<Shape, DbErr> {
    let known: Vec<String> =
        Migrator::migrations().iter().map(|migration| migration.name().to_owned()).collect();
    let applied = applied(database).await?;
    let newer: Vec<String> = applied.iter().filter(|name| !known.contains(name)).cloned().collect();
    let missing = known.iter().filter(|name| !applied.contains(name)).count();
    Ok(match (newer.is_empty(), missing) {
        (false, _) => Shape::Newer(newer),
        (true, 0) => Shape::Current,
        (true, missing) => Shape::Older(missing),
    })
}

async fn applied<C: ConnectionTrait>(database: &C) -> Result<Vec<String>, DbErr> {
    // Named by SeaORM; made with the first migration.
    const TABLE: &str = "seaql_migrations";
    let read = format!("SELECT version FROM {TABLE} ORDER BY version");
    let backend = database.get_database_backend();
    let there = match backend {
        DbBackend::Sqlite => {
            format!("SELECT name FROM sqlite_master WHERE type = 'table' AND name = '{TABLE}'")
        }
        _ => {
            format!("SELECT CAST(c.oid AS TEXT) AS name FROM pg_class c WHERE c.oid = to_regclass('{TABLE}')")
        }
    };
    if database.query_one_raw(Statement::from_string(backend, there)).await?.is_none() {
        return Ok(Vec::new());
    }
    let rows = database.query_all_raw(Statement::from_string(backend, read)).await?;
    rows.iter().map(|row| row.try_get::<String>("", "version")).collect()
}
