//! What happened within a range, on the wire.

use aggregator_entities::clock::{SECOND, rfc3339};
use aggregator_entities::repositories::stats as row;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{Outcome, VerdictCounts};

/// How far back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum StatsRange {
    /// A day.
    #[default]
    #[serde(rename = "24h")]
    Day,
    /// Seven days.
    #[serde(rename = "7d")]
    Week,
    /// Thirty days.
    #[serde(rename = "30d")]
    Month,
}

impl StatsRange {
    /// Every range.
    pub const ALL: [Self; 3] = [Self::Day, Self::Week, Self::Month];

    /// Its length, microseconds.
    pub const fn micros(self) -> i64 {
        const DAY: i64 = 86_400 * SECOND;
        match self {
            Self::Day => DAY,
            Self::Week => 7 * DAY,
            Self::Month => 30 * DAY,
        }
    }
}

/// Which range is meant.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct StatsParameters {
    /// How far back; a day when absent.
    pub range: Option<StatsRange>,
}

/// What happened within a range.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(example = json!(Stats::example()))]
pub struct Stats {
    /// When it was counted. What was counted is kept for a while.
    #[schema(example = "2026-11-21T02:03:04.567Z")]
    pub as_of: String,
    /// From when on.
    #[schema(example = "2026-11-20T02:03:04.567Z")]
    pub since: String,
    /// Submissions sent since then; deleted ones are not counted.
    #[schema(example = 12)]
    pub submissions: i64,
    /// Their items.
    #[schema(example = 48213)]
    pub items: i64,
    /// Of those, how many have their verdict.
    #[schema(example = 48000)]
    pub done: i64,
    /// Of those, how many were cancelled.
    #[schema(example = 0)]
    pub cancelled: i64,
    /// The items that are done, by verdict.
    pub verdicts: VerdictCounts,
    /// From when on lookups and cache hits were counted: the latest 500,000 lookups and the latest 500,000 chunks of items at most.
    #[schema(example = "2026-11-20T02:03:04.567Z")]
    pub lookups_since: String,
    /// True when all of them in the range were counted.
    pub lookups_whole: bool,
    /// Times a source was not asked about an item because its fresh answer was there when the item was screened. They make no
    /// lookup.
    #[schema(example = 3000)]
    pub cache_hits: i64,
    /// Lookups answered without a call, because the answer had come meanwhile or another lookup brought it.
    #[schema(example = 250)]
    pub without_call: i64,
    /// Lookups that ended after a call or several, answered or not.
    #[schema(example = 750)]
    pub with_call: i64,
    /// The cache share of all sources: of the times one was to be asked, how many took no call, 0–1. That is `cache_hits` and
    /// `without_call` divided by these and `with_call`; `null` when there was none. A lookup that ended neither with an answer nor
    /// after a call (refused, cancelled, failed with the one it waited on) is in none of them.
    #[schema(required = true, example = 0.8125)]
    pub cache_share: Option<f64>,
    /// Lookups that ended, and cache hits, by source.
    pub sources: Vec<SourceStats>,
}

/// The lookups of one source that ended, and its cache hits. It is here with either of them.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct SourceStats {
    /// Slug of the source.
    #[schema(example = "rdap")]
    pub source: String,
    /// Name of the source.
    #[schema(example = "RDAP")]
    pub source_name: String,
    /// How many ended.
    #[schema(example = 1000)]
    pub ended: i64,
    /// How they ended.
    pub outcomes: Vec<OutcomeCount>,
    /// Times it was not asked about an item because its fresh answer was there when the item was screened. They make no lookup
    /// and are not among those that ended.
    #[schema(example = 3000)]
    pub cache_hits: i64,
    /// How many were answered without a call, because the answer had come meanwhile or another lookup brought it.
    #[schema(example = 250)]
    pub without_call: i64,
    /// The share of those among the answered lookups, 0–1; `null` when none was answered. `cache_share` counts cache hits, too.
    #[schema(required = true, example = 0.25)]
    pub without_call_share: Option<f64>,
    /// How many ended after a call or several, answered or not.
    #[schema(example = 750)]
    pub with_call: i64,
    /// The cache share: of the times it was to be asked, how many took no call, 0–1. That is `cache_hits` and `without_call`
    /// divided by these and `with_call`; `null` when there was none.
    #[schema(required = true, example = 0.8125)]
    pub cache_share: Option<f64>,
    /// How long calls took, from a worker's taking the lookup, or the slot it waited for, to the commit of its end; `null` when
    /// none was measured.
    #[schema(required = true)]
    pub latency: Option<SourceLatency>,
}

