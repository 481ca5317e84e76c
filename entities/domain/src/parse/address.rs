//! IPv4 and IPv6 addresses, with or without a port.
//!
//! IPv4 is the dotted quad and nothing else: `127.1`, `0x7f.1` and `010.1.1.1` are read differently by different
//! programs and are no address here (inside a URL the WHATWG rules decide). IPv6 is written as RFC 5952 says; an
//! IPv4-mapped address is the IPv4 address; a zone (`%eth0`) means something on one machine only and is dropped.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::{plain, port};
use crate::detect::Parsed;
use crate::{Kind, Reject};

/// Reads a dotted quad without a port.
pub(crate) fn bare(text: &str) -> Result<Parsed, Reject> {
    // The standard parser takes the canonical spelling alone, so the text is the value.
    match text.parse::<Ipv4Addr>() {
        Ok(_) => Ok(plain(Kind::Ipv4, text)),
        Err(_) => Err(Reject::Unrecognised),
    }
}

/// Reads an address with a colon in it: `v4:port`, `v6`, `[v6]`, `[v6]:port`. `None` where it is no address.
pub(crate) fn with_colon(text: &str) -> Option<Result<Parsed, Reject>> {
    if let Some(rest) = text.strip_prefix('[') {
        return Some(bracketed(rest));
    }
    if let Some(parsed) = v6(text) {
        return Some(Ok(parsed));
    }
    let (host, port) = port::split(text)?;
    let parsed = bare(host).ok()?;
    Some(Ok(Parsed { port, ..parsed }))
}

/// Reads a value the caller says is IPv4. A number of at least 2^24 is the address it is in integer form.
pub(crate) fn named_v4(text: &str) -> Result<Parsed, Reject> {
    if let Ok(parsed) = bare(text) {
        return Ok(parsed);
    }
    if let Some(address) = integer(text) {
        return Ok(plain(Kind::Ipv4, address.to_string()));
    }
    with_colon(text).unwrap_or(Err(Reject::Invalid)).and_then(|parsed| of_kind(parsed, Kind::Ipv4))
}

/// Reads a value the caller says is IPv6; the answer is IPv4 for an IPv4-mapped address.
pub(crate) fn named_v6(text: &str) -> Result<Parsed, Reject> {
    if !text.starts_with('[') && text.matches(':').count() < 2 {
        return Err(Reject::Invalid);
    }
    with_colon(text).unwrap_or(Err(Reject::Invalid))
}

/// The address an undotted decimal number stands for, from 1.0.0.0 (2^24) on.
pub(crate) fn integer(text: &str) -> Option<Ipv4Addr> {
    if text.starts_with('0') || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let number: u32 = text.parse().ok()?;
    (number >= 1 << 24).then(|| Ipv4Addr::from(number))
}

/// The canonical form of an IPv6 address; IPv4 when it is mapped.
pub(crate) fn canonical_v6(address: Ipv6Addr) -> Parsed {
    match address.to_ipv4_mapped() {
        Some(mapped) => plain(Kind::Ipv4, mapped.to_string()),
        None => plain(Kind::Ipv6, address.to_string()),
    }
}

fn of_kind(parsed: Parsed, kind: Kind) -> Result<Parsed, Reject> {
    if parsed.indicator.kind() == kind { Ok(parsed) } else { Err(Reject::Invalid) }
}

fn v6(text: &str) -> Option<Parsed> {
    let (address, zone) = text.split_once('%').unwrap_or((text, "0"));
    let zone_is_plain =
        !zone.is_empty() && zone.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
    zone_is_plain.then(|| address.parse().ok().map(canonical_v6))?
}

fn bracketed(rest: &str) -> Result<Parsed, Reject> {
    let (inner, after) = rest.split_once(']').ok_or(Reject::Unrecognised)?;
    let parsed = v6(inner).ok_or(Reject::Unrecognised)?;
    if after.is_empty() {
        return Ok(parsed);
    }
    match port::split(after) {
        Some(("", port)) => Ok(Parsed { port, ..parsed }),
        _ => Err(Reject::Invalid),
    }
}
