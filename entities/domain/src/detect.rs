//! From what a person typed to an indicator: trim, refang, detect the kind, normalise.

use crate::trim::trim;
use crate::{Indicator, Kind, Reject, parse};

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
///
/// The rules, the canonical form of each kind and what is ambiguous: `docs/INDICATORS.md`.
pub fn detect(input: &str) -> Detection {
    match prepared(input) {
        Ok(text) => parse::any(text),
        Err(reject) => Detection::None(reject),
    }
}

/// [`detect`] for bytes of unknown encoding: not UTF-8 and NUL are answers, not panics.
pub fn detect_bytes(input: &[u8]) -> Detection {
    match std::str::from_utf8(input) {
        Ok(text) => detect(text),
        // UTF-16 is both; the NUL says more.
        Err(_) if memchr::memchr(0, input).is_some() => Detection::None(Reject::NulByte),
        Err(_) => Detection::None(Reject::InvalidUtf8),
    }
}

/// Reads a value as the kind the caller names.
///
/// More is taken than [`detect`] takes: a name under an unknown suffix, a bare AS number, a host as a URL. Two answers
/// have another kind, because one thing has one identity: an IPv4-mapped IPv6 address is `ipv4`, and a network of one
/// address is that address.
pub fn parse_as(kind: Kind, input: &str) -> Result<Parsed, Reject> {
    parse::named(kind, prepared(input)?)
}

/// What is left of an input within bounds when it is trimmed.
pub(crate) fn prepared(input: &str) -> Result<&str, Reject> {
    if input.len() > MAX_INPUT_BYTES {
        return Err(Reject::TooLong);
    }
    if memchr::memchr(0, input.as_bytes()).is_some() {
        return Err(Reject::NulByte);
    }
    match trim(input) {
        "" => Err(Reject::Empty),
        text => Ok(text),
    }
}