/// How many lookups ended in one way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct OutcomeCount {
    /// How.
    pub outcome: Outcome,
    /// How many.
    #[schema(example = 700)]
    pub count: i64,
}

/// How long calls took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SourceLatency {
    /// Calls measured.
    #[schema(example = 750)]
    pub measured: i64,
    /// Their mean, milliseconds.
    #[schema(example = 210)]
    pub mean_ms: i64,
    /// Calls by how long they took, the quickest first.
    pub classes: Vec<LatencyClass>,
}

/// Calls that took about as long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct LatencyClass {
    /// They took so long at most, milliseconds, and longer than the class before; `null` for the last class, without a bound.
    #[schema(required = true, example = 250)]
    pub up_to_ms: Option<i64>,
    /// How many.
    #[schema(example = 400)]
    pub count: i64,
}

impl From<&row::Stats> for Stats {
    fn from(stats: &row::Stats) -> Self {
        let sent = stats.sent;
        let asked = stats.lookups.asked();
        Self {
            as_of: rfc3339(stats.at),
            since: rfc3339(stats.since),
            submissions: sent.submissions,
            items: sent.items,
            done: sent.done,
            cancelled: sent.cancelled,
            verdicts: VerdictCounts {
                malicious: sent.malicious,
                suspicious: sent.suspicious,
                benign: sent.benign,
                unknown: sent.done - sent.malicious - sent.suspicious - sent.benign,
            },
            lookups_since: rfc3339(stats.lookups.since),
            lookups_whole: stats.lookups.whole,
            cache_hits: asked.cached,
            without_call: asked.without_call,
            with_call: asked.with_call,
            cache_share: asked.cache_share(),
            sources: stats.lookups.sources.iter().map(Into::into).collect(),
        }
    }
}

impl From<&row::OfSource> for SourceStats {
    fn from(source: &row::OfSource) -> Self {
        let answered: i64 =
            source.outcomes.iter().filter(|(outcome, _)| outcome.is_answer()).map(|(_, count)| count).sum();
        // Counts are far below what a float holds exactly.
        #[expect(clippy::cast_precision_loss, reason = "a share is a float")]
        let share = (answered > 0).then(|| source.asked.without_call as f64 / answered as f64);
        Self {
            source: source.slug.clone(),
            source_name: source.name.clone(),
            ended: source.outcomes.iter().map(|(_, count)| count).sum(),
            outcomes: source
                .outcomes
                .iter()
                .map(|(outcome, count)| OutcomeCount { outcome: (*outcome).into(), count: *count })
                .collect(),
            cache_hits: source.asked.cached,
            without_call: source.asked.without_call,
            without_call_share: share,
            with_call: source.asked.with_call,
            cache_share: source.asked.cache_share(),
            latency: SourceLatency::of(&source.latency),
        }
    }
}

impl SourceLatency {
    fn of(latency: &row::Latency) -> Option<Self> {
        let bounds = row::CLASSES_MS.into_iter().map(Some).chain([None]);
        (latency.measured > 0).then(|| Self {
            measured: latency.measured,
            mean_ms: latency.total_micros / latency.measured / 1_000,
            classes: bounds
                .zip(latency.classes)
                .map(|(up_to_ms, count)| LatencyClass { up_to_ms, count })
                .collect(),
        })
    }
}

impl Stats {
    /// Stats for the document's examples.
    pub fn example() -> Self {
        let classes = [(Some(250), 400), (Some(500), 350)];
        Self {
            as_of: "2026-11-21T02:03:04.567Z".to_owned(),
            since: "2026-11-20T02:03:04.567Z".to_owned(),
            submissions: 12,
            items: 48_213,
            done: 48_000,
            cancelled: 0,
            verdicts: VerdictCounts { malicious: 900, suspicious: 1_100, benign: 6_000, unknown: 40_000 },
            lookups_since: "2026-11-20T02:03:04.567Z".to_owned(),
            lookups_whole: true,
            cache_hits: 3_000,
            without_call: 250,
            with_call: 750,
            cache_share: Some(0.8125),
            sources: vec![SourceStats {
                source: "rdap".to_owned(),
                source_name: "RDAP".to_owned(),
                ended: 1_000,
                outcomes: vec![
                    OutcomeCount { outcome: Outcome::Found, count: 700 },
                    OutcomeCount { outcome: Outcome::NotFound, count: 300 },
                ],
                cache_hits: 3_000,
                without_call: 250,
                without_call_share: Some(0.25),
                with_call: 750,
                cache_share: Some(0.8125),
                latency: Some(SourceLatency {
                    measured: 750,
                    mean_ms: 210,
                    classes: classes.map(|(up_to_ms, count)| LatencyClass { up_to_ms, count }).to_vec(),
                }),
            }],
        }
    }
}
