//! What a value is: one reading, several, or none.

use aggregator_entities::domain;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::indicator::mirror;
use crate::{KindName, ParsedIndicator};

/// The most values one request takes.
pub const MAX_VALUES: usize = 1_000;

/// The value to look at.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DetectParameters {
    /// The value as it was found: defanged or not, with spaces around it or not. One longer than 8,192 bytes is answered with
    /// `too_long`.
    #[param(example = "hxxp://203[.]0[.]113[.]7/login")]
    pub value: String,
    /// Read it as this kind and no other: a built-in one, a custom one by its slug, or any custom one with `custom`.
    pub kind: Option<KindName>,
}

/// Values to look at, each on its own.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"values": ["192[.]0[.]2[.]1:8080", "hello"]}))]
pub struct DetectRequest {
    /// The values as they were found, 1 to 1,000 of them. One longer than 8,192 bytes is answered with `too_long`.
    #[schema(min_items = 1, max_items = 1000)]
    pub values: Vec<String>,
    /// Read all of them as this kind and no other: a built-in one, a custom one by its slug, or any custom one with `custom`.
    pub kind: Option<KindName>,
}

/// One value and what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({
    "input": "192[.]0[.]2[.]1:8080",
    "detection": {"result": "detected", "indicator": ParsedIndicator::example()}
}))]
pub struct DetectedValue {
    /// The value as it was sent.
    pub input: String,
    /// What it is.
    pub detection: Detection,
}

/// The values of a request, in its order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"detections": [
    {"input": "192[.]0[.]2[.]1:8080", "detection": {"result": "detected", "indicator": ParsedIndicator::example()}},
    {"input": "hello", "detection": {
        "result": "rejected", "reason": "unrecognised", "message": domain::Reject::Unrecognised.to_string()
    }}
]}))]
pub struct DetectedValues {
    /// One for each value sent.
    pub detections: Vec<DetectedValue>,
}

/// What a value is; `result` tells which of the three.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum Detection {
    /// It has one reading.
    Detected {
        /// The reading.
        indicator: ParsedIndicator,
    },
    /// It has more than one equally good reading: name the kind to choose.
    Ambiguous {
        /// The readings, at least two.
        candidates: Vec<ParsedIndicator>,
    },
    /// It has no reading.
    Rejected {
        /// Why, for programs.
        reason: Reject,
        /// Why and what to do, for people.
        message: String,
    },
}

impl From<domain::Detection> for Detection {
    fn from(detection: domain::Detection) -> Self {
        match detection {
            domain::Detection::One(parsed) => Self::Detected { indicator: parsed.into() },
            domain::Detection::Ambiguous(candidates) => {
                Self::Ambiguous { candidates: candidates.into_iter().map(ParsedIndicator::from).collect() }
            }
            domain::Detection::None(reason) => Self::from(reason),
        }
    }
}

impl From<domain::Reject> for Detection {
    fn from(reason: domain::Reject) -> Self {
        Self::Rejected { reason: reason.into(), message: reason.to_string() }
    }
}

mirror! {
    /// Why a value is not an indicator.
    Reject of domain::Reject {
        /// Nothing is left after trimming.
        Empty = "empty",
        /// Longer than 8,192 bytes.
        TooLong = "too_long",
        /// Holds a NUL byte.
        NulByte = "nul_byte",
        /// Is not UTF-8.
        InvalidUtf8 = "invalid_utf8",
        /// Looks like no known kind.
        Unrecognised = "unrecognised",
        /// Breaks the rules of the kind asked for.
        Invalid = "invalid",
        /// Could be of more than one kind.
        Ambiguous = "ambiguous",
        /// Shaped like a name, but ends in no suffix anybody runs.
        UnknownSuffix = "unknown_suffix",
    }
}
