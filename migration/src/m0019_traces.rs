//! The trace a submission belongs to, where it belongs to one: 55 characters a submission, and nothing on chunks and lookups.

crate::dialect::migration!(
    "m0019_traces",
    up: &["ALTER TABLE submissions ADD COLUMN traceparent TEXT"],
    down: &["ALTER TABLE submissions DROP COLUMN traceparent"]
);
