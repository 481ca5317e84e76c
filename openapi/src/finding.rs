//! Findings on the wire: what each source says.

use aggregator_entities::clock::rfc3339;
use aggregator_entities::domain;
use aggregator_entities::tables::finding as row;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Stance;
use crate::indicator::mirror;

mirror! {
    /// How asking a source ended. Only `found` and `not_found` say anything about the indicator.
    Outcome of domain::Outcome {
        /// The source knows the indicator.
        Found = "found",
        /// The source answered that it does not know the indicator.
        NotFound = "not_found",
        /// A limit of the source left no room in time.
        RateLimited = "rate_limited",
        /// The source refused our credential.
        Unauthorised = "unauthorised",
        /// The source could not be reached or failed.
        Unavailable = "unavailable",
        /// No answer in time.
        Timeout = "timeout",
        /// The answer is not what the source documents.
        Malformed = "malformed",
        /// Policy or an ignore list forbids asking.
        Refused = "refused",
        /// A scripted source raised an error.
        UserError = "user_error",
        /// The submission was cancelled first.
        Cancelled = "cancelled",
    }
}

/// A source's answer about an indicator.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(example = json!(Finding::example()))]
pub struct Finding {
    /// Slug of the source.
    #[schema(example = "threatfox-domains")]
    pub source: String,
    /// Name of the source.
    #[schema(example = "ThreatFox domains")]
    pub source_name: String,
    /// From 1; a changed answer is a new version.
    #[schema(example = 1)]
    pub version: i32,
    /// How asking ended.
    pub outcome: Outcome,
    /// The side it takes.
    pub stance: Stance,
    /// How sure it is, 0–100.
    #[schema(minimum = 0, maximum = 100, example = 80)]
    pub confidence: i16,
    /// One sentence a person can read.
    #[schema(example = "Listed by ThreatFox domains")]
    pub summary: String,
    /// True when it caps a verdict instead of raising it: its source is a warninglist.
    pub caps: bool,
    /// The facts, in the source's own shape.
    #[schema(required = true)]
    pub data: Option<serde_json::Value>,
    /// When this version was first seen.
    #[schema(format = DateTime, example = "2026-11-21T02:03:04.567Z")]
    pub found_at: String,
    /// When it was last confirmed.
    #[schema(format = DateTime, example = "2026-11-21T02:03:04.567Z")]
    pub checked_at: String,
}

impl From<row::Finding> for Finding {
    fn from(row: row::Finding) -> Self {
        Self {
            source: row.source,
            source_name: row.source_name,
            version: row.version,
            outcome: row.outcome.into(),
            stance: row.stance.into(),
            confidence: row.confidence,
            summary: row.summary,
            caps: row.caps,
            // A cut answer is shown as the text it is.
            data: row.data.map(|data| serde_json::from_str(&data).unwrap_or(serde_json::Value::String(data))),
            found_at: rfc3339(row.found_at),
            checked_at: rfc3339(row.checked_at),
        }
    }
}

impl Finding {
    /// A finding for the document's examples.
    pub fn example() -> Self {
        Self {
            source: "threatfox-domains".to_owned(),
            source_name: "ThreatFox domains".to_owned(),
            version: 1,
            outcome: Outcome::Found,
            stance: Stance::Malicious,
            confidence: 80,
            summary: "Listed by ThreatFox domains".to_owned(),
            caps: false,
            data: Some(serde_json::json!({"entries": [{"value": "example.com", "mode": "exact"}]})),
            found_at: "2026-11-21T02:03:04.567Z".to_owned(),
            checked_at: "2026-11-22T02:03:04.567Z".to_owned(),
        }
    }
}
