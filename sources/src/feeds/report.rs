//! What parsing a feed found: rows, entries, and why rows were refused.

use std::collections::BTreeMap;

pub use aggregator_domain::RowReject;
use serde::{Deserialize, Serialize};

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
