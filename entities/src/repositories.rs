//! The verbs on rows, one file per aggregate. Each says intent, not SQL.

pub mod contact;
pub mod feeds;
pub mod findings;
pub mod idempotency;
pub mod ignore_lists;
pub mod indicators;
pub mod intake;
pub mod items;
pub mod listing;
pub mod lookups;
pub mod playbooks;
pub mod providers;
pub mod queues;
pub mod relations;
pub mod screening;
pub mod sources;
pub mod stats;
pub mod submissions;
pub mod tasks;
pub mod units;
pub mod versions;
pub mod workers;
