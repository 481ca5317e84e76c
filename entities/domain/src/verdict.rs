//! The explained fusion of opinions into one verdict.

use serde::{Deserialize, Serialize};

use crate::{Opinion, Stance};

/// One verdict: a stance, how sure, and the reasons line by line.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Verdict {
    /// The side taken; unknown where nothing is known.
    pub stance: Stance,
    /// How sure, 0–100; 0 when unknown.
    pub confidence: u8,
    /// Why, strongest first.
    pub reasons: Vec<VerdictReason>,
}

/// One line of an explanation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerdictReason {
    /// Slug of the source or list that says so.
    pub source: String,
    /// What it says.
    pub opinion: Opinion,
    /// One sentence a person can read.
    pub text: String,
    /// True when this line caps the verdict instead of raising it (a warninglist).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub caps: bool,
}

impl Verdict {
    /// Fuses the lines into one verdict: a pure function of its input.
    ///
    /// The strongest adverse opinion leads and agreeing ones raise its confidence (noisy-or); a benign opinion never
    /// lowers an adverse one (`one-source-cannot-lower`). A capping line (warninglist) turns an automatic *malicious*
    /// into *suspicious*. Lines without a stance stay as explanation only.
    pub fn fuse(mut reasons: Vec<VerdictReason>) -> Self {
        reasons.sort_by(|a, b| {
            (b.opinion.stance, b.opinion.confidence, &a.source).cmp(&(
                a.opinion.stance,
                a.opinion.confidence,
                &b.source,
            ))
        });
        let stance = reasons.iter().map(|reason| reason.opinion.stance).max().unwrap_or_default();
        if stance == Stance::Unknown {
            return Self { stance, confidence: 0, reasons };
        }
        let doubt =
            reasons.iter().filter(|reason| reason.opinion.stance == stance).fold(100_u32, |doubt, reason| {
                doubt * (100 - u32::from(reason.opinion.confidence.min(100))) / 100
            });
        let confidence = u8::try_from(100 - doubt).unwrap_or(100);
        let capped = stance == Stance::Malicious && reasons.iter().any(|reason| reason.caps);
        if capped {
            return Self { stance: Stance::Suspicious, confidence: confidence.min(50), reasons };
        }
        Self { stance, confidence, reasons }
    }
}
