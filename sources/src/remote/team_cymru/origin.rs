//! The lines of Team Cymru's origin zones: fields between bars.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::remote::facts;

/// Who announces an address: `AS numbers | network | country | registry | date of allocation`.
#[derive(Debug)]
pub(super) struct Origin {
    /// The systems, several where several announce the same network.
    pub(super) systems: Vec<u32>,
    /// The network.
    pub(super) network: IpNet,
    /// Two letters.
    pub(super) country: Option<String>,
    /// `arin`, `ripencc` …
    pub(super) registry: Option<String>,
    /// `YYYY-MM-DD`.
    pub(super) allocated: Option<String>,
}

impl Origin {
    /// The most specific network of the lines; `None` where none is about this address.
    pub(super) fn of(address: IpAddr, lines: &[String]) -> Option<Self> {
        let about = |origin: &Self| origin.network.contains(&address) && !origin.systems.is_empty();
        lines
            .iter()
            .filter_map(|line| Self::read(line))
            .filter(about)
            .max_by_key(|one| one.network.prefix_len())
    }

    fn read(line: &str) -> Option<Self> {
        let mut fields = line.split('|').map(facts::text);
        let systems =
            fields.next()??.split_ascii_whitespace().map(str::parse).collect::<Result<_, _>>().ok()?;
        let network = fields.next()??.parse().ok()?;
        let mut rest = || fields.next().flatten();
        let (country, registry, allocated) = (rest(), rest(), rest());
        Some(Self { systems, network, country, registry, allocated })
    }
}

/// Who an autonomous system is: `number | country | registry | date of allocation | name`.
#[derive(Debug)]
pub(super) struct AutonomousSystem {
    /// Its number.
    pub(super) number: u32,
    /// Two letters.
    pub(super) country: Option<String>,
    /// `arin`, `ripencc` …
    pub(super) registry: Option<String>,
    /// `YYYY-MM-DD`.
    pub(super) allocated: Option<String>,
    /// Its name, e.g. `GOOGLE - Google LLC, US`.
    pub(super) name: Option<String>,
}

impl AutonomousSystem {
    /// The first line that reads.
    pub(super) fn of(lines: &[String]) -> Option<Self> {
        lines.iter().find_map(|line| {
            // A name may hold a bar itself.
            let mut fields = line.splitn(5, '|').map(facts::text);
            let number = fields.next()??.parse().ok()?;
            let mut rest = || fields.next().flatten();
            let (country, registry, allocated, name) = (rest(), rest(), rest(), rest());
            Some(Self { number, country, registry, allocated, name })
        })
    }
}

/// The name under which the origin of an address is asked for: its bytes (IPv4) or half bytes (IPv6) in reverse.
pub(super) fn zone_name(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => {
            let [a, b, c, d] = address.octets();
            format!("{d}.{c}.{b}.{a}.origin.asn.cymru.com")
        }
        IpAddr::V6(address) => {
            let halves =
                address.octets().into_iter().rev().map(|byte| format!("{:x}.{:x}.", byte & 15, byte >> 4));
            format!("{}origin6.asn.cymru.com", halves.collect::<String>())
        }
    }
}

/// The name under which a system is described.
pub(super) fn system_name(number: u32) -> String {
    format!("AS{number}.asn.cymru.com")
}
