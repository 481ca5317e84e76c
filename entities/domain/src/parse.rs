//! One file per family of kinds: each reads a trimmed, refanged value and writes the canonical one.
//!
//! Each reader answers `None` or [`Reject::Unrecognised`] where the value does not look like its kind, and
//! [`Reject::Invalid`] where it does and breaks the rules.

use std::borrow::Cow;
use std::net::Ipv6Addr;

use crate::classes::Classes;
use crate::detect::{Detection, Parsed};
use crate::refang::refang;
use crate::{Indicator, Kind, Reject};

pub(crate) mod address;
pub(crate) mod asn;
pub(crate) mod cve;
pub(crate) mod digest;
pub(crate) mod domain;
pub(crate) mod email;
pub(crate) mod fuzzy;
pub(crate) mod network;
pub(crate) mod port;
pub(crate) mod url;

/// One reading without a port.
pub(crate) fn plain(kind: Kind, value: impl Into<Box<str>>) -> Parsed {
    Parsed { indicator: Indicator::from_canonical(kind, value), port: None }
}

/// How sure a reader has to be: a name under an unknown top-level domain is enough only when the kind was named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Naming {
    /// Nobody said what it is.
    Detected,
    /// The caller named the kind.
    Named,
}

/// Reads a trimmed value of unknown kind; canonical forms, nine lines in ten of a list, never get past the fast ways.
pub(crate) fn any(text: &str) -> Detection {
    let classes = Classes::of(text.as_bytes());
    if classes.within(Classes::NAME) && classes.has(Classes::DOT) {
        if classes.within(Classes::QUAD) {
            return answer(address::bare(text));
        }
        let name = domain::read(text, Naming::Detected);
        return answer(name.or_else(|reject| asn::read(text).unwrap_or(Err(reject))));
    }
    if classes.within(Classes::HEX) {
        return digest::any(text);
    }
    // A defanged scheme begins with one of these letters and needs no bracket.
    let may_be_defanged =
        classes.has(Classes::FANG) || matches!(text.as_bytes().first(), Some(b'h' | b'H' | b'f' | b'F'));
    let text = if may_be_defanged { refang(text) } else { Cow::Borrowed(text) };
    if text == fuzzy::EMPTY_FILE {
        let address = address::canonical_v6(Ipv6Addr::new(3, 0, 0, 0, 0, 0, 0, 0));
        return Detection::Ambiguous(vec![address, plain(Kind::Ssdeep, fuzzy::EMPTY_FILE)]);
    }
    answer(marked(&text))
}

fn answer(reading: Result<Parsed, Reject>) -> Detection {
    match reading {
        Ok(parsed) => Detection::One(parsed),
        Err(reject) => Detection::None(reject),
    }
}

/// Reads what has a mark of its kind: a prefix, a scheme, `@`, `:` or `/`; a name where there is none.
fn marked(text: &str) -> Result<Parsed, Reject> {
    if let Some(reading) = cve::read(text).or_else(|| asn::read(text)).or_else(|| fuzzy::tlsh(text)) {
        return reading;
    }
    // Two words are two values or a value and a comment: which part is meant is for extraction to find.
    if text.contains(char::is_whitespace) {
        return Err(Reject::Unrecognised);
    }
    if let Some(reading) = url::with_scheme(text).or_else(|| fuzzy::ssdeep(text, Naming::Detected)) {
        return reading;
    }
    let end = text.find(['/', '?', '#']).unwrap_or(text.len());
    if end < text.len() {
        return network::read(text).unwrap_or_else(|| url::without_scheme(text, end));
    }
    if text.contains('@') {
        return email::read(text, Naming::Detected);
    }
    if text.contains(':') {
        return address::with_colon(text).unwrap_or_else(|| domain::with_port(text, Naming::Detected));
    }
    address::bare(text).or_else(|_| domain::read(text, Naming::Detected))
}

/// Reads a trimmed value as the kind named.
pub(crate) fn named(kind: Kind, text: &str) -> Result<Parsed, Reject> {
    let text = match kind {
        // WHATWG: these go wherever they are.
        Kind::Url => Cow::Owned(text.replace(['\t', '\n', '\r'], "")),
        _ => Cow::Borrowed(text),
    };
    let text = &*refang(&text);
    match kind {
        Kind::Ipv4 => address::named_v4(text),
        Kind::Ipv6 => address::named_v6(text),
        Kind::Cidr => network::read(text).unwrap_or(Err(Reject::Invalid)),
        Kind::Asn => asn::named(text),
        Kind::Domain => domain::with_port(text, Naming::Named),
        Kind::Url => url::named(text),
        Kind::Email => email::read(text, Naming::Named),
        Kind::Md5 | Kind::Sha1 | Kind::Sha256 | Kind::Sha512 => digest::named(kind, text),
        Kind::Ssdeep => fuzzy::ssdeep(text, Naming::Named).unwrap_or(Err(Reject::Invalid)),
        Kind::Tlsh => fuzzy::tlsh(text).unwrap_or(Err(Reject::Invalid)),
        Kind::Cve => cve::read(text).unwrap_or(Err(Reject::Invalid)),
        // Only who has the definitions can read these (`crate::CustomKinds`).
        Kind::Custom => Err(Reject::Invalid),
    }
    .map_err(|reject| if reject == Reject::Unrecognised { Reject::Invalid } else { reject })
}
