//! Remote sources through the queues, on the embedded default and on PostgreSQL + Redis.

pub(crate) mod double;
mod flow;
mod regressions;
mod slots;
mod upstream;
