//! Autonomous system numbers.

use super::plain;
use crate::detect::Parsed;
use crate::{Kind, Reject};

/// Reads `AS64496`, `ASN64496`, `AS 64496` or asdot `AS1.10`, any case. `None` where it does not look like one.
pub(crate) fn read(text: &str) -> Option<Result<Parsed, Reject>> {
    let bytes = text.as_bytes();
    if bytes.len() < 3 || !bytes[..2].eq_ignore_ascii_case(b"as") {
        return None;
    }
    let skip = 2 + usize::from(matches!(bytes[2], b'n' | b'N'));
    let number = text.get(skip..)?;
    let number = number.strip_prefix(' ').unwrap_or(number);
    let looks_right = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    looks_right.then(|| canonical(number))
}

/// Reads a value the caller says is an AS number: the bare number is enough.
pub(crate) fn named(text: &str) -> Result<Parsed, Reject> {
    read(text).unwrap_or_else(|| canonical(text))
}

/// `AS` and the number, 1–4,294,967,295. asdot (RFC 5396) `high.low` is two 16-bit halves.
pub(crate) fn canonical(number: &str) -> Result<Parsed, Reject> {
    let number = match number.split_once('.') {
        Some((high, low)) => decimal::<u16>(high)
            .zip(decimal::<u16>(low))
            .map(|(high, low)| (u32::from(high) << 16) | u32::from(low)),
        None => decimal::<u32>(number),
    };
    match number {
        Some(number) if number > 0 => Ok(plain(Kind::Asn, format!("AS{number}"))),
        _ => Err(Reject::Invalid),
    }
}

fn decimal<N: std::str::FromStr>(text: &str) -> Option<N> {
    let padded = text.len() > 1 && text.starts_with('0');
    if padded || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}
