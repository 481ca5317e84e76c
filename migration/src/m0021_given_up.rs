//! Lookups that were offered to be given up: they hold no slot and spent no quota, so they must not be called.

crate::dialect::migration!(
    "m0021_given_up",
    up: &["ALTER TABLE lookups ADD COLUMN given_up BOOLEAN NOT NULL DEFAULT false"],
    down: &["ALTER TABLE lookups DROP COLUMN given_up"]
);
