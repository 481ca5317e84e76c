//! Test kit: real data, a fresh database per test, a Redis prefix per test. Development only.
//!
//! Everything here talks to real servers. Where one is missing, a test fails with the command that starts it; only
//! absent test *data* is skipped, and that loudly. Errors are panics: a test has nobody to hand them to.
#![expect(
    clippy::expect_used,
    reason = "development only: a panic is how a test says that its ground is missing"
)]

mod background;
pub mod collector;
pub mod data;
pub mod database;
pub mod fate;
mod postgres;
pub mod redis_prefix;
pub mod services;
mod sqlite;
pub mod upstream;

pub use collector::{Collected, Collector};
pub use data::{data_dir, data_file};
pub use database::TestDatabase;
pub use fate::Fate;
pub use redis_prefix::{Pushed, RedisPrefix};
pub use services::{postgres_url, redis_url};
pub use upstream::{Reply, Upstream};
