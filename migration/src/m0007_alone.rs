//! Workers that run a suspect unit and nothing else: their loss is blamed on it alone.

crate::dialect::migration!(
    "m0007_alone",
    up: &["ALTER TABLE workers ADD COLUMN alone BOOLEAN NOT NULL DEFAULT false"],
    down: &["ALTER TABLE workers DROP COLUMN alone"]
);
