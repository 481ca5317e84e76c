//! Where the time of a lookup went: microseconds it was parked, called and written.

crate::dialect::migration!(
    "m0022_lookup_times",
    up: &[
        "ALTER TABLE lookups ADD COLUMN parked_micros BIGINT NOT NULL DEFAULT 0",
        "ALTER TABLE lookups ADD COLUMN called_micros BIGINT NOT NULL DEFAULT 0",
        "ALTER TABLE lookups ADD COLUMN written_micros BIGINT NOT NULL DEFAULT 0",
    ],
    down: &[
        "ALTER TABLE lookups DROP COLUMN written_micros",
        "ALTER TABLE lookups DROP COLUMN called_micros",
        "ALTER TABLE lookups DROP COLUMN parked_micros",
    ]
);
