//! Lookups, the limits of their sources, and the edges their answers lead to.

crate::dialect::migration!(
    "m0008_lookups",
    up: &[
        "ALTER TABLE sources ADD COLUMN concurrency INTEGER NOT NULL DEFAULT 4",
        "ALTER TABLE sources ADD COLUMN paused BOOLEAN NOT NULL DEFAULT false",
        // Until when the service asked us to stay away, or its quota is spent.
        "ALTER TABLE sources ADD COLUMN blocked_until BIGINT",
        // The breaker: failures in a row, and until when it is open.
        "ALTER TABLE sources ADD COLUMN failures INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE sources ADD COLUMN broken_until BIGINT",
        // One limit of a source: the window, how many calls fit in, and until when its calls are spent.
        "CREATE TABLE quotas (
            source_id BIGINT NOT NULL,
            window_micros BIGINT NOT NULL,
            calls INTEGER NOT NULL,
            spent_until BIGINT NOT NULL,
            PRIMARY KEY (source_id, window_micros)
        ) {clustered}",
        "CREATE TABLE lookups (
            id {serial},
            submission_id BIGINT NOT NULL,
            ordinal INTEGER NOT NULL,
            indicator_id {hash} NOT NULL,
            source_id BIGINT NOT NULL,
            interactive BOOLEAN NOT NULL,
            turn BIGINT NOT NULL,
            state SMALLINT NOT NULL,
            waiting_on BIGINT,
            not_before BIGINT NOT NULL,
            offered_until BIGINT,
            attempt INTEGER NOT NULL DEFAULT 0,
            tries INTEGER NOT NULL DEFAULT 0,
            lost INTEGER NOT NULL DEFAULT 0,
            leased_by TEXT,
            lease_until BIGINT,
            outcome SMALLINT,
            reason TEXT,
            created_at BIGINT NOT NULL,
            finished_at BIGINT
        ) {fill}",
        "CREATE UNIQUE INDEX lookups_of_item ON lookups (submission_id, ordinal, source_id)",
        // Single-flight: one open lookup asks for all.
        "CREATE UNIQUE INDEX lookups_flight ON lookups (source_id, indicator_id) WHERE state IN (1, 2, 3, 4)",
        "CREATE INDEX lookups_due ON lookups (source_id, interactive, turn, id) WHERE state = 1",
        "CREATE INDEX lookups_parked ON lookups (not_before) WHERE state = 4",
        "CREATE INDEX lookups_in_flight ON lookups (source_id) WHERE state IN (2, 3)",
        "CREATE INDEX lookups_waiting ON lookups (waiting_on) WHERE state = 5",
        "CREATE INDEX lookups_dead ON lookups (id) WHERE state = 7",
        "CREATE TABLE relations (
            from_id {hash} NOT NULL,
            relation SMALLINT NOT NULL,
            to_id {hash} NOT NULL,
            source_id BIGINT NOT NULL,
            found_at BIGINT NOT NULL,
            checked_at BIGINT NOT NULL,
            PRIMARY KEY (from_id, relation, to_id, source_id)
        ) {clustered}",
        "CREATE INDEX relations_to ON relations (to_id)",
        // What a submission asked for beside its playbook: fresh answers, the cache alone.
        "ALTER TABLE submissions ADD COLUMN options TEXT",
        // Facets of the items that were done after their chunk: the sum of what the lookups' commits counted.
        "ALTER TABLE submissions ADD COLUMN late_counts TEXT",
        "ALTER TABLE submissions ADD COLUMN derived INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE chunks ADD COLUMN depth SMALLINT NOT NULL DEFAULT 0",
        "INSERT INTO playbooks (slug, name, definition, created_at, updated_at) VALUES
            ('keyless', 'Everything that needs no key', '{\"sources\":\"keyless\"}', 0, 0),
            ('everything', 'Everything allowed', '{\"sources\":\"all\"}', 0, 0)",
    ],
    down: &[
        "DELETE FROM playbooks WHERE slug IN ('keyless', 'everything')",
        "ALTER TABLE chunks DROP COLUMN depth",
        "ALTER TABLE submissions DROP COLUMN derived",
        "ALTER TABLE submissions DROP COLUMN late_counts",
        "ALTER TABLE submissions DROP COLUMN options",
        "DROP TABLE relations",
        "DROP TABLE lookups",
        "DROP TABLE quotas",
        "ALTER TABLE sources DROP COLUMN broken_until",
        "ALTER TABLE sources DROP COLUMN failures",
        "ALTER TABLE sources DROP COLUMN blocked_until",
        "ALTER TABLE sources DROP COLUMN paused",
        "ALTER TABLE sources DROP COLUMN concurrency",
    ]
);
