//! What is known: indicators and the findings about them.

crate::dialect::migration!(
    "m0002_knowledge",
    up: &[
        "CREATE TABLE indicators (
            id {hash} PRIMARY KEY,
            kind SMALLINT NOT NULL,
            value TEXT NOT NULL,
            first_seen_at BIGINT NOT NULL
        ) {clustered}",
        // A btree refuses values over 2.7 kB, so the text searches look at the first or last 64 characters. SQLite, the
        // embedded default, scans instead: its inserts would halve (docs/adr/0002-hot-schema.md).
        "postgres:CREATE INDEX indicators_prefix ON indicators (left(value, 64) text_pattern_ops)",
        "postgres:CREATE INDEX indicators_suffix ON indicators (left(reverse(value), 64) text_pattern_ops)
            WHERE kind IN (5, 7)",
        "CREATE TABLE findings (
            indicator_id {hash} NOT NULL,
            source_id BIGINT NOT NULL,
            version INTEGER NOT NULL,
            outcome SMALLINT NOT NULL,
            stance SMALLINT NOT NULL,
            confidence SMALLINT NOT NULL,
            summary TEXT NOT NULL,
            data TEXT,
            data_hash BIGINT NOT NULL,
            generation_id BIGINT,
            found_at BIGINT NOT NULL,
            checked_at BIGINT NOT NULL,
            expires_at BIGINT,
            superseded_at BIGINT,
            PRIMARY KEY (indicator_id, source_id, version)
        ) {clustered}",
        "CREATE INDEX findings_of_source ON findings (source_id, indicator_id) WHERE superseded_at IS NULL",
    ],
    down: &["DROP TABLE findings", "DROP TABLE indicators"]
);
