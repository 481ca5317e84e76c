//! Providers, their sources, and feeds with their generations in 1 MiB parts.

crate::dialect::migration!(
    "m0003_feeds",
    up: &[
        "CREATE TABLE providers (
            id {serial},
            slug TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            url TEXT,
            enabled BOOLEAN NOT NULL,
            created_at BIGINT NOT NULL,
            updated_at BIGINT NOT NULL
        )",
        "CREATE TABLE sources (
            id {serial},
            slug TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            provider_id BIGINT NOT NULL REFERENCES providers (id),
            kind TEXT NOT NULL,
            enabled BOOLEAN NOT NULL,
            created_at BIGINT NOT NULL,
            updated_at BIGINT NOT NULL
        )",
        "CREATE TABLE feeds (
            id {serial},
            source_id BIGINT NOT NULL UNIQUE REFERENCES sources (id),
            definition TEXT NOT NULL,
            generation_id BIGINT,
            etag TEXT,
            last_modified TEXT,
            checked_at BIGINT,
            next_refresh_at BIGINT,
            created_at BIGINT NOT NULL,
            updated_at BIGINT NOT NULL
        )",
        "CREATE TABLE feed_generations (
            id {serial},
            feed_id BIGINT NOT NULL REFERENCES feeds (id),
            hash TEXT NOT NULL,
            entries BIGINT NOT NULL,
            rejected BIGINT NOT NULL,
            bytes BIGINT NOT NULL,
            created_at BIGINT NOT NULL
        )",
        "CREATE INDEX feed_generations_of_feed ON feed_generations (feed_id, id)",
        "CREATE TABLE feed_generation_parts (
            generation_id BIGINT NOT NULL REFERENCES feed_generations (id),
            part INTEGER NOT NULL,
            bytes {bytes} NOT NULL,
            PRIMARY KEY (generation_id, part)
        )",
        "postgres:ALTER TABLE feed_generation_parts ALTER COLUMN bytes SET STORAGE EXTERNAL",
        "CREATE TABLE feed_runs (
            id {serial},
            feed_id BIGINT NOT NULL REFERENCES feeds (id),
            state SMALLINT NOT NULL,
            reason TEXT,
            entries BIGINT,
            added BIGINT,
            removed BIGINT,
            started_at BIGINT NOT NULL,
            finished_at BIGINT
        )",
        "CREATE INDEX feed_runs_of_feed ON feed_runs (feed_id, id)",
    ],
    down: &[
        "DROP TABLE feed_runs",
        "DROP TABLE feed_generation_parts",
        "DROP TABLE feed_generations",
        "DROP TABLE feeds",
        "DROP TABLE sources",
        "DROP TABLE providers",
    ]
);
