//! How much each item that was sent has led to: its own budget.

crate::dialect::migration!(
    "m0023_roots",
    up: &["CREATE TABLE derivations (
            submission_id BIGINT NOT NULL,
            root INTEGER NOT NULL,
            derived INTEGER NOT NULL,
            PRIMARY KEY (submission_id, root)
        ) {clustered}"],
    down: &["DROP TABLE derivations"]
);
