//! The phase of a lookup: its state as far as indexes care, where offered and running are one.
//!
//! PostgreSQL writes a new entry into every index of a row as soon as a column changes that any of them names, be it in a
//! condition. `state` was in eight of them, and each claim wrote four entries that said what the old ones said. The phase
//! does not change with a claim, so a claim writes the row alone.

crate::dialect::migration!(
    "m0016_phase",
    up: &[
        "postgres:ALTER TABLE lookups ADD COLUMN phase SMALLINT
            GENERATED ALWAYS AS ((CASE state WHEN 3 THEN 2 ELSE state END)::smallint) STORED",
        "sqlite:ALTER TABLE lookups ADD COLUMN phase SMALLINT
            GENERATED ALWAYS AS (CASE state WHEN 3 THEN 2 ELSE state END) VIRTUAL",
        "DROP INDEX lookups_flight",
        "DROP INDEX lookups_due",
        "DROP INDEX lookups_parked",
        "DROP INDEX lookups_in_flight",
        "DROP INDEX lookups_waiting",
        "DROP INDEX lookups_dead",
        "CREATE UNIQUE INDEX lookups_flight ON lookups (source_id, indicator_id) WHERE phase IN (1, 2, 4)",
        "CREATE INDEX lookups_due ON lookups (source_id, interactive, turn, id) WHERE phase = 1",
        "CREATE INDEX lookups_parked ON lookups (not_before) WHERE phase = 4",
        "CREATE INDEX lookups_in_flight ON lookups (source_id) WHERE phase = 2",
        "CREATE INDEX lookups_waiting ON lookups (waiting_on) WHERE phase = 5",
        "CREATE INDEX lookups_dead ON lookups (id) WHERE phase = 7",
    ],
    down: &[
        "DROP INDEX lookups_dead",
        "DROP INDEX lookups_waiting",
        "DROP INDEX lookups_in_flight",
        "DROP INDEX lookups_parked",
        "DROP INDEX lookups_due",
        "DROP INDEX lookups_flight",
        "CREATE UNIQUE INDEX lookups_flight ON lookups (source_id, indicator_id) WHERE state IN (1, 2, 3, 4)",
        "CREATE INDEX lookups_due ON lookups (source_id, interactive, turn, id) WHERE state = 1",
        "CREATE INDEX lookups_parked ON lookups (not_before) WHERE state = 4",
        "CREATE INDEX lookups_in_flight ON lookups (source_id) WHERE state IN (2, 3)",
        "CREATE INDEX lookups_waiting ON lookups (waiting_on) WHERE state = 5",
        "CREATE INDEX lookups_dead ON lookups (id) WHERE state = 7",
        "ALTER TABLE lookups DROP COLUMN phase",
    ]
);
