//! Which addresses are of the public Internet, and which hide another one.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Addresses where clouds tell an instance its credentials: never asked, whatever is allowed.
const METADATA: [IpAddr; 9] = [
    // AWS, Azure, Google and most others; containers and pods of AWS.
    IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254)),
    IpAddr::V4(Ipv4Addr::new(169, 254, 170, 2)),
    IpAddr::V4(Ipv4Addr::new(169, 254, 170, 23)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23)),
    // Google.
    IpAddr::V6(Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254)),
    // Alibaba.
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
    // Oracle.
    IpAddr::V4(Ipv4Addr::new(192, 0, 0, 192)),
    // Azure's wire server, a public address by its number.
    IpAddr::V4(Ipv4Addr::new(168, 63, 129, 16)),
];

/// True for an address of a metadata service.
pub(super) fn is_metadata(address: IpAddr) -> bool {
    METADATA.contains(&address)
}

/// True for an address of the public Internet (IANA special-purpose registries, 2025) that is no cloud's own.
pub fn is_public(address: IpAddr) -> bool {
    let address = address.to_canonical();
    !is_metadata(address)
        && match address {
            IpAddr::V4(address) => is_public_v4(address),
            IpAddr::V6(address) => is_public_v6(address),
        }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !matches!(
        (a, b, c),
        (0 | 10 | 127 | 224..=255, _, _)
            | (100, 64..=127, _)
            | (169, 254, _)
            | (172, 16..=31, _)
            | (192, 0, 0 | 2)
            | (192, 88, 99)
            | (192, 168, _)
            | (198, 18..=19, _)
            | (198, 51, 100)
            | (203, 0, 113)
    )
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    // 64:ff9b::/96 translates to the IPv4 address in its last bits; outside 2000::/3 nothing else is global unicast.
    let global_unicast = segments[0] & 0xe000 == 0x2000 || segments[..6] == [0x64, 0xff9b, 0, 0, 0, 0];
    // 2001::/23 protocols (Teredo among them), documentation, 6to4.
    let special = match segments[0] {
        0x2001 => segments[1] < 0x200 || segments[1] == 0xdb8,
        0x2002 => true,
        0x3fff => segments[1] < 0x1000,
        _ => false,
    };
    global_unicast && !special && hidden(address.into()).all(|inside| is_public(inside.into()))
}

/// The IPv4 addresses a packet to this IPv6 address may end at.
pub(super) fn hidden(address: IpAddr) -> impl Iterator<Item = Ipv4Addr> {
    let inside = match address {
        IpAddr::V4(_) => [None, None],
        IpAddr::V6(address) => inside(address),
    };
    inside.into_iter().flatten()
}

fn inside(address: Ipv6Addr) -> [Option<Ipv4Addr>; 2] {
    let octets = address.octets();
    let at = |from: [usize; 4]| Some(Ipv4Addr::from(from.map(|index| octets[index])));
    let last = at([12, 13, 14, 15]);
    match address.segments() {
        // Compatible, mapped (both ::/80), translated, NAT64, ISATAP.
        [0, 0, 0, 0, 0, ..]
        | [0, 0, 0, 0, 0xffff, 0, ..]
        | [0x64, 0xff9b, 0, 0, 0, 0, ..]
        | [_, _, _, _, 0 | 0x200, 0x5efe, ..] => [last, None],
        // NAT64 of one's own: the whole prefix is for the translator, or longer ones below it (RFC 6052).
        [0x64, 0xff9b, 1, ..] => [at([6, 7, 9, 10]), last],
        // 6to4.
        [0x2002, ..] => [at([2, 3, 4, 5]), None],
        // Teredo: the server, and the client with every bit turned.
        [0x2001, 0, ..] => [at([4, 5, 6, 7]), last.map(|client| !client)],
        _ => [None, None],
    }
}
