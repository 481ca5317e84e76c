//! From what a person typed to an indicator: trim, refang, detect the kind, normalise.

use crate::{Indicator, Kind, Reject};

/// The longest input looked at, bytes (product.md: one line ≤ 8 KiB).
pub const MAX_INPUT_BYTES: usize = 8_192;

/// An indicator with what its written form said beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed {
    /// The canonical indicator.
    pub indicator: Indicator,
    /// The port of an `ip:port` form, which is context and not part of the indicator.
    pub port: Option<u16>,
}

/// What an input is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Detection {
    /// One reading.
    One(Parsed),
    /// More than one reading is equally good; the caller chooses by naming a kind.
    Ambiguous(Vec<Parsed>),
    /// No reading.
    None(Reject),
}

/// Detects the kind of one value (defanged or not) and normalises it.
pub fn detect(input: &str) -> Detection {
    let _ = input;
    Detection::None(Reject::Unrecognised)
}

/// [`detect`] for bytes of unknown encoding: not UTF-8 and NUL are answers, not panics.
pub fn detect_bytes(input: &[u8]) -> Detection {
    match std::str::from_utf8(input) {
        Ok(text) => detect(text),
        Err(_) => Detection::None(Reject::InvalidUtf8),
    }
}

/// Reads a value as the kind the caller names.
pub fn parse_as(kind: Kind, input: &str) -> Result<Parsed, Reject> {
    let _ = (kind, input);
    Err(Reject::Invalid)
}
