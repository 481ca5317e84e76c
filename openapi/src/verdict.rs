//! Verdicts and their explanation on the wire.

use aggregator_entities::domain;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::finding::Outcome;
use crate::indicator::mirror;

mirror! {
    /// The side an opinion or a verdict takes. Unknown is not benign.
    Stance of domain::Stance {
        /// Nobody asked knows.
        Unknown = "unknown",
        /// Somebody vouches for it.
        Benign = "benign",
        /// Somebody distrusts it.
        Suspicious = "suspicious",
        /// Somebody has seen it do harm.
        Malicious = "malicious",
    }
}

/// A verdict: the explained fusion of opinions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!(Verdict::example()))]
pub struct Verdict {
    /// The side taken.
    pub stance: Stance,
    /// How sure, 0–100; 0 when unknown.
    #[schema(minimum = 0, maximum = 100, example = 80)]
    pub confidence: u8,
    /// Why, strongest first; empty where nobody knows anything.
    pub reasons: Vec<VerdictReason>,
}

/// One line of an explanation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct VerdictReason {
    /// Slug of the source that says so; `ignore:` and a slug for an ignore list.
    #[schema(example = "threatfox-domains")]
    pub source: String,
    /// The side it takes.
    pub stance: Stance,
    /// How sure it is, 0–100.
    #[schema(minimum = 0, maximum = 100, example = 80)]
    pub confidence: u8,
    /// One sentence a person can read.
    #[schema(example = "Listed by ThreatFox")]
    pub text: String,
    /// True when this line caps the verdict instead of raising it (a warninglist).
    pub caps: bool,
    /// How asking ended where the source was asked in vain. Such a line says nothing about the indicator: a verdict over it may
    /// be *unknown* because nobody answered.
    #[schema(required = true)]
    pub failed: Option<Outcome>,
}

impl From<domain::VerdictReason> for VerdictReason {
    fn from(reason: domain::VerdictReason) -> Self {
        Self {
            source: reason.source,
            stance: reason.opinion.stance.into(),
            confidence: reason.opinion.confidence,
            text: reason.text,
            caps: reason.caps,
            failed: reason.failed.map(Into::into),
        }
    }
}

impl From<domain::Verdict> for Verdict {
    fn from(verdict: domain::Verdict) -> Self {
        Self {
            stance: verdict.stance.into(),
            confidence: verdict.confidence,
            reasons: verdict.reasons.into_iter().map(VerdictReason::from).collect(),
        }
    }
}

impl Verdict {
    /// A verdict for the document's examples.
    pub fn example() -> Self {
        domain::Verdict::fuse(vec![domain::VerdictReason {
            source: "threatfox-domains".to_owned(),
            opinion: domain::Opinion { stance: domain::Stance::Malicious, confidence: 80 },
            text: "Listed by ThreatFox".to_owned(),
            caps: false,
            failed: None,
        }])
        .into()
    }
}
