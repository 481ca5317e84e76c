//! What means something inside one network alone. Nobody outside can know it, and asking them tells how that network is made.

use std::net::Ipv4Addr;

use ipnet::{IpNet, Ipv4Net};

use super::{Namespace, address_of, name_of, namespace, special_purpose};
use crate::{Indicator, Kind};

/// Suffixes nobody outside resolves: RFC 6761 (`invalid`, `localhost`, `test`), RFC 6762 (`local`, and those of its appendix G that
/// networks use in its place), RFC 8375 (`home.arpa`), ICANN's of 2024 (`internal`), and `localdomain` by custom. `example` is
/// documentation and `onion` the same service for everybody: both are ordinary here.
const SUFFIXES: [&str; 12] = [
    "corp",
    "home",
    "home.arpa",
    "internal",
    "intranet",
    "invalid",
    "lan",
    "local",
    "localdomain",
    "localhost",
    "private",
    "test",
];

/// True for what is private to a network, or no host at all: an address or a whole network of a special range that the Internet does
/// not reach, also inside one that translates to IPv4; a name below a suffix of such networks, or of a single label; an AS number
/// for private use (RFC 6996). A URL or a mail address is what its host is. Documentation (RFC 5737, RFC 3849) is ordinary.
pub fn is_private(indicator: &Indicator) -> bool {
    let value = indicator.value();
    match indicator.kind() {
        Kind::Cidr => value.parse().is_ok_and(is_private_network),
        Kind::Asn => value.trim_start_matches("AS").parse().is_ok_and(is_private_number),
        _ => match address_of(indicator) {
            Some(address) => is_private_network(address.into()),
            None => name_of(indicator).is_some_and(is_private_name),
        },
    }
}

fn is_private_network(network: IpNet) -> bool {
    let is_private = special_purpose(network).is_some_and(|range| {
        // Multicast groups have no owner to ask about; the registries leave their reach open.
        let is_unreachable = range.globally_reachable == Some(false) || range.name == "Multicast";
        is_unreachable && !range.name.starts_with("Documentation")
    });
    is_private || translated(network).is_some_and(is_private_network)
}

/// The IPv4 network inside one that translates to it: NAT64 (RFC 6052), 6to4 (RFC 3056).
fn translated(network: IpNet) -> Option<IpNet> {
    let IpNet::V6(network) = network else { return None };
    let before = match network.network().segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, ..] => 96,
        [0x2002, ..] => 16,
        _ => return None,
    };
    let length = network.prefix_len().checked_sub(before)?.min(32);
    let bits = (network.network().to_bits() >> (96 - before)) & u128::from(u32::MAX);
    let inside = Ipv4Net::new(Ipv4Addr::from_bits(u32::try_from(bits).ok()?), length).ok()?;
    Some(inside.into())
}

fn is_private_name(name: &str) -> bool {
    let is_below =
        |suffix: &str| name.strip_suffix(suffix).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    SUFFIXES.into_iter().any(is_below) || (!name.contains('.') && namespace(name) == Namespace::Unknown)
}

fn is_private_number(number: u32) -> bool {
    matches!(number, 64_512..=65_535 | 4_200_000_000..=u32::MAX)
}
