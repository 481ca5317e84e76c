//! E-mail addresses: the local part as written, the domain as a domain.
//!
//! Quoted local parts and address literals (`user@[192.0.2.1]`) are refused: reports never mean them.

use super::{Naming, domain, plain};
use crate::detect::Parsed;
use crate::{Kind, Reject};

/// The most bytes of a local part (RFC 5321, 4.5.3.1.1).
const MAX_LOCAL_BYTES: usize = 64;

/// Reads `local@domain`, with or without `mailto:`.
pub(crate) fn read(text: &str, naming: Naming) -> Result<Parsed, Reject> {
    let address = match text.get(..7) {
        Some(scheme) if scheme.eq_ignore_ascii_case("mailto:") => &text[7..],
        _ => text,
    };
    let (local, host) = address.rsplit_once('@').ok_or(Reject::Unrecognised)?;
    if !is_local(local) {
        return Err(Reject::Unrecognised);
    }
    let host = domain::canonical(host, naming)?;
    Ok(plain(Kind::Email, format!("{local}@{host}")))
}

/// A dot-atom of RFC 5322, and letters outside ASCII (RFC 6531). It does not begin with a quotation mark or a
/// brace, which trimming takes for the beginning of a quotation.
fn is_local(local: &str) -> bool {
    let is_atext = |c: char| {
        c.is_ascii_alphanumeric()
            || "!#$%&'*+/=?^_`{|}~-".contains(c)
            || (!c.is_ascii() && c.is_alphanumeric())
    };
    local.len() <= MAX_LOCAL_BYTES
        && !local.starts_with(['\'', '`', '{'])
        && local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_atext))
}
