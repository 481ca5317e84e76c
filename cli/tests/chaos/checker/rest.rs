//! What must never be in the rows, whoever submitted what.

use super::{Fault, Promise};
use crate::rows::Rows;

/// A count that must be 0, the promise it would break, and what it would mean.
const NEVER: [(&str, Promise, &str); 8] = [
    (
        "SELECT COUNT(*) FROM (SELECT 1 AS one FROM items GROUP BY submission_id, ordinal HAVING COUNT(*) > 1) AS twice",
        Promise::NothingTwice,
        "ordinals of a submission are there twice",
    ),
    (
        "SELECT COUNT(*) FROM (SELECT 1 AS one FROM items GROUP BY submission_id, indicator_id HAVING COUNT(*) > 1) AS twice",
        Promise::NothingTwice,
        "indicators of a submission are there twice",
    ),
    (
        "SELECT COUNT(*) FROM (SELECT 1 AS one FROM indicators GROUP BY kind, value HAVING COUNT(*) > 1) AS twice",
        Promise::NothingTwice,
        "indicators are there twice",
    ),
    (
        "SELECT COUNT(*) FROM (SELECT 1 AS one FROM findings WHERE superseded_at IS NULL
         GROUP BY indicator_id, source_id HAVING COUNT(*) > 1) AS twice",
        Promise::NothingTwice,
        "sources have two current findings about one indicator",
    ),
    (
        "SELECT COUNT(*) FROM findings f JOIN findings g ON g.indicator_id = f.indicator_id AND g.source_id = f.source_id
         AND g.version = f.version + 1 AND g.data_hash = f.data_hash",
        Promise::NothingTwice,
        "findings were written again though nothing had changed",
    ),
    (
        "SELECT COUNT(*) FROM items i WHERE i.stance = 0 AND EXISTS (SELECT 1 FROM findings f
         WHERE f.indicator_id = i.indicator_id AND f.superseded_at IS NULL AND f.stance > 1)",
        Promise::NothingLost,
        "items were judged without what was found about them",
    ),
    (
        "SELECT COUNT(*) FROM chunks c JOIN submissions s ON s.id = c.submission_id
         WHERE s.state <> 1 AND c.state NOT IN (6, 8)",
        Promise::NothingLost,
        "chunks have no end, or a dead one",
    ),
    (
        "SELECT COUNT(*) FROM chunks c WHERE NOT EXISTS (SELECT 1 FROM submissions s WHERE s.id = c.submission_id)",
        Promise::CountsTrue,
        "chunks belong to no submission",
    ),
];

/// Every rule that is broken.
pub(super) fn of(rows: &mut Rows) -> Vec<Fault> {
    assert!(
        rows.number("SELECT COUNT(*) FROM findings") > 0,
        "without findings nothing is said about findings"
    );
    let mut faults = Vec::new();
    for (query, promise, text) in NEVER {
        let count = rows.number(query);
        if count != 0 {
            faults.push(Fault { promise, text: format!("{count} {text}") });
        }
    }
    faults
}
