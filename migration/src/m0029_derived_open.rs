//! Derived chunks that are not screened yet, whose items count as visited; and cancelled submissions that are not closed, which a
//! sweep looks for every minute.

crate::dialect::migration!(
    "m0029_derived_open",
    up: &[
        "CREATE INDEX chunks_derived_open ON chunks (submission_id) WHERE depth > 0 AND payload IS NOT NULL",
        "CREATE INDEX submissions_half_cancelled ON submissions (id) WHERE state = 4 AND outstanding > 0",
    ],
    down: &["DROP INDEX submissions_half_cancelled", "DROP INDEX chunks_derived_open"]
);
