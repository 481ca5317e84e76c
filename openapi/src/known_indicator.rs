//! Indicators ever seen, on the wire: found, looked at, and where they were seen.

use aggregator_entities::clock::rfc3339;
use aggregator_entities::domain::{self, Indicator};
use aggregator_entities::repositories::indicators as row;
use aggregator_entities::tables::indicator::IndicatorRow;
use serde::Serialize;
use utoipa::ToSchema;

use crate::indicator::told;
use crate::page::{CreatedSort, page_parameters, sorts};
use crate::{Finding, IndicatorFacts, ItemState, Kind, KindName, KindSlug, Stance, Verdict};

sorts! {
    /// The order of indicators: the one they are found in, and the other way.
    IndicatorSort {
        /// As they are found: by id, and on PostgreSQL by the first or last 64 characters of the value with `prefix` and `domain`.
        #[default]
        Natural = "natural",
        /// The other way.
        NaturalDescending = "-natural",
    }
}

page_parameters! {
    /// Which indicators to find: by exactly one of `value`, `prefix` and `domain`, or by a custom kind.
    ListIndicatorsParameters {
        /// This value, defanged or not.
        #[param(example = "example[.]com", max_length = 8192, pattern = "^[^\\x00]*[^\\s\\x00\\x85][^\\x00]*$")]
        value: String,
        /// Canonical values that begin so; upper and lower case differ. With a custom `kind` without its slug, else with it:
        /// `employee_id:E-1`.
        #[param(max_length = 8192, pattern = "^[^\\x00]*[^\\s\\x00\\x85][^\\x00]*$")]
        prefix: String,
        /// This domain and its subdomains, and e-mail addresses there.
        #[param(max_length = 8192, pattern = "^[^\\x00]*[^\\s\\x00\\x85][^\\x00]*$")]
        domain: String,
        /// Only of this kind, a built-in one or a custom one; `custom` for all custom ones.
        kind: KindName,
    }
    /// The order: as they are found when absent, or the other way. It is that of an index: on PostgreSQL with `prefix` the
    /// first 64 characters of the value, with `domain` the last ones backwards; else the id.
    sort: IndicatorSort
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
    /// The slug of its kind, where that is a custom one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<KindSlug>)]
    pub custom_kind: Option<String>,
    /// Its canonical value.
    #[schema(example = "example.com")]
    pub value: String,
    /// When it was first screened.
    #[schema(format = DateTime, example = "2026-11-21T02:03:04.702Z")]
    pub first_seen_at: String,
}

impl From<IndicatorRow> for KnownIndicator {
    fn from(row: IndicatorRow) -> Self {
        let (custom_kind, value) = told(row.kind, row.value);
        Self {
            id: row.id.to_string(),
            kind: row.kind.into(),
            custom_kind,
            value,
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
            custom_kind: None,
            value: "example.com".to_owned(),
            first_seen_at: "2026-11-21T02:03:04.702Z".to_owned(),
        }
    }
}

/// Indicators, in the order asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"indicators": [KnownIndicator::example()], "next": null}))]
pub struct IndicatorPage {
    /// The indicators.
    pub indicators: Vec<KnownIndicator>,
    /// The cursor of the next page; `null` on the last one.
    #[schema(required = true)]
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
    #[schema(format = DateTime, required = true)]
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

page_parameters! {
    /// Which submissions of an indicator to list.
    HistoryParameters {}
    /// The order of the submissions; the newest first when absent.
    sort: CreatedSort
}

/// Where an indicator was seen, in the order asked for.
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
