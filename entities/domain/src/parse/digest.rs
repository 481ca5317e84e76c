//! Digests in hex, and what else a run of hex digits can be.

use super::{address, asn, fuzzy, plain};
use crate::detect::{Detection, Parsed};
use crate::{Kind, Reject};

/// The kind a run of that many hex digits has.
fn kind_of_length(length: usize) -> Option<Kind> {
    match length {
        32 => Some(Kind::Md5),
        40 => Some(Kind::Sha1),
        64 => Some(Kind::Sha256),
        128 => Some(Kind::Sha512),
        _ => None,
    }
}

/// Reads a value made of hex digits alone.
///
/// A decimal number of 2^24 or more is an AS number or an IPv4 address in integer form: both are offered.
pub(crate) fn any(text: &str) -> Detection {
    if let Some(kind) = kind_of_length(text.len()) {
        return Detection::One(plain(kind, lower(text)));
    }
    if let Some(Ok(parsed)) = fuzzy::tlsh(text) {
        return Detection::One(parsed);
    }
    match (asn::canonical(text), address::integer(text)) {
        (Ok(asn), Some(address)) => Detection::Ambiguous(vec![asn, plain(Kind::Ipv4, address.to_string())]),
        _ => Detection::None(Reject::Unrecognised),
    }
}

/// Reads a value the caller says is a digest of one kind.
pub(crate) fn named(kind: Kind, text: &str) -> Result<Parsed, Reject> {
    let right = kind_of_length(text.len()) == Some(kind) && text.bytes().all(|b| b.is_ascii_hexdigit());
    if right { Ok(plain(kind, lower(text))) } else { Err(Reject::Invalid) }
}

fn lower(text: &str) -> Box<str> {
    let mut value: Box<str> = text.into();
    value.make_ascii_lowercase();
    value
}
