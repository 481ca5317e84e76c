//! Of a prune, of a refresh of one feed and of one test of a source at most one is open: a queue that is held back for a day
//! must not pile them up. And what a task is about that has no row of its own.

crate::dialect::migration!(
    "m0025_open_tasks",
    up: &[
        "ALTER TABLE tasks ADD COLUMN subject TEXT",
        // What piled up already is cancelled but for the first: whichever of them runs does it.
        "UPDATE tasks SET state = 8, finished_at = created_at, leased_by = NULL, lease_until = NULL, offered_until = NULL,
             reason = 'the same was open already'
         WHERE state IN (1, 2, 3) AND kind IN ('prune', 'refresh_feed', 'test_source')
           AND id NOT IN (SELECT MIN(o.id) FROM tasks o WHERE o.state IN (1, 2, 3) GROUP BY o.kind, o.payload)",
        "CREATE UNIQUE INDEX tasks_open ON tasks (kind, payload)
         WHERE state IN (1, 2, 3) AND kind IN ('prune', 'refresh_feed', 'test_source')",
    ],
    down: &["DROP INDEX tasks_open", "ALTER TABLE tasks DROP COLUMN subject"]
);
