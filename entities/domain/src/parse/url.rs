//! URLs, as the WHATWG URL standard serialises them.
//!
//! That covers case, dot segments, percent-encoding, IDNA, IPv4 shorthand in hosts and default ports. On top of it the
//! trailing dot of the host goes. Query, fragment and user info stay: phishing kits route on the fragment, and
//! `http://bank.example@evil.example/` is what the victim saw. A URL without a scheme is read as `http`.

use ::url::{Host, Url};

use super::{Naming, address, domain, plain};
use crate::detect::Parsed;
use crate::refang::refang;
use crate::trim::trim;
use crate::{Kind, Reject};

/// Reads a URL with its scheme. `None` where there is no `scheme://`.
pub(crate) fn with_scheme(text: &str) -> Option<Result<Parsed, Reject>> {
    if let Some(rest) = text.strip_prefix("//") {
        return Some(canonical(&format!("http://{rest}")));
    }
    let (scheme, rest) = text.split_once(':')?;
    let is_scheme = scheme.len() > 1
        && scheme.as_bytes()[0].is_ascii_alphabetic()
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'+' || b == b'-');
    let web = ["http", "https", "ftp", "ws", "wss"].iter().any(|name| scheme.eq_ignore_ascii_case(name));
    let looks_right = is_scheme && (rest.starts_with("//") || (web && rest.starts_with(['/', '\\'])));
    looks_right.then(|| canonical(text))
}

/// Reads `host/path`, `host?query` or `host#fragment`; `end` is where the host ends.
///
/// The host must be one that detection knows by itself: an address, or a name with a known suffix.
pub(crate) fn without_scheme(text: &str, end: usize) -> Result<Parsed, Reject> {
    let authority = &text[..end];
    let host = address::bare(authority).or_else(|_| match address::with_colon(authority) {
        Some(reading) => reading,
        None => domain::with_port(authority, Naming::Detected),
    });
    host?;
    canonical(&format!("http://{text}"))
}

/// Reads a value the caller says is a URL; a bare host gets `http://`.
pub(crate) fn named(text: &str) -> Result<Parsed, Reject> {
    if let Some(reading) = with_scheme(text) {
        return reading;
    }
    canonical(text).or_else(|_| {
        let end = text.find(['/', '?', '#']).unwrap_or(text.len());
        without_scheme(text, end)
    })
}

/// How often what parsing brought to light is refanged and parsed again before the value is refused.
const MAX_ROUNDS: usize = 4;

fn canonical(text: &str) -> Result<Parsed, Reject> {
    let mut value = serialised(text)?;
    for _ in 0..MAX_ROUNDS {
        // `[\]` in a path becomes the mark `[/]` by the standard's own rules; a canonical value holds no mark.
        let next = match unmarked(&value) {
            Some(refanged) => serialised(&refanged)?,
            // The url crate needs more than one round for a drive letter behind empty segments.
            None if value.starts_with("file:") => serialised(&value)?,
            None => return Ok(plain(Kind::Url, value)),
        };
        if next == value {
            return Ok(plain(Kind::Url, value));
        }
        value = next;
    }
    Err(Reject::Invalid)
}

/// The value refanged and trimmed; `None` where that changes nothing.
fn unmarked(value: &str) -> Option<String> {
    let may_change =
        value.contains(['[', '(', '{', '\\']) || value.ends_with(|c: char| !c.is_ascii_alphanumeric());
    let refanged = may_change.then(|| refang(value))?;
    let trimmed = trim(&refanged);
    (trimmed != value).then(|| trimmed.to_owned())
}

fn serialised(text: &str) -> Result<String, Reject> {
    let Ok(mut url) = Url::parse(text) else { return Err(Reject::Invalid) };
    let special = url.is_special();
    let host = match url.host() {
        Some(Host::Domain(name)) if special => without_trailing_dot(name)?,
        Some(Host::Domain(name)) => name_or_address(name)?,
        Some(_) => None,
        None => return Err(Reject::Invalid),
    };
    if let Some(host) = host
        && url.set_host(Some(&host)).is_err()
    {
        return Err(Reject::Invalid);
    }
    Ok(String::from(url))
}

/// The host to put in the place of one with a trailing dot; `None` where nothing has to change.
fn without_trailing_dot(name: &str) -> Result<Option<String>, Reject> {
    match name.strip_suffix('.') {
        Some(host) if host.is_empty() || host.ends_with('.') => Err(Reject::Invalid),
        Some(host) => Ok(Some(host.to_owned())),
        None if name.is_empty() => Err(Reject::Invalid),
        None => Ok(None),
    }
}

/// Outside the standard's own schemes a host is opaque text to it: here it has to be a name or an address.
fn name_or_address(host: &str) -> Result<Option<String>, Reject> {
    if address::bare(host).is_ok() {
        return Ok(None);
    }
    match domain::canonical(host, Naming::Named) {
        Ok(name) => Ok(Some(name.into_owned())),
        Err(_) => Err(Reject::Invalid),
    }
}
