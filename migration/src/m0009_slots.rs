//! Lookups in reserve for a source's next free slot; what is known of a source beside its answers.

crate::dialect::migration!(
    "m0009_slots",
    up: &[
        // True of an offered or running lookup that holds no slot of its source yet: it begins when a call ends.
        "ALTER TABLE lookups ADD COLUMN reserve BOOLEAN NOT NULL DEFAULT false",
        // Since when no call has succeeded, while the breaker is open.
        "ALTER TABLE sources ADD COLUMN broken_since BIGINT",
        // What its opinions weigh, 0–100.
        "ALTER TABLE sources ADD COLUMN weight SMALLINT NOT NULL DEFAULT 100",
        // How the program reads its answers; those of older readings are no longer fresh.
        "ALTER TABLE sources ADD COLUMN version INTEGER NOT NULL DEFAULT 1",
        "ALTER TABLE sources ADD COLUMN answers_since BIGINT NOT NULL DEFAULT 0",
        "INSERT INTO playbooks (slug, name, definition, created_at, updated_at) VALUES
            ('investigate', 'Everything that needs no key, and what it leads to',
             '{\"sources\":\"keyless\",\"max_depth\":2,\"max_derived\":200,\"follow\":[
                {\"relation\":\"has_host\"},
                {\"relation\":\"resolves_to\",\"from\":[\"domain\"]},
                {\"relation\":\"reverse_name\",\"from\":[\"ipv4\",\"ipv6\"]},
                {\"relation\":\"contained_in\",\"from\":[\"ipv4\",\"ipv6\"]},
                {\"relation\":\"announced_by\",\"from\":[\"ipv4\",\"ipv6\"]}]}', 0, 0)",
    ],
    down: &[
        "DELETE FROM playbooks WHERE slug = 'investigate'",
        "ALTER TABLE sources DROP COLUMN answers_since",
        "ALTER TABLE sources DROP COLUMN version",
        "ALTER TABLE sources DROP COLUMN weight",
        "ALTER TABLE sources DROP COLUMN broken_since",
        "ALTER TABLE lookups DROP COLUMN reserve",
    ]
);
