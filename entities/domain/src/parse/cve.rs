//! CVE numbers.

use super::plain;
use crate::detect::Parsed;
use crate::{Kind, Reject};

/// The most digits a sequence number may have (the CVE record format allows 19).
const MAX_SEQUENCE_DIGITS: usize = 19;

/// Reads `CVE-YYYY-NNNN…`, any case, any dash a word processor may have put there. `None` where it does not look
/// like one.
pub(crate) fn read(text: &str) -> Option<Result<Parsed, Reject>> {
    if text.len() < 4 || !text.as_bytes()[..3].eq_ignore_ascii_case(b"cve") {
        return None;
    }
    let mut parts = text.get(3..)?.split(is_dash);
    let (before, year, sequence) = (parts.next()?, parts.next()?, parts.next()?);
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !before.is_empty() || parts.next().is_some() || !digits(year) || !digits(sequence) {
        return None;
    }
    let year_is_real = year.len() == 4 && year >= "1999";
    // Four digits are padded with zeros; more are not.
    let sequence_is_real = sequence.len() == 4
        || ((5..=MAX_SEQUENCE_DIGITS).contains(&sequence.len()) && !sequence.starts_with('0'));
    Some(if year_is_real && sequence_is_real {
        Ok(plain(Kind::Cve, format!("CVE-{year}-{sequence}")))
    } else {
        Err(Reject::Invalid)
    })
}

fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}
