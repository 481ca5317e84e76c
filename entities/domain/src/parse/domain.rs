//! DNS names.
//!
//! The canonical name is lower case, ASCII (UTS-46, non-transitional), without a trailing dot, of two labels at
//! least. Labels hold letters, digits, hyphens (not at an end) and underscores, which the DNS allows and service
//! records and malware use. Without a kind named, the name must end in a suffix somebody runs
//! ([`crate::facts::namespace`]): that is what tells a name from `report.docx`.

use std::borrow::Cow;

use idna::AsciiDenyList;
use idna::uts46::{DnsLength, Hyphens, Uts46};

use super::{Naming, port};
use crate::detect::Parsed;
use crate::facts::namespace::{Namespace, namespace};
use crate::{Kind, Reject};

/// The most bytes of a name without its trailing dot (RFC 1035).
const MAX_NAME_BYTES: usize = 253;
/// The most bytes of a label (RFC 1035).
const MAX_LABEL_BYTES: usize = 63;

/// Reads a name without a port.
pub(crate) fn read(text: &str, naming: Naming) -> Result<Parsed, Reject> {
    Ok(super::plain(Kind::Domain, canonical(text, naming)?))
}

/// Reads a name with or without a port.
pub(crate) fn with_port(text: &str, naming: Naming) -> Result<Parsed, Reject> {
    match port::split(text) {
        Some((host, port)) => Ok(Parsed { port, ..read(host, naming)? }),
        None => read(text, naming),
    }
}

/// The canonical form of a name; the text itself when it is canonical already.
pub(crate) fn canonical(text: &str, naming: Naming) -> Result<Cow<'_, str>, Reject> {
    let name = match shape(text) {
        Shape::Canonical => Cow::Borrowed(text),
        Shape::Broken => return Err(Reject::Unrecognised),
        Shape::ToMap => Cow::Owned(map(text)?),
    };
    if naming == Naming::Detected && namespace(&name) == Namespace::Unknown {
        return Err(Reject::UnknownSuffix);
    }
    Ok(name)
}

fn map(text: &str) -> Result<String, Reject> {
    let ascii =
        Uts46::new().to_ascii(text.as_bytes(), AsciiDenyList::EMPTY, Hyphens::Allow, DnsLength::Ignore);
    let Ok(ascii) = ascii else { return Err(Reject::Unrecognised) };
    let name = ascii.strip_suffix('.').unwrap_or(&ascii);
    // A-labels that UTS-46 has just checked still look unmapped; capitals and a second trailing dot are.
    let unmapped = name.ends_with('.') || name.bytes().any(|b| b.is_ascii_uppercase());
    if unmapped || shape(name) == Shape::Broken {
        return Err(Reject::Unrecognised);
    }
    Ok(name.to_owned())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// Lower case ASCII, every rule kept, nothing for UTS-46 to check.
    Canonical,
    /// Has capitals, A-labels, characters outside ASCII or a trailing dot.
    ToMap,
    /// Breaks a rule mapping cannot mend.
    Broken,
}

fn shape(text: &str) -> Shape {
    let bytes = text.as_bytes();
    let mut needs_mapping = false;
    let (mut label_start, mut labels) = (0, 0);
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' => {}
            b'.' => {
                if !is_label(&bytes[label_start..at]) {
                    return Shape::Broken;
                }
                (label_start, labels) = (at + 1, labels + 1);
            }
            b'A'..=b'Z' => needs_mapping = true,
            0x80.. => return Shape::ToMap,
            // An ASCII sign can be one letter with the combining mark behind it.
            _ if text.is_ascii() => return Shape::Broken,
            _ => return Shape::ToMap,
        }
    }
    let last = &bytes[label_start..];
    if last.is_empty() && labels > 1 {
        return Shape::ToMap;
    }
    if labels == 0 || bytes.len() > MAX_NAME_BYTES || !is_label(last) || is_number(last) {
        return Shape::Broken;
    }
    if needs_mapping || memchr::memmem::find(bytes, b"xn--").is_some() {
        Shape::ToMap
    } else {
        Shape::Canonical
    }
}

fn is_label(label: &[u8]) -> bool {
    match (label.first(), label.last()) {
        (Some(first), Some(last)) => *first != b'-' && *last != b'-' && label.len() <= MAX_LABEL_BYTES,
        _ => false,
    }
}

/// True for a last label that makes WHATWG URLs read the whole host as an IPv4 address.
fn is_number(label: &[u8]) -> bool {
    let hex = label.strip_prefix(b"0x").or_else(|| label.strip_prefix(b"0X"));
    match hex {
        Some(digits) => digits.iter().all(u8::is_ascii_hexdigit),
        None => label.iter().all(u8::is_ascii_digit),
    }
}
