//! Submissions, their chunks, items, contexts and rejects, and the idempotency keys that guard them.
//!
//! Hot tables: no foreign keys, lean indexes, clustered keys on SQLite (docs/adr/0002-hot-schema.md). Instants are
//! microseconds since 1970. States and kinds are the numbers of `aggregator-domain`.

crate::dialect::migration!(
    "m0001_submissions",
    up: &[
        "CREATE TABLE submissions (
            id {serial},
            state SMALLINT NOT NULL,
            label TEXT,
            tlp SMALLINT NOT NULL,
            playbook TEXT NOT NULL,
            interactive BOOLEAN NOT NULL,
            format TEXT NOT NULL,
            rerun_of BIGINT,
            created_at BIGINT NOT NULL,
            touched_at BIGINT NOT NULL,
            sealed_at BIGINT,
            finished_at BIGINT,
            deleted_at BIGINT,
            lines BIGINT NOT NULL DEFAULT 0,
            rejected BIGINT NOT NULL DEFAULT 0,
            contexts BIGINT NOT NULL DEFAULT 0,
            total BIGINT NOT NULL DEFAULT 0,
            outstanding BIGINT NOT NULL DEFAULT 0,
            done BIGINT NOT NULL DEFAULT 0,
            cancelled BIGINT NOT NULL DEFAULT 0,
            malicious BIGINT NOT NULL DEFAULT 0,
            suspicious BIGINT NOT NULL DEFAULT 0,
            benign BIGINT NOT NULL DEFAULT 0,
            seq BIGINT NOT NULL DEFAULT 0
        ) {fill}",
        "CREATE INDEX submissions_open ON submissions (state, touched_at) WHERE state IN (1, 2)",
        "CREATE INDEX submissions_deleted ON submissions (deleted_at) WHERE deleted_at IS NOT NULL",
        "CREATE TABLE chunks (
            id {serial},
            submission_id BIGINT NOT NULL,
            first_ordinal INTEGER NOT NULL,
            items INTEGER NOT NULL,
            interactive BOOLEAN NOT NULL,
            state SMALLINT NOT NULL,
            not_before BIGINT NOT NULL,
            offered_until BIGINT,
            attempt INTEGER NOT NULL DEFAULT 0,
            lost INTEGER NOT NULL DEFAULT 0,
            leased_by TEXT,
            lease_until BIGINT,
            finished_at BIGINT,
            reason TEXT,
            seq BIGINT,
            policy_version BIGINT,
            counts TEXT,
            payload {bytes}
        ) {fill}",
        "postgres:ALTER TABLE chunks ALTER COLUMN payload SET STORAGE EXTERNAL",
        "CREATE UNIQUE INDEX chunks_of_submission ON chunks (submission_id, first_ordinal)",
        "CREATE INDEX chunks_due ON chunks (interactive, not_before, id) WHERE state = 1",
        "CREATE INDEX chunks_in_flight ON chunks (interactive, state) WHERE state IN (2, 3)",
        "CREATE INDEX chunks_dead ON chunks (id) WHERE state = 7",
        "CREATE TABLE items (
            submission_id BIGINT NOT NULL,
            ordinal INTEGER NOT NULL,
            indicator_id {hash} NOT NULL,
            kind SMALLINT NOT NULL,
            state SMALLINT NOT NULL,
            stance SMALLINT NOT NULL,
            confidence SMALLINT NOT NULL,
            depth SMALLINT NOT NULL,
            derived_from INTEGER,
            pending INTEGER NOT NULL,
            line INTEGER NOT NULL,
            position INTEGER NOT NULL,
            port INTEGER,
            raw TEXT,
            seq BIGINT,
            reasons TEXT,
            PRIMARY KEY (submission_id, ordinal)
        ) {clustered}",
        // Answers "where was this seen" and is the visited set of a submission.
        "CREATE UNIQUE INDEX items_of_indicator ON items (indicator_id, submission_id)",
        "CREATE INDEX items_with_verdict ON items (submission_id, stance, ordinal) WHERE stance <> 0",
        "CREATE INDEX items_unfinished ON items (submission_id, ordinal) WHERE state < 4",
        "CREATE TABLE item_contexts (
            submission_id BIGINT NOT NULL,
            ordinal INTEGER NOT NULL,
            line INTEGER NOT NULL,
            position INTEGER NOT NULL,
            port INTEGER,
            raw TEXT,
            PRIMARY KEY (submission_id, ordinal, line, position)
        ) {clustered}",
        "CREATE TABLE rejects (
            submission_id BIGINT NOT NULL,
            line INTEGER NOT NULL,
            reason SMALLINT NOT NULL,
            raw TEXT NOT NULL,
            PRIMARY KEY (submission_id, line)
        ) {clustered}",
        "CREATE TABLE idempotency_keys (
            key TEXT PRIMARY KEY,
            body_hash {bytes},
            submission_id BIGINT,
            created_at BIGINT NOT NULL
        )",
        "CREATE INDEX idempotency_keys_of_submission ON idempotency_keys (submission_id)",
    ],
    down: &[
        "DROP TABLE idempotency_keys",
        "DROP TABLE rejects",
        "DROP TABLE item_contexts",
        "DROP TABLE items",
        "DROP TABLE chunks",
        "DROP TABLE submissions",
    ]
);
