//! Settings that are changed on a running system: each counts its changes, which an ETag is made of. The table itself is as old
//! as m0004, and nothing wrote to it before this version.

crate::dialect::migration!(
    "m0017_settings",
    up: &["ALTER TABLE settings ADD COLUMN revision BIGINT NOT NULL DEFAULT 1"],
    down: &["ALTER TABLE settings DROP COLUMN revision"]
);
