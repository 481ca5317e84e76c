//! Since when somebody has reached the database without a gap: what a sweep waits for after an outage. One row, which outlives
//! every process.

crate::dialect::migration!(
    "m0006_contact",
    up: &[
        "CREATE TABLE contact (
            id SMALLINT PRIMARY KEY,
            since BIGINT NOT NULL,
            latest BIGINT NOT NULL
        )",
    ],
    down: &["DROP TABLE contact"]
);
