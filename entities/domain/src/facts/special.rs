//! Special-purpose address ranges: IANA's IPv4 and IPv6 special-purpose address registries, and multicast.
//!
//! Registries: <https://www.iana.org/assignments/iana-ipv4-special-registry/> and
//! <https://www.iana.org/assignments/iana-ipv6-special-registry/>. Names are the registries' own.

use std::net::{Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::address_of;
use crate::{Indicator, Kind};

/// A range the registries set aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpecialRange {
    /// The addresses.
    pub network: IpNet,
    /// The registry's name for it.
    pub name: &'static str,
    /// The document that sets it aside.
    pub rfc: &'static str,
    /// Whether a packet to it can cross the Internet; `None` where the registry does not say.
    pub globally_reachable: Option<bool>,
}

/// The most specific special range that holds a whole address or network; `None` for ordinary ones.
pub fn special_purpose(of: impl Into<IpNet>) -> Option<&'static SpecialRange> {
    let of = of.into();
    let table: &'static [SpecialRange] = if of.addr().is_ipv4() { &IPV4 } else { &IPV6 };
    table.iter().find(|range| range.network.contains(&of))
}

/// The special range an indicator lies in: an address, a whole network, or the address a URL names as its host.
pub fn special_range_of(indicator: &Indicator) -> Option<&'static SpecialRange> {
    match indicator.kind() {
        Kind::Cidr => special_purpose(indicator.value().parse::<IpNet>().ok()?),
        _ => special_purpose(address_of(indicator)?),
    }
}

const YES: Option<bool> = Some(true);
const NO: Option<bool> = Some(false);
const NEITHER: Option<bool> = None;

const fn v4(
    (octets, length): ([u8; 4], u8),
    name: &'static str,
    rfc: &'static str,
    globally_reachable: Option<bool>,
) -> SpecialRange {
    let address = Ipv4Addr::from_bits(u32::from_be_bytes(octets));
    SpecialRange { network: IpNet::V4(Ipv4Net::new_assert(address, length)), name, rfc, globally_reachable }
}

const fn v6(
    (groups, length): ([u16; 8], u8),
    name: &'static str,
    rfc: &'static str,
    globally_reachable: Option<bool>,
) -> SpecialRange {
    let (mut bits, mut group) = (0, 0);
    while group < groups.len() {
        bits = (bits << 16) | groups[group] as u128;
        group += 1;
    }
    let network = IpNet::V6(Ipv6Net::new_assert(Ipv6Addr::from_bits(bits), length));
    SpecialRange { network, name, rfc, globally_reachable }
}

/// Longest prefix first, so that the first hit is the most specific.
#[rustfmt::skip]
static IPV4: [SpecialRange; 26] = [
    v4(([0, 0, 0, 0], 32), "This host on this network", "RFC 1122", NO),
    v4(([192, 0, 0, 8], 32), "IPv4 dummy address", "RFC 7600", NO),
    v4(([192, 0, 0, 9], 32), "Port Control Protocol Anycast", "RFC 7723", YES),
    v4(([192, 0, 0, 10], 32), "Traversal Using Relays around NAT Anycast", "RFC 8155", YES),
    v4(([192, 88, 99, 2], 32), "6a44-relay anycast address", "RFC 6751", NO),
    v4(([255, 255, 255, 255], 32), "Limited Broadcast", "RFC 8190", NO),
    v4(([192, 0, 0, 170], 31), "NAT64/DNS64 Discovery", "RFC 8880", NO),
    v4(([192, 0, 0, 0], 29), "IPv4 Service Continuity Prefix", "RFC 7335", NO),
    v4(([192, 0, 0, 0], 24), "IETF Protocol Assignments", "RFC 6890", NO),
    v4(([192, 0, 2, 0], 24), "Documentation (TEST-NET-1)", "RFC 5737", NO),
    v4(([192, 31, 196, 0], 24), "AS112-v4", "RFC 7535", YES),
    v4(([192, 52, 193, 0], 24), "AMT", "RFC 7450", YES),
    v4(([192, 88, 99, 0], 24), "Deprecated (6to4 Relay Anycast)", "RFC 7526", NEITHER),
    v4(([192, 175, 48, 0], 24), "Direct Delegation AS112 Service", "RFC 7534", YES),
    v4(([198, 51, 100, 0], 24), "Documentation (TEST-NET-2)", "RFC 5737", NO),
    v4(([203, 0, 113, 0], 24), "Documentation (TEST-NET-3)", "RFC 5737", NO),
    v4(([169, 254, 0, 0], 16), "Link Local", "RFC 3927", NO),
    v4(([192, 168, 0, 0], 16), "Private-Use", "RFC 1918", NO),
    v4(([198, 18, 0, 0], 15), "Benchmarking", "RFC 2544", NO),
    v4(([172, 16, 0, 0], 12), "Private-Use", "RFC 1918", NO),
    v4(([100, 64, 0, 0], 10), "Shared Address Space", "RFC 6598", NO),
    v4(([0, 0, 0, 0], 8), "This network", "RFC 791", NO),
    v4(([10, 0, 0, 0], 8), "Private-Use", "RFC 1918", NO),
    v4(([127, 0, 0, 0], 8), "Loopback", "RFC 1122", NO),
    v4(([224, 0, 0, 0], 4), "Multicast", "RFC 5771", NEITHER),
    v4(([240, 0, 0, 0], 4), "Reserved", "RFC 1112", NO),
];

