//! What parsing a feed found: rows, entries, and why rows were refused.

use std::collections::BTreeMap;

use aggregator_domain::Reject;
use serde::{Deserialize, Serialize};

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

/// One refused row, kept as an example.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RejectedRow {
    /// Where: the line of a line format (1 is the first), else the ordinal of the row.
    pub line: u64,
    /// Why.
    pub reason: RowReject,
    /// The start of the row, at most [`ParseReport::SAMPLE_BYTES`] bytes.
    pub text: String,
}

/// What parsing found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParseReport {
    /// Rows that held or should have held a value: `entries` + all of `rejected`.
    pub rows: u64,
    /// Rows that became entries, duplicates included.
    pub entries: u64,
    /// How many rows were refused, by reason.
    pub rejected: BTreeMap<RowReject, u64>,
    /// The first refused rows.
    pub samples: Vec<RejectedRow>,
}

impl ParseReport {
    /// Refused rows kept as examples.
    pub const MAX_SAMPLES: usize = 20;
    /// Longest text of an example, bytes.
    pub const SAMPLE_BYTES: usize = 200;

    /// Counts one entry.
    pub(crate) fn accept(&mut self) {
        self.rows += 1;
        self.entries += 1;
    }

    /// Counts one refused row.
    pub(crate) fn reject(&mut self, line: u64, reason: RowReject, text: &str) {
        self.rows += 1;
        *self.rejected.entry(reason).or_default() += 1;
        if self.samples.len() < Self::MAX_SAMPLES {
            let text = text[..text.floor_char_boundary(Self::SAMPLE_BYTES)].to_owned();
            self.samples.push(RejectedRow { line, reason, text });
        }
    }

    /// Refused rows of every reason.
    pub fn rejected_rows(&self) -> u64 {
        self.rows - self.entries
    }
}
