//! Remote sources through the queues, on the embedded default and on PostgreSQL + Redis.

mod answers;
mod breaker;
mod derived;
pub(crate) mod double;
mod flow;
mod meetings;
mod pauses;
mod private;
mod regressions;
mod slots;
pub(crate) mod upstream;
