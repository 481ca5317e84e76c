//! Submissions from the request to the verdicts, on the embedded default and on PostgreSQL + Redis.

mod bulk;
pub(crate) mod client;
mod events;
mod flow;
mod intake;
mod items;
mod lifecycle;
mod limits;
mod poison;

pub(crate) use client::fields;
