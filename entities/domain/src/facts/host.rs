//! The host inside an indicator.

use std::net::IpAddr;

use crate::{Indicator, Kind};

/// The host of a canonical URL, an IPv6 address without its brackets. `None` for text that is no canonical URL.
pub fn host_of(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host_and_port = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = match host_and_port.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?.0,
        None => host_and_port.split_once(':').map_or(host_and_port, |(host, _)| host),
    };
    (!host.is_empty()).then_some(host)
}

/// The DNS name an indicator is or holds: a domain, the host of a URL, the domain of an e-mail address.
pub fn name_of(indicator: &Indicator) -> Option<&str> {
    match indicator.kind() {
        Kind::Domain => Some(indicator.value()),
        Kind::Email => indicator.value().rsplit_once('@').map(|(_, domain)| domain),
        Kind::Url => host_of(indicator.value()).filter(|host| host.parse::<IpAddr>().is_err()),
        _ => None,
    }
}

/// The address an indicator is or holds: an address, or the host of a URL where that is one.
pub fn address_of(indicator: &Indicator) -> Option<IpAddr> {
    match indicator.kind() {
        Kind::Ipv4 | Kind::Ipv6 => indicator.value().parse().ok(),
        Kind::Url => host_of(indicator.value())?.parse().ok(),
        _ => None,
    }
}
