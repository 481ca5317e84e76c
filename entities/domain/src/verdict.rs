//! The explained fusion of opinions into one verdict.

use serde::{Deserialize, Serialize};

use crate::{Opinion, Outcome, Stance};

/// The most that malicious lines under a capping one add to *suspicious*.
pub const CAPPED: u8 = 50;

/// Full doubt, in units fine enough for many voices.
const DOUBT: u64 = 1_000_000_000_000_000;

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
    /// How asking ended where the source was asked in vain: no opinion, and never a sign that all is well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<Outcome>,
}

impl Verdict {
    /// Fuses the lines into one verdict: a pure function of its input.
    ///
    /// The strongest adverse opinion leads and agreeing ones raise its confidence (noisy-or): 80 and 60 are
    /// `100 − 20 × 40 / 100 = 92`, rounded once, and certain only where a voice is. A benign opinion never lowers an adverse one
    /// (`one-source-cannot-lower`). A capping line (warninglist) turns *malicious* into *suspicious*, of which it adds no more
    /// than [`CAPPED`]: what the suspicious lines say for themselves stands. So another adverse opinion never lowers the stance,
    /// nor, where the stance stays, the confidence. Lines without a stance stay as explanation only.
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
        let confidence = agreed(&reasons, stance);
        let capped = stance == Stance::Malicious && reasons.iter().any(|reason| reason.caps);
        if capped {
            let confidence = confidence.min(CAPPED).max(agreed(&reasons, Stance::Suspicious));
            return Self { stance: Stance::Suspicious, confidence, reasons };
        }
        Self { stance, confidence, reasons }
    }
}

/// How sure all lines of a stance are together, 0–100; 0 without one.
fn agreed(reasons: &[VerdictReason], stance: Stance) -> u8 {
    let voices = || {
        let of_stance = reasons.iter().filter(|reason| reason.opinion.stance == stance);
        of_stance.map(|reason| u64::from(reason.opinion.confidence.min(100)))
    };
    if voices().any(|confidence| confidence == 100) {
        return 100;
    }
    let doubt = voices().fold(DOUBT, |doubt, confidence| doubt * (100 - confidence) / 100);
    let percent = (DOUBT - doubt + DOUBT / 200) / (DOUBT / 100);
    u8::try_from(percent).unwrap_or(99).min(99)
}
