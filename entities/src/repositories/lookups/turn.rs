//! Whose turn it is at a source: the fairness between submissions.
//!
//! A submission's lookups at a source stand one *pace* apart, from the moment it was sealed. Where the pace is that of the source, the
//! turns of a submission that comes later begin where those of the earlier ones have got to, and they go on side by side.

/// The paces of sources as a table of SQL, `source` and `pace` in microseconds: the longest that one of its limits allows; without
/// limits a second for as many as it takes at once, which is rather too long: whoever comes later then goes first until it has got
/// as much as the others.
pub(crate) const PACES: &str =
    "(SELECT o.id AS source, COALESCE(MAX(q.window_micros / q.calls), MAX(1000000 / o.concurrency)) AS pace
     FROM sources o LEFT JOIN quotas q ON q.source_id = o.id GROUP BY o.id)";
