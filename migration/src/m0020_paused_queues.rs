//! Queues an operator paused.

crate::dialect::migration!(
    "m0020_paused_queues",
    up: &["CREATE TABLE paused_queues (name TEXT PRIMARY KEY, paused_at BIGINT NOT NULL) {clustered}"],
    down: &["DROP TABLE paused_queues"]
);
