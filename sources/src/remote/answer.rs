//! Making answers, so that a failure is never mistaken for one about the indicator.

use std::time::Duration;

use aggregator_domain::{Opinion, Outcome, Stance};
use serde_json::Value;

use super::links::Links;
use super::source::Answer;

impl Answer {
    /// The source knows the indicator, takes no side and leads nowhere; see the `with_…` of the rest.
    pub(super) fn found(summary: impl Into<String>, data: Value) -> Self {
        Self::new(Outcome::Found, summary, data)
    }

    /// The source does not know the indicator.
    pub(super) fn not_found(summary: impl Into<String>) -> Self {
        Self::new(Outcome::NotFound, summary, Value::Null)
    }

    /// Asking failed: nothing is said about the indicator.
    pub(super) fn failed(outcome: Outcome, why: impl Into<String>) -> Self {
        debug_assert!(!outcome.is_answer(), "a failure is no answer");
        Self::new(outcome, why, Value::Null)
    }

    /// The answer is not what the source documents.
    pub(super) fn malformed(why: impl Into<String>) -> Self {
        Self::failed(Outcome::Malformed, why)
    }

    fn new(outcome: Outcome, summary: impl Into<String>, data: Value) -> Self {
        let summary = summary.into();
        let (opinion, links) = (Opinion::default(), Vec::new());
        Self { outcome, opinion, summary, data, links, retry_after: None, is_service_well: false }
    }

    /// Takes a side; the confidence is 0–100.
    #[must_use]
    pub(super) fn with_opinion(self, stance: Stance, confidence: u8) -> Self {
        Self { opinion: Opinion { stance, confidence }, ..self }
    }

    /// Leads to other indicators.
    #[must_use]
    pub(super) fn with_links(self, links: Links) -> Self {
        Self { links: links.into_vec(), ..self }
    }

    /// Says whether the service was seen to be well though this is no answer.
    #[must_use]
    pub(super) fn with_service_well(self, is_service_well: bool) -> Self {
        Self { is_service_well, ..self }
    }

    /// Says when to come back.
    #[must_use]
    pub(super) fn with_retry_after(self, retry_after: Option<Duration>) -> Self {
        Self { retry_after, ..self }
    }
}
