//! What changing playbooks, ignore lists, providers, sources and feeds by hand needs: revisions, what a source says of itself,
//! an interval of one's own, and entries with an identity.

crate::dialect::migration!(
    "m0010_surface",
    up: &[
        // Counts the changes: what an ETag is made of.
        "ALTER TABLE playbooks ADD COLUMN revision BIGINT NOT NULL DEFAULT 1",
        "ALTER TABLE ignore_lists ADD COLUMN revision BIGINT NOT NULL DEFAULT 1",
        "ALTER TABLE providers ADD COLUMN revision BIGINT NOT NULL DEFAULT 1",
        "ALTER TABLE sources ADD COLUMN revision BIGINT NOT NULL DEFAULT 1",
        // What the program that brings a source says of it; NULL until one did.
        "ALTER TABLE sources ADD COLUMN kinds TEXT",
        "ALTER TABLE sources ADD COLUMN active BOOLEAN",
        "ALTER TABLE sources ADD COLUMN keyless BOOLEAN",
        // Seconds between refreshes where an operator wants others than the definition says.
        "ALTER TABLE feeds ADD COLUMN refresh_seconds BIGINT",
        // The key was the value itself, and a btree refuses one over 2.7 kB. Nothing ever wrote an entry before this version;
        // one brought by hand keeps its value under an identity of its own.
        "ALTER TABLE ignore_list_entries RENAME TO old_entries",
        "CREATE TABLE ignore_list_entries (
            list_id BIGINT NOT NULL REFERENCES ignore_lists (id),
            id {hash} NOT NULL,
            mode TEXT NOT NULL,
            value TEXT NOT NULL,
            created_at BIGINT NOT NULL,
            PRIMARY KEY (list_id, id)
        ) {clustered}",
        "postgres:INSERT INTO ignore_list_entries SELECT list_id, gen_random_uuid(), mode, value, 0 FROM old_entries",
        "sqlite:INSERT INTO ignore_list_entries SELECT list_id, randomblob(16), mode, value, 0 FROM old_entries",
        "DROP TABLE old_entries",
    ],
    down: &[
        "ALTER TABLE ignore_list_entries RENAME TO new_entries",
        "CREATE TABLE ignore_list_entries (
            list_id BIGINT NOT NULL REFERENCES ignore_lists (id),
            mode TEXT NOT NULL,
            value TEXT NOT NULL,
            PRIMARY KEY (list_id, mode, value)
        )",
        "INSERT INTO ignore_list_entries SELECT DISTINCT list_id, mode, value FROM new_entries WHERE length(value) < 650",
        "DROP TABLE new_entries",
        "ALTER TABLE feeds DROP COLUMN refresh_seconds",
        "ALTER TABLE sources DROP COLUMN keyless",
        "ALTER TABLE sources DROP COLUMN active",
        "ALTER TABLE sources DROP COLUMN kinds",
        "ALTER TABLE sources DROP COLUMN revision",
        "ALTER TABLE providers DROP COLUMN revision",
        "ALTER TABLE ignore_lists DROP COLUMN revision",
        "ALTER TABLE playbooks DROP COLUMN revision",
    ]
);
