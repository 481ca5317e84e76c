//! How asking a source ended.

use serde::{Deserialize, Serialize};

/// How one lookup of one source ended. Only `found` and `not_found` say anything about the indicator; every other
/// outcome says something about the asking, and never counts as clean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Outcome {
    /// The source knows the indicator.
    Found = 1,
    /// The source answered that it does not know the indicator.
    NotFound = 2,
    /// A limit would park the lookup past its deadline or budget.
    RateLimited = 3,
    /// The source refused our credential.
    Unauthorised = 4,
    /// The source could not be reached or answered with an error of its own.
    Unavailable = 5,
    /// No answer within the deadline.
    Timeout = 6,
    /// The answer is not what the source documents.
    Malformed = 7,
    /// Policy or an ignore list forbids asking.
    Refused = 8,
    /// A scripted source raised an error.
    UserError = 9,
    /// The submission was cancelled first.
    Cancelled = 10,
}

impl Outcome {
    /// Every one, in the order of their codes.
    pub const ALL: &'static [Self] = &[
        Self::Found,
        Self::NotFound,
        Self::RateLimited,
        Self::Unauthorised,
        Self::Unavailable,
        Self::Timeout,
        Self::Malformed,
        Self::Refused,
        Self::UserError,
        Self::Cancelled,
    ];

    /// The number stored in rows.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The name used in the API and in documents.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::NotFound => "not_found",
            Self::RateLimited => "rate_limited",
            Self::Unauthorised => "unauthorised",
            Self::Unavailable => "unavailable",
            Self::Timeout => "timeout",
            Self::Malformed => "malformed",
            Self::Refused => "refused",
            Self::UserError => "user_error",
            Self::Cancelled => "cancelled",
        }
    }

    /// True for the two outcomes that are answers about the indicator.
    pub const fn is_answer(self) -> bool {
        matches!(self, Self::Found | Self::NotFound)
    }

    /// The outcome of a stored number.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code).checked_sub(1)?).copied()
    }
}
