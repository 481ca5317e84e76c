//! What runs beside the items: tasks and the workers that are alive.

crate::dialect::migration!(
    "m0005_operations",
    up: &[
        "CREATE TABLE tasks (
            id {serial},
            kind TEXT NOT NULL,
            unique_key TEXT NOT NULL UNIQUE,
            payload TEXT NOT NULL,
            state SMALLINT NOT NULL,
            not_before BIGINT NOT NULL,
            offered_until BIGINT,
            attempt INTEGER NOT NULL DEFAULT 0,
            lost INTEGER NOT NULL DEFAULT 0,
            leased_by TEXT,
            lease_until BIGINT,
            created_at BIGINT NOT NULL,
            finished_at BIGINT,
            reason TEXT
        )",
        "CREATE INDEX tasks_due ON tasks (not_before, id) WHERE state = 1",
        "CREATE INDEX tasks_in_flight ON tasks (state) WHERE state IN (2, 3)",
        "CREATE INDEX tasks_finished ON tasks (finished_at) WHERE finished_at IS NOT NULL",
        "CREATE TABLE workers (
            name TEXT PRIMARY KEY,
            version TEXT NOT NULL,
            slots INTEGER NOT NULL,
            started_at BIGINT NOT NULL,
            seen_at BIGINT NOT NULL,
            running INTEGER NOT NULL DEFAULT 0,
            finished BIGINT NOT NULL DEFAULT 0,
            stale_refused BIGINT NOT NULL DEFAULT 0
        )",
    ],
    down: &["DROP TABLE workers", "DROP TABLE tasks"]
);
