//! What an operator looks at, on the embedded default and on PostgreSQL + Redis.

mod metrics;
mod queues;
