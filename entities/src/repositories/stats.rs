//! What happened within a range, counted from rows at a bounded cost.
//!
//! Submissions carry their counters, so their verdicts are a sum over few rows. Lookups, and chunks for what was known before a
//! lookup was made, are counted one by one, the latest first and so many at most: [`Lookups::since`] says from when on.

use std::collections::BTreeMap;

use aggregator_domain::Outcome;

use crate::clock;
use crate::sql::code;
use crate::{Database, StoreError};

/// Lookups counted at most.
pub const MOST_LOOKUPS: i64 = 500_000;

/// Chunks counted at most: of a thousand items each where much is sent, of one where a single indicator is.
pub const MOST_CHUNKS: i64 = 500_000;

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
    /// What sources were asked, or need not be.
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

/// Lookups that ended, and answers that made none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lookups {
    /// From when on both were counted, microseconds: the whole range, or what [`MOST_LOOKUPS`] and [`MOST_CHUNKS`] hold.
    pub since: i64,
    /// True when that is the whole range.
    pub whole: bool,
    /// By source, in the order of their slugs.
    pub sources: Vec<OfSource>,
}

/// The lookups of one source that ended, and its answers that made none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OfSource {
    /// Slug of the source.
    pub slug: String,
    /// Name of the source.
    pub name: String,
    /// How many ended, by outcome.
    pub outcomes: Vec<(Outcome, i64)>,
    /// What came of the times it was to be asked.
    pub asked: Asked,
    /// How long the last calls took.
    pub latency: Latency,
}

/// What came of the times a source was to be asked. A lookup that ended neither with an answer nor after a call, such as one
/// that was refused, is in none of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Asked {
    /// Fresh answers that were there when an item was screened: no lookup was made.
    pub cached: i64,
    /// Lookups answered without a call: the answer had come, or another lookup brought it.
    pub without_call: i64,
    /// Lookups that ended after a call or several, answered or not.
    pub with_call: i64,
}

impl Asked {
    /// The share that took no call, 0–1; `None` of nothing.
    pub fn cache_share(self) -> Option<f64> {
        let spared = self.cached + self.without_call;
        let all = spared + self.with_call;
        #[expect(clippy::cast_precision_loss, reason = "counts are far below what a float holds exactly")]
        let share = spared as f64 / all as f64;
        (all > 0).then_some(share)
    }
}

impl std::ops::AddAssign for Asked {
    fn add_assign(&mut self, other: Self) {
        self.cached += other.cached;
        self.without_call += other.without_call;
        self.with_call += other.with_call;
    }
}

impl Lookups {
    /// What came of the times any source was to be asked.
    pub fn asked(&self) -> Asked {
        let mut all = Asked::default();
        self.sources.iter().for_each(|source| all += source.asked);
        all
    }
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
    let lookups = last_before(database, "lookups", since, MOST_LOOKUPS).await?;
    let chunks = last_before(database, "chunks", since, MOST_CHUNKS).await?;
    // From one instant on: a share over two lengths of time would be none.
    let before = lookups.max(chunks);
    let counted_since = before.unwrap_or(since);
    let mut sources: BTreeMap<String, OfSource> = BTreeMap::new();
    for row in ended(database, counted_since).await?.into_iter().chain(cached(database, counted_since).await?)
    {
        let source = sources.entry(row.slug.clone()).or_default();
        source.outcomes.extend(&row.outcomes);
        source.asked += row.asked;
        source.latency.add(&row.latency);
        (source.slug, source.name) = (row.slug, row.name);
    }
    Ok(Lookups { since: counted_since, whole: before.is_none(), sources: sources.into_values().collect() })
}

/// When the last row of a table ended that is not counted, where more than `most` ended.
async fn last_before(
    database: &Database,
    table: &str,
    since: i64,
    most: i64,
) -> Result<Option<i64>, StoreError> {
    database
        .sql(&format!(
            "SELECT finished_at FROM {table} WHERE finished_at > $1 ORDER BY finished_at DESC LIMIT 1 OFFSET $2"
        ))
        .bind(since)
        .bind(most)
        .one(database.reader(), |row| Ok(row.try_get::<i64>("", "finished_at")?))
        .await
}

/// Lookups that ended, by source and outcome.
async fn ended(database: &Database, since: i64) -> Result<Vec<OfSource>, StoreError> {
    let took = "l.finished_at - l.started_at";
    let measured = "l.tries > 0 AND l.started_at IS NOT NULL";
    let bounds = CLASSES_MS.map(|ms| ms * 1_000);
    let classes: Vec<String> = (0..=bounds.len())
        .map(|n| {
            let (above, up_to) = (if n == 0 { -1 } else { bounds[n - 1] }, bounds.get(n).unwrap_or(&i64::MAX));
            format!("COUNT(CASE WHEN {measured} AND {took} > {above} AND {took} <= {up_to} THEN 1 END) AS class_{n}")
        })
        .collect();
    database
        .sql(&format!(
            "SELECT s.slug, s.name, l.outcome, COUNT(*) AS ended, COUNT(CASE WHEN l.tries > 0 THEN 1 END) AS with_call,
                 COUNT(CASE WHEN l.tries = 0 AND l.outcome IN (1, 2) THEN 1 END) AS without_call,
                 COUNT(CASE WHEN {measured} THEN 1 END) AS measured,
                 CAST(COALESCE(SUM(CASE WHEN {measured} THEN {took} END), 0) AS BIGINT) AS total, {}
             FROM lookups l JOIN sources s ON s.id = l.source_id
             WHERE l.finished_at > $1 AND l.outcome IS NOT NULL
             GROUP BY s.slug, s.name, l.outcome ORDER BY s.slug, l.outcome",
            classes.join(", ")
        ))
        .bind(since)
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
                asked: Asked {
                    cached: 0,
                    without_call: row.try_get("", "without_call")?,
                    with_call: row.try_get("", "with_call")?,
                },
                latency,
            })
        })
        .await
}

/// Answers that were there when items were screened, by source.
async fn cached(database: &Database, since: i64) -> Result<Vec<OfSource>, StoreError> {
    let each = if database.is_postgres() {
        "json_each_text(CAST(c.cached AS json)) AS e (key, value)"
    } else {
        "json_each(c.cached) AS e"
    };
    // Chunks are many only where their items are few, and then most of them say the same: it is read once.
    database
        .sql(&format!(
            "SELECT s.slug, s.name, k.cached
             FROM (SELECT CAST(e.key AS BIGINT) AS source_id, CAST(SUM(CAST(e.value AS BIGINT) * c.alike) AS BIGINT) AS cached
                   FROM (SELECT cached, COUNT(*) AS alike FROM chunks WHERE finished_at > $1 AND cached IS NOT NULL GROUP BY cached) c
                   CROSS JOIN {each} GROUP BY e.key) k
             JOIN sources s ON s.id = k.source_id"
        ))
        .bind(since)
        .all(database.reader(), |row| {
            Ok(OfSource {
                slug: row.try_get("", "slug")?,
                name: row.try_get("", "name")?,
                asked: Asked { cached: row.try_get("", "cached")?, ..Asked::default() },
                ..OfSource::default()
            })
        })
        .await
}

impl Latency {
    fn add(&mut self, other: &Self) {
        self.measured += other.measured;
        self.total_micros += other.total_micros;
        self.classes.iter_mut().zip(other.classes).for_each(|(class, more)| *class += more);
    }
}
