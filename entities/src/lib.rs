//! Rows and the verbs on them: the only crate that speaks SeaORM, so that no query can stand in a handler or a job.
//!
//! [`domain`] is the vocabulary. [`tables`] holds one row type per file, [`repositories`] the verbs, one file per
//! aggregate. Instants are microseconds since 1970 by the database's clock ([`clock`]).

pub use aggregator_domain as domain;

pub mod clock;
pub mod database;
pub mod error;
pub mod ids;
pub mod payload;
pub mod repositories;
mod sql;
pub mod tables;

pub use database::Database;
pub use error::StoreError;
