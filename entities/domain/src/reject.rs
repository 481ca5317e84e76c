//! Why an input is not an indicator.

use serde::{Deserialize, Serialize};

/// Why a line or a value was refused. Closed: the API publishes the names, rows store the codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Reject {
    /// Nothing is left after trimming.
    #[error("the value is empty; give an indicator")]
    Empty = 1,
    /// Longer than [`crate::detect::MAX_INPUT_BYTES`].
    #[error("the value is longer than 8,192 bytes; shorten it")]
    TooLong = 2,
    /// Holds a NUL byte.
    #[error("the value holds a NUL byte; is the file UTF-16? Convert it to UTF-8")]
    NulByte = 3,
    /// Is not UTF-8.
    #[error("the value is not UTF-8; convert the file to UTF-8")]
    InvalidUtf8 = 4,
    /// Nothing this product knows looks like this.
    #[error("this looks like no known indicator kind; check the spelling or name the kind")]
    Unrecognised = 5,
    /// Looks like the kind asked for, but breaks its rules.
    #[error("the value is not valid for its kind; check the spelling")]
    Invalid = 6,
    /// Could be more than one kind: the candidates are the answer.
    #[error("the value could be of more than one kind; name the kind")]
    Ambiguous = 7,
    /// Is shaped like a name, but ends in no suffix anybody runs: a typing error or a file name.
    #[error("the name ends in no known suffix; check the spelling or name the kind `domain`")]
    UnknownSuffix = 8,
}

impl Reject {
    /// Every reason, in the order of their codes.
    pub const ALL: [Self; 8] = [
        Self::Empty,
        Self::TooLong,
        Self::NulByte,
        Self::InvalidUtf8,
        Self::Unrecognised,
        Self::Invalid,
        Self::Ambiguous,
        Self::UnknownSuffix,
    ];

    /// The number stored in rows.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The reason of a stored number.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code).checked_sub(1)?).copied()
    }

    /// The name used in the API and in documents.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLong => "too_long",
            Self::NulByte => "nul_byte",
            Self::InvalidUtf8 => "invalid_utf8",
            Self::Unrecognised => "unrecognised",
            Self::Invalid => "invalid",
            Self::Ambiguous => "ambiguous",
            Self::UnknownSuffix => "unknown_suffix",
        }
    }
}
