//! What an operator decides: ignore lists, playbooks, settings, and the versions workers reload by.

crate::dialect::migration!(
    "m0004_policy",
    up: &[
        "CREATE TABLE ignore_lists (
            id {serial},
            slug TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            description TEXT NOT NULL,
            enabled BOOLEAN NOT NULL,
            action TEXT NOT NULL,
            created_at BIGINT NOT NULL,
            updated_at BIGINT NOT NULL
        )",
        "CREATE TABLE ignore_list_entries (
            list_id BIGINT NOT NULL REFERENCES ignore_lists (id),
            mode TEXT NOT NULL,
            value TEXT NOT NULL,
            PRIMARY KEY (list_id, mode, value)
        )",
        "CREATE TABLE playbooks (
            id {serial},
            slug TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            definition TEXT NOT NULL,
            created_at BIGINT NOT NULL,
            updated_at BIGINT NOT NULL
        )",
        "INSERT INTO playbooks (slug, name, definition, created_at, updated_at)
            VALUES ('local', 'Local intelligence only', '{\"sources\":\"local\"}', 0, 0)",
        "CREATE TABLE settings (
            key TEXT PRIMARY KEY,
            value TEXT NOT NULL,
            updated_at BIGINT NOT NULL
        )",
        "CREATE TABLE versions (
            name TEXT PRIMARY KEY,
            version BIGINT NOT NULL
        )",
        "INSERT INTO versions (name, version) VALUES ('policy', 1), ('feeds', 1)",
    ],
    down: &[
        "DROP TABLE versions",
        "DROP TABLE settings",
        "DROP TABLE playbooks",
        "DROP TABLE ignore_list_entries",
        "DROP TABLE ignore_lists",
    ]
);
