//! Networks in CIDR notation.
//!
//! Host bits are cleared. A network of one address (`/32`, `/128`) is that address, so one thing has one identity;
//! an IPv4-mapped network of `/96` or longer is the IPv4 network. A dotted netmask stands for its length.
//! `address/number` is always a network, never a URL with a number as path: out of range is an error.

use std::net::{IpAddr, Ipv4Addr};

use ipnet::IpNet;

use super::plain;
use crate::detect::Parsed;
use crate::{Kind, Reject};

/// Reads `address/length`. `None` where it does not look like one.
pub(crate) fn read(text: &str) -> Option<Result<Parsed, Reject>> {
    let (address, length) = text.split_once('/')?;
    let bare = address.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(address);
    let address: IpAddr = bare.parse().ok()?;
    let length = prefix_length(length, address)?;
    Some(length.and_then(|length| canonical(address, length)))
}

fn prefix_length(text: &str, address: IpAddr) -> Option<Result<u8, Reject>> {
    if text.is_empty() {
        return None;
    }
    if text.bytes().all(|b| b.is_ascii_digit()) {
        let padded = text.len() > 1 && text.starts_with('0');
        return Some(match text.parse() {
            Ok(length) if !padded => Ok(length),
            _ => Err(Reject::Invalid),
        });
    }
    let mask: Ipv4Addr = text.parse().ok().filter(|_| address.is_ipv4())?;
    Some(ipnet::ip_mask_to_prefix(IpAddr::V4(mask)).or(Err(Reject::Invalid)))
}

fn canonical(address: IpAddr, length: u8) -> Result<Parsed, Reject> {
    let (address, length) = match address {
        IpAddr::V6(v6) if (96..=128).contains(&length) => match v6.to_ipv4_mapped() {
            Some(mapped) => (IpAddr::V4(mapped), length - 96),
            None => (address, length),
        },
        _ => (address, length),
    };
    let Ok(network) = IpNet::new(address, length) else { return Err(Reject::Invalid) };
    if network.prefix_len() == network.max_prefix_len() {
        let kind = if address.is_ipv4() { Kind::Ipv4 } else { Kind::Ipv6 };
        return Ok(plain(kind, address.to_string()));
    }
    Ok(plain(Kind::Cidr, network.trunc().to_string()))
}