/// Longest prefix first, so that the first hit is the most specific.
#[rustfmt::skip]
static IPV6: [SpecialRange; 26] = [
    v6(([0, 0, 0, 0, 0, 0, 0, 0], 128), "Unspecified Address", "RFC 4291", NO),
    v6(([0, 0, 0, 0, 0, 0, 0, 0x1], 128), "Loopback Address", "RFC 4291", NO),
    v6(([0x2001, 0x1, 0, 0, 0, 0, 0, 0x1], 128), "Port Control Protocol Anycast", "RFC 7723", YES),
    v6(([0x2001, 0x1, 0, 0, 0, 0, 0, 0x2], 128), "Traversal Using Relays around NAT Anycast", "RFC 8155", YES),
    v6(([0x2001, 0x1, 0, 0, 0, 0, 0, 0x3], 128), "DNS-SD Service Registration Protocol Anycast", "RFC 9665", YES),
    v6(([0, 0, 0, 0, 0, 0xffff, 0, 0], 96), "IPv4-mapped Address", "RFC 4291", NO),
    v6(([0x64, 0xff9b, 0, 0, 0, 0, 0, 0], 96), "IPv4-IPv6 Translat.", "RFC 6052", YES),
    v6(([0x100, 0, 0, 0, 0, 0, 0, 0], 64), "Discard-Only Address Block", "RFC 6666", NO),
    v6(([0x100, 0, 0, 0x1, 0, 0, 0, 0], 64), "Dummy IPv6 Prefix", "RFC 9780", NO),
    v6(([0x64, 0xff9b, 0x1, 0, 0, 0, 0, 0], 48), "IPv4-IPv6 Translat.", "RFC 8215", NO),
    v6(([0x2001, 0x2, 0, 0, 0, 0, 0, 0], 48), "Benchmarking", "RFC 5180", NO),
    v6(([0x2001, 0x4, 0x112, 0, 0, 0, 0, 0], 48), "AS112-v6", "RFC 7535", YES),
    v6(([0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0], 48), "Direct Delegation AS112 Service", "RFC 7534", YES),
    v6(([0x2001, 0, 0, 0, 0, 0, 0, 0], 32), "TEREDO", "RFC 4380", NEITHER),
    v6(([0x2001, 0x3, 0, 0, 0, 0, 0, 0], 32), "AMT", "RFC 7450", YES),
    v6(([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32), "Documentation", "RFC 3849", NO),
    v6(([0x2001, 0x10, 0, 0, 0, 0, 0, 0], 28), "Deprecated (previously ORCHID)", "RFC 4843", NEITHER),
    v6(([0x2001, 0x20, 0, 0, 0, 0, 0, 0], 28), "ORCHIDv2", "RFC 7343", YES),
    v6(([0x2001, 0x30, 0, 0, 0, 0, 0, 0], 28), "Drone Remote ID Protocol Entity Tags Prefix", "RFC 9374", YES),
    v6(([0x2001, 0, 0, 0, 0, 0, 0, 0], 23), "IETF Protocol Assignments", "RFC 2928", NO),
    v6(([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20), "Documentation", "RFC 9637", NO),
    v6(([0x2002, 0, 0, 0, 0, 0, 0, 0], 16), "6to4", "RFC 3056", NEITHER),
    v6(([0x5f00, 0, 0, 0, 0, 0, 0, 0], 16), "Segment Routing (SRv6) SIDs", "RFC 9602", NO),
    v6(([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10), "Link-Local Unicast", "RFC 4291", NO),
    v6(([0xff00, 0, 0, 0, 0, 0, 0, 0], 8), "Multicast", "RFC 4291", NEITHER),
    v6(([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7), "Unique-Local", "RFC 4193", NO),
];

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::{IPV4, IPV6, special_purpose};

    fn name(address: &str) -> Option<&'static str> {
        special_purpose(address.parse::<IpAddr>().unwrap()).map(|range| range.name)
    }

    #[test]
    fn the_most_specific_range_answers() {
        assert_eq!(name("0.0.0.0"), Some("This host on this network"));
        assert_eq!(name("0.0.0.1"), Some("This network"));
        assert_eq!(name("192.0.0.9"), Some("Port Control Protocol Anycast"));
        assert_eq!(name("192.0.0.11"), Some("IETF Protocol Assignments"));
        assert_eq!(name("192.0.0.171"), Some("NAT64/DNS64 Discovery"));
        assert_eq!(name("255.255.255.255"), Some("Limited Broadcast"));
        assert_eq!(name("239.1.2.3"), Some("Multicast"));
        assert_eq!(name("8.8.8.8"), None);
        assert_eq!(name("::1"), Some("Loopback Address"));
        assert_eq!(name("2001::1"), Some("TEREDO"));
        assert_eq!(name("2001:1::1"), Some("Port Control Protocol Anycast"));
        assert_eq!(name("2001:db8::1"), Some("Documentation"));
        assert_eq!(name("fe80::1"), Some("Link-Local Unicast"));
        assert_eq!(name("2606:4700::1"), None);
    }

    #[test]
    fn a_network_is_special_only_when_all_of_it_is() {
        let of =
            |network: &str| special_purpose(network.parse::<ipnet::IpNet>().unwrap()).map(|range| range.name);
        assert_eq!(of("10.1.0.0/16"), Some("Private-Use"));
        assert_eq!(of("10.0.0.0/7"), None);
        assert_eq!(of("2001:db8:1::/48"), Some("Documentation"));
    }

    #[test]
    fn the_tables_are_ordered_and_their_networks_have_no_host_bits() {
        for table in [&IPV4[..], &IPV6[..]] {
            assert!(
                table.windows(2).all(|pair| pair[0].network.prefix_len() >= pair[1].network.prefix_len())
            );
            assert!(table.iter().all(|range| range.network == range.network.trunc()));
        }
    }
}
