//! Which submissions have chunks that were sent and are not screened yet: what was derived waits for them.

crate::dialect::migration!(
    "m0028_sent_open",
    up: &["CREATE INDEX chunks_sent_open ON chunks (submission_id) WHERE depth = 0 AND state < 6"],
    down: &["DROP INDEX chunks_sent_open"]
);
