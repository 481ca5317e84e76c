//! Indicators ever seen, on the wire: found, looked at, and where they were seen.

use aggregator_entities::clock::rfc3339;
use aggregator_entities::domain::{self, Indicator};
use aggregator_entities::repositories::indicators as row;
use aggregator_entities::tables::indicator::IndicatorRow;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{Finding, IndicatorFacts, ItemState, Kind, Stance, Verdict};

/// Which indicators to find: exactly one of `value`, `prefix` and `domain`.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListIndicatorsParameters {
    /// This value, defanged or not.
    #[param(example = "example[.]com", max_length = 8192, pattern = "^[^\\x00]*[^\\s\\x00\\x85][^\\x00]*$")]
    pub value: Option<String>,
    /// Canonical values that begin so; upper and lower case differ.
    #[param(max_length = 8192, pattern = "^[^\\x00]*[^\\s\\x00\\x85][^\\x00]*$")]
    pub prefix: Option<String>,
    /// This domain and its subdomains, and e-mail addresses there.
    #[param(max_length = 8192, pattern = "^[^\\x00]*[^\\s\\x00\\x85][^\\x00]*$")]
    pub domain: Option<String>,
    /// Only of this kind.
    pub kind: Option<Kind>,
    /// Indicators at most, 1–1,000; 100 when absent.
    #[param(minimum = 1, maximum = 1000, example = 100)]
    pub limit: Option<u32>,
    /// Where to go on: the `next` of the page before.
    pub cursor: Option<String>,
}

/// An indicator that was in some submission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!(KnownIndicator::example()))]
pub struct KnownIndicator {
    /// Its identity: 32 hex digits.
    #[schema(pattern = "^[0-9a-f]{32}$", example = json!(KnownIndicator::example().id))]
    pub id: String,
    /// What it is.
    pub kind: Kind,
    /// Its canonical value.
    #[schema(example = "example.com")]
    pub value: String,
    /// When it was first screened.
    #[schema(example = "2026-11-21T02:03:04.702Z")]
    pub first_seen_at: String,
}

impl From<IndicatorRow> for KnownIndicator {
    fn from(row: IndicatorRow) -> Self {
        Self {
            id: row.id.to_string(),
            kind: row.kind.into(),
            value: row.value,
            first_seen_at: rfc3339(row.first_seen_at),
        }
    }
}

impl KnownIndicator {
    /// An indicator for the document's examples.
    pub fn example() -> Self {
        let indicator = Indicator::from_canonical(domain::Kind::Domain, "example.com");
        Self {
            id: indicator.id().to_string(),
            kind: Kind::Domain,
            value: "example.com".to_owned(),
            first_seen_at: "2026-11-21T02:03:04.702Z".to_owned(),
        }
    }
}

/// Indicators, in the order of their ids.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"indicators": [KnownIndicator::example()], "next": null}))]
pub struct IndicatorPage {
    /// The indicators.
    pub indicators: Vec<KnownIndicator>,
    /// The cursor of the next page; `null` on the last one.
    pub next: Option<String>,
}

/// An indicator with all that is known about it now.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(example = json!(IndicatorDetails::example()))]
pub struct IndicatorDetails {
    /// The indicator.
    pub indicator: KnownIndicator,
    /// What the value itself tells.
    pub facts: IndicatorFacts,
    /// The verdict over the current findings. An item keeps the one it got when it was screened.
    pub verdict: Verdict,
    /// What each source says now.
    pub findings: Vec<Finding>,
}

impl IndicatorDetails {
    /// An indicator for the document's examples.
    pub fn example() -> Self {
        let indicator = Indicator::from_canonical(domain::Kind::Domain, "example.com");
        Self {
            indicator: KnownIndicator::example(),
            facts: IndicatorFacts::of(&indicator),
            verdict: Verdict::example(),
            findings: vec![Finding::example()],
        }
    }
}

/// One submission an indicator was in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Sighting {
    /// Id of the submission.
    #[schema(example = 17)]
    pub submission_id: i64,
    /// Place of the item in it.
    #[schema(example = 0)]
    pub ordinal: i32,
    /// Where that item stands.
    pub state: ItemState,
    /// The side its verdict took then.
    pub stance: Stance,
    /// How sure it was, 0–100.
    #[schema(minimum = 0, maximum = 100, example = 80)]
    pub confidence: i16,
    /// When that submission was accepted.
    pub sealed_at: Option<String>,
}

impl From<row::Sighting> for Sighting {
    fn from(row: row::Sighting) -> Self {
        Self {
            submission_id: row.submission_id.0,
            ordinal: row.ordinal,
            state: row.state.into(),
            stance: row.stance.into(),
            confidence: row.confidence,
            sealed_at: row.sealed_at.map(rfc3339),
        }
    }
}

/// Where an indicator was seen, newest submission first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"sightings": [{
    "submission_id": 17, "ordinal": 0, "state": "done", "stance": "malicious", "confidence": 80,
    "sealed_at": "2026-11-21T02:03:04.601Z"
}], "next": null}))]
pub struct SightingPage {
    /// The submissions it was in; deleted ones are left out.
    pub sightings: Vec<Sighting>,
    /// The cursor of the next page; `null` on the last one.
    pub next: Option<String>,
}
