//! Traffic Light Protocol 2.0 (FIRST): how far something may travel.

use serde::{Deserialize, Serialize};

/// A TLP 2.0 marking, from free to secret; the order is the order of strictness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[repr(u8)]
pub enum Tlp {
    /// May go anywhere.
    #[serde(rename = "clear")]
    Clear = 0,
    /// The community.
    #[serde(rename = "green")]
    Green = 1,
    /// The organisation and its clients, need to know.
    #[default]
    #[serde(rename = "amber")]
    Amber = 2,
    /// The organisation only.
    #[serde(rename = "amber+strict")]
    AmberStrict = 3,
    /// Named people only.
    #[serde(rename = "red")]
    Red = 4,
}

impl Tlp {
    /// Every marking, in the order of strictness.
    pub const ALL: [Self; 5] = [Self::Clear, Self::Green, Self::Amber, Self::AmberStrict, Self::Red];

    /// The number stored in rows.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The marking of a stored number.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }

    /// The name used in the API and in documents.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Clear => "clear",
            Self::Green => "green",
            Self::Amber => "amber",
            Self::AmberStrict => "amber+strict",
            Self::Red => "red",
        }
    }
}
