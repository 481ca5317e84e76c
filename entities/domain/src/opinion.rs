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
