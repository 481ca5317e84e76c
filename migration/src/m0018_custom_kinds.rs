//! Kinds that are defined by a regular expression, and the version that says when they changed.

crate::dialect::migration!(
    "m0018_custom_kinds",
    up: &[
        "CREATE TABLE custom_kinds (
            id {serial},
            slug TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            description TEXT NOT NULL,
            enabled BOOLEAN NOT NULL,
            priority INTEGER NOT NULL,
            definition TEXT NOT NULL,
            revision BIGINT NOT NULL DEFAULT 1,
            created_at BIGINT NOT NULL,
            updated_at BIGINT NOT NULL
        )",
        "INSERT INTO versions (name, version) VALUES ('kinds', 1)",
    ],
    down: &["DELETE FROM versions WHERE name = 'kinds'", "DROP TABLE custom_kinds"]
);
