//! What an operator looks at, on the embedded default and on PostgreSQL + Redis.

mod cache_share;
mod cancel;
mod lookups;
mod metrics;
mod queues;
mod stats;
mod work;
