//! What one finding says about an indicator.

use serde::{Deserialize, Serialize};

/// The side an opinion or a verdict takes. Unknown is not benign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[repr(u8)]
pub enum Stance {
    /// Nobody asked knows.
    #[default]
    Unknown = 0,
    /// Somebody vouches for it.
    Benign = 1,
    /// Somebody distrusts it.
    Suspicious = 2,
    /// Somebody has seen it do harm.
    Malicious = 3,
}

impl Stance {
    /// Every stance, in the order of their codes.
    pub const ALL: [Self; 4] = [Self::Unknown, Self::Benign, Self::Suspicious, Self::Malicious];

    /// The number stored in rows, 0–3.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The stance of a stored number.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }

    /// The name used in the API and in documents.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Benign => "benign",
            Self::Suspicious => "suspicious",
            Self::Malicious => "malicious",
        }
    }
}

/// What one finding says: a stance and how sure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Opinion {
    /// The side taken.
    pub stance: Stance,
    /// How sure, 0–100.
    pub confidence: u8,
}

impl Opinion {
    /// The opinion of a source that weighs so much, 0–100: the confidence is multiplied. What weighs nothing takes no side.
    #[must_use]
    pub fn weighed(self, weight: u8) -> Self {
        self.with_confidence(u16::from(self.confidence) * u16::from(weight.min(100)) / 100)
    }

    /// The opinion so long after it was last fresh, when it was fresh for `fresh_for` (in one unit, whichever): the confidence
    /// halves with each such time. What has faded away takes no side.
    #[must_use]
    pub fn aged(self, overdue: i64, fresh_for: i64) -> Self {
        if overdue <= 0 {
            return self;
        }
        let halvings = overdue / fresh_for.max(1);
        let confidence = u16::from(self.confidence);
        // Between two halvings it falls in a straight line.
        let part = u16::try_from((overdue % fresh_for.max(1)) * 100 / fresh_for.max(1)).unwrap_or(100);
        let whole = confidence >> halvings.min(15);
        self.with_confidence(whole - whole * part / 200)
    }

    fn with_confidence(self, confidence: u16) -> Self {
        if confidence == 0 {
            return Self::default();
        }
        Self { confidence: u8::try_from(confidence).unwrap_or(100), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::{Opinion, Stance};

    const SURE: Opinion = Opinion { stance: Stance::Malicious, confidence: 80 };

    #[test]
    fn a_weight_lowers_the_confidence_and_none_takes_no_side() {
        assert_eq!(SURE.weighed(100), SURE);
        assert_eq!(SURE.weighed(50), Opinion { confidence: 40, ..SURE });
        assert_eq!(SURE.weighed(0), Opinion::default());
        assert_eq!(Opinion::default().weighed(100), Opinion::default());
    }

    #[test]
    fn an_opinion_fades_from_the_end_of_its_freshness_on() {
        let after = |overdue| SURE.aged(overdue, 1_000);
        assert_eq!((after(-5), after(0)), (SURE, SURE));
        let confidences: Vec<u8> = [500, 1_000, 1_500, 2_000, 6_000].map(|at| after(at).confidence).to_vec();
        assert_eq!(confidences, [60, 40, 30, 20, 1]);
        assert_eq!(after(i64::MAX), Opinion::default());
        assert_eq!(SURE.aged(1, 0), Opinion { confidence: 40, ..SURE });
        for at in 0..9_000 {
            assert!(after(at + 1).confidence <= after(at).confidence, "{at}");
        }
    }
}
