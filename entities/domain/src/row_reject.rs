//! Why a row of a list is no entry.

use serde::{Deserialize, Serialize};

use crate::Reject;

/// Why a row is not an entry.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, thiserror::Error,
)]
#[serde(rename_all = "snake_case")]
pub enum RowReject {
    /// The row has no value where the definition looks for one.
    #[error("the row has no value where the definition looks for one")]
    MissingValue,
    /// The row breaks its format.
    #[error("the row is not what the format says")]
    Malformed,
    /// The row is longer than the format's limit.
    #[error("the row is too long")]
    TooLong,
    /// The row is not UTF-8.
    #[error("the row is not UTF-8")]
    InvalidUtf8,
    /// The value is no indicator.
    #[error("the value looks like no known indicator kind")]
    Unrecognised,
    /// The value is not valid for the kind the definition names.
    #[error("the value is not valid for its kind")]
    Invalid,
    /// The value could be of more than one kind.
    #[error("the value could be of more than one kind; name the kind in the definition")]
    Ambiguous,
    /// The value is an indicator of a kind the definition does not take.
    #[error("the value is of a kind the definition does not take")]
    KindNotWanted,
    /// The value is no regular expression, or too large a one.
    #[error("the value is no regular expression of an acceptable size")]
    BadPattern,
}

impl From<Reject> for RowReject {
    fn from(reject: Reject) -> Self {
        match reject {
            Reject::Empty => Self::MissingValue,
            Reject::TooLong => Self::TooLong,
            Reject::NulByte | Reject::Unrecognised | Reject::UnknownSuffix => Self::Unrecognised,
            Reject::InvalidUtf8 => Self::InvalidUtf8,
            Reject::Invalid => Self::Invalid,
            Reject::Ambiguous => Self::Ambiguous,
        }
    }
}
