//! What was not asked because a fresh answer was there, by source: such an answer leaves no lookup, and its share was counted as
//! nothing. On the chunk, which is written when it is screened anyway.

crate::dialect::migration!(
    "m0027_cached",
    up: &[
        // `{"7": 12}`: twelve answers of source 7. NULL where there was none.
        "ALTER TABLE chunks ADD COLUMN cached TEXT",
    ],
    down: &["ALTER TABLE chunks DROP COLUMN cached"]
);
