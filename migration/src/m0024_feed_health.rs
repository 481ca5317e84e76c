//! How a feed is: when its publisher last gave an answer that was taken, and since when it gave none. Before, a failed try
//! looked like an answer.

crate::dialect::migration!(
    "m0024_feed_health",
    up: &[
        "ALTER TABLE feeds ADD COLUMN accepted_at BIGINT",
        "ALTER TABLE feeds ADD COLUMN failing_since BIGINT",
        // 3 and 4: swapped, unchanged; 5 and 6: rejected, failed.
        "UPDATE feeds SET
             accepted_at = (SELECT MAX(r.finished_at) FROM feed_runs r WHERE r.feed_id = feeds.id AND r.state IN (3, 4)),
             failing_since = (SELECT MIN(r.finished_at) FROM feed_runs r WHERE r.feed_id = feeds.id AND r.state IN (5, 6)
                 AND r.id > COALESCE((SELECT MAX(a.id) FROM feed_runs a WHERE a.feed_id = feeds.id AND a.state IN (3, 4)), 0))",
    ],
    down: &["ALTER TABLE feeds DROP COLUMN failing_since", "ALTER TABLE feeds DROP COLUMN accepted_at"]
);
