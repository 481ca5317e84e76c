//! The handlers, one file for each resource.

pub(crate) mod dead_letters;
pub(crate) mod detect;
pub(crate) mod docs;
pub(crate) mod document;
pub(crate) mod extract;
pub(crate) mod feeds;
pub(crate) mod health;
pub(crate) mod ignore_lists;
pub(crate) mod indicators;
pub(crate) mod kinds;
pub(crate) mod lookups;
pub(crate) mod metrics;
pub(crate) mod playbooks;
pub(crate) mod problems;
pub(crate) mod providers;
pub(crate) mod queues;
pub(crate) mod settings;
pub(crate) mod sources;
pub(crate) mod stats;
pub(crate) mod submissions;
pub(crate) mod tasks;
pub(crate) mod workers;
