//! What happened within a range, counted from rows at a bounded cost.
//!
//! Submissions carry their counters, so their verdicts are a sum over few rows. Lookups are counted one by one, the latest
//! first and so many at most: [`Lookups::since`] says from when on.

use std::collections::BTreeMap;

use aggregator_domain::Outcome;

use crate::clock;
use crate::sql::code;
use crate::{Database, StoreError};

/// Lookups counted at most.
pub const MOST_LOOKUPS: i64 = 500_000;

/// Bounds of the classes of durations, milliseconds; one more class holds what is longer.
pub const CLASSES_MS: [i64; 9] = [50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000];

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stats {
    /// When it was read, microseconds.
    pub at: i64,
    /// From when on, microseconds.
    pub since: i64,
    /// What was sent.
    pub sent: Sent,
    /// What was asked.
    pub lookups: Lookups,
}

/// Submissions sent, with their items.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sent {
    /// Submissions; deleted ones are gone.
    pub submissions: i64,
    /// Their items.
    pub items: i64,
    /// Items with their verdict.
    pub done: i64,
    /// Items cancelled.
    pub cancelled: i64,
    /// Items by verdict.
    pub malicious: i64,
    /// Items by verdict.
    pub suspicious: i64,
    /// Items by verdict.
    pub benign: i64,
}

/// Lookups that ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lookups {
    /// From when on they were counted, microseconds: the whole range, or what [`MOST_LOOKUPS`] hold.
    pub since: i64,
    /// True when that is the whole range.
    pub whole: bool,
    /// By source, in the order of their slugs.
    pub sources: Vec<OfSource>,
}

/// The lookups of one source that ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OfSource {
    /// Slug of the source.
    pub slug: String,
    /// Name of the source.
    pub name: String,
    /// How many ended, by outcome.
    pub outcomes: Vec<(Outcome, i64)>,
    /// How many were answered without a call: the answer had come, or another lookup brought it.
    pub without_call: i64,
    /// How long the last calls took.
    pub latency: Latency,
}

/// How long calls took, from the claim, or the slot that was waited for, to the commit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Latency {
    /// Calls measured.
    pub measured: i64,
    /// Their time together, microseconds.
    pub total_micros: i64,
    /// Calls by class: [`CLASSES_MS`], and those that took longer.
    pub classes: [i64; CLASSES_MS.len() + 1],
}

/// Counts what happened within the last `range_micros`.
pub async fn stats(database: &Database, range_micros: i64) -> Result<Stats, StoreError> {
    let at = clock::now(database).await?;
    let since = at - range_micros;
    Ok(Stats { at, since, sent: sent(database, since).await?, lookups: lookups(database, since).await? })
}

async fn sent(database: &Database, since: i64) -> Result<Sent, StoreError> {
    let sums = ["total", "done", "cancelled", "malicious", "suspicious", "benign"]
        .map(|column| format!("CAST(COALESCE(SUM({column}), 0) AS BIGINT) AS {column}"));
    let sent = database
        .sql(&format!(
            "SELECT COUNT(*) AS submissions, {} FROM submissions
             WHERE created_at > $1 AND state IN (2, 3, 4) AND deleted_at IS NULL",
            sums.join(", ")
        ))
        .bind(since)
        .one(database.reader(), |row| {
            Ok(Sent {
                submissions: row.try_get("", "submissions")?,
                items: row.try_get("", "total")?,
                done: row.try_get("", "done")?,
                cancelled: row.try_get("", "cancelled")?,
                malicious: row.try_get("", "malicious")?,
                suspicious: row.try_get("", "suspicious")?,
                benign: row.try_get("", "benign")?,
            })
        })
        .await?;
    Ok(sent.unwrap_or_default())
}

async fn lookups(database: &Database, since: i64) -> Result<Lookups, StoreError> {
    // The last one that is not counted, where there are so many.
    let before = database
        .sql("SELECT finished_at FROM lookups WHERE finished_at > $1 ORDER BY finished_at DESC LIMIT 1 OFFSET $2")
        .bind(since)
        .bind(MOST_LOOKUPS)
        .one(database.reader(), |row| Ok(row.try_get::<i64>("", "finished_at")?))
        .await?;
    let counted_since = before.unwrap_or(since);
    let took = "l.finished_at - l.started_at";
    let measured = "l.tries > 0 AND l.started_at IS NOT NULL";
    let bounds = CLASSES_MS.map(|ms| ms * 1_000);
    let classes: Vec<String> = (0..=bounds.len())
        .map(|n| {
            let (above, up_to) = (if n == 0 { -1 } else { bounds[n - 1] }, bounds.get(n).unwrap_or(&i64::MAX));
            format!("COUNT(CASE WHEN {measured} AND {took} > {above} AND {took} <= {up_to} THEN 1 END) AS class_{n}")
        })
        .collect();
    let rows = database
        .sql(&format!(
            "SELECT s.slug, s.name, l.outcome, COUNT(*) AS ended, COUNT(CASE WHEN l.tries = 0 AND l.outcome IN (1, 2) THEN 1 END) AS without_call,
                 COUNT(CASE WHEN {measured} THEN 1 END) AS measured,
                 CAST(COALESCE(SUM(CASE WHEN {measured} THEN {took} END), 0) AS BIGINT) AS total, {}
             FROM lookups l JOIN sources s ON s.id = l.source_id
             WHERE l.finished_at > $1 AND l.outcome IS NOT NULL
             GROUP BY s.slug, s.name, l.outcome ORDER BY s.slug, l.outcome",
            classes.join(", ")
        ))
        .bind(counted_since)
        .all(database.reader(), |row| {
            let mut latency = Latency {
                measured: row.try_get("", "measured")?,
                total_micros: row.try_get("", "total")?,
                ..Latency::default()
            };
            for (n, class) in latency.classes.iter_mut().enumerate() {
                *class = row.try_get("", &format!("class_{n}"))?;
            }
            let outcome = (code(row, "outcome", Outcome::from_code)?, row.try_get("", "ended")?);
            Ok(OfSource {
                slug: row.try_get("", "slug")?,
                name: row.try_get("", "name")?,
                outcomes: vec![outcome],
                without_call: row.try_get("", "without_call")?,
                latency,
            })
        })
        .await?;
    let mut sources: BTreeMap<String, OfSource> = BTreeMap::new();
    for row in rows {
        let source = sources.entry(row.slug.clone()).or_default();
        source.outcomes.extend(&row.outcomes);
        source.without_call += row.without_call;
        source.latency.add(&row.latency);
        (source.slug, source.name) = (row.slug, row.name);
    }
    Ok(Lookups { since: counted_since, whole: before.is_none(), sources: sources.into_values().collect() })
}

impl Latency {
    fn add(&mut self, other: &Self) {
        self.measured += other.measured;
        self.total_micros += other.total_micros;
        self.classes.iter_mut().zip(other.classes).for_each(|(class, more)| *class += more);
    }
}
