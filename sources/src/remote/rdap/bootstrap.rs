//! Which server to ask (RFC 9224): IANA's bootstrap registry, shipped as text; rdap.org, which redirects, for the rest.

use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::sync::LazyLock;

use aggregator_domain::facts::{Namespace, namespace, public_suffix, registrable_domain};
use aggregator_domain::{Indicator, Kind};
use ipnet::IpNet;
use url::Url;

/// Redirects to the registry where it knows one; answers 404 itself where it does not.
const FALLBACK: &str = "https://rdap.org/";
/// The host of the fallback.
pub(super) const FALLBACK_HOST: &str = "rdap.org";

static DNS: LazyLock<Vec<(&str, &str)>> = LazyLock::new(|| read(include_str!("dns.txt"), Some));
static NETWORKS: LazyLock<Vec<(&str, IpNet)>> = LazyLock::new(|| {
    let mut networks = read(include_str!("ipv4.txt"), |text| text.parse().ok());
    networks.extend(read(include_str!("ipv6.txt"), |text| text.parse().ok()));
    networks
});
static NUMBERS: LazyLock<Vec<(&str, RangeInclusive<u32>)>> = LazyLock::new(|| {
    read(include_str!("asn.txt"), |text| {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        Some(first.parse().ok()?..=last.parse().ok()?)
    })
});

/// Where to ask about an indicator.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Service {
    /// The server.
    pub(super) base: &'static str,
    /// The path below it, e.g. `domain`, `example.com`.
    pub(super) path: Vec<String>,
    /// False where the fallback has to know.
    pub(super) listed: bool,
}

/// Where to ask; `None` for what cannot be registered: a public suffix, a name outside the DNS.
pub(super) fn service(indicator: &Indicator) -> Option<Service> {
    let value = indicator.value();
    let (base, path) = match indicator.kind() {
        Kind::Domain => {
            let name = registered(value)?;
            let suffix = name.rsplit('.').next()?;
            let base = DNS.iter().find(|(_, of)| *of == suffix).map(|(base, _)| *base);
            (base, vec!["domain".to_owned(), name.to_owned()])
        }
        Kind::Asn => {
            let number = value.trim_start_matches("AS");
            (of_number(number.parse().ok()?), vec!["autnum".to_owned(), number.to_owned()])
        }
        _ => {
            let network = value.parse().or_else(|_| value.parse::<IpAddr>().map(IpNet::from)).ok()?;
            let path = std::iter::once("ip").chain(value.split('/')).map(ToOwned::to_owned).collect();
            (of_network(network), path)
        }
    };
    Some(Service { base: base.unwrap_or(FALLBACK), path, listed: base.is_some() })
}

/// True for an address below a server of the registry.
pub(super) fn is_listed(url: &Url) -> bool {
    let networks = NETWORKS.iter().map(|(base, _)| *base).chain(NUMBERS.iter().map(|(base, _)| *base));
    DNS.iter().map(|(base, _)| *base).chain(networks).any(|base| url.as_str().starts_with(base))
}

/// The name a registry knows: one label below a suffix of the DNS, not below a company's (`github.io` of
/// `someone.github.io`).
fn registered(domain: &str) -> Option<&str> {
    let mut below = domain;
    while namespace(below) == Namespace::Private {
        let suffix = public_suffix(below)?;
        let (_, parent) = suffix.split_once('.')?;
        if namespace(parent) != Namespace::Private {
            return registrable_domain(parent).or(Some(suffix));
        }
        below = parent;
    }
    let in_dns = !matches!(namespace(below), Namespace::Special | Namespace::Alternative);
    registrable_domain(below).filter(|_| in_dns)
}

fn of_network(asked: IpNet) -> Option<&'static str> {
    let around = NETWORKS.iter().filter(|(_, network)| network.contains(&asked));
    around.max_by_key(|(_, network)| network.prefix_len()).map(|(base, _)| *base)
}

fn of_number(number: u32) -> Option<&'static str> {
    let around = NUMBERS.iter().filter(|(_, range)| range.contains(&number));
    around.min_by_key(|(_, range)| range.end() - range.start()).map(|(base, _)| *base)
}

/// Lines of a server, and indented lines of what is its.
fn read<T>(file: &'static str, parse: impl Fn(&'static str) -> Option<T>) -> Vec<(&'static str, T)> {
    let mut base = FALLBACK;
    let mut entries = Vec::new();
    for line in file.lines().filter(|line| !line.starts_with('#')) {
        if line.starts_with(' ') {
            let of_base = line.split_ascii_whitespace().filter_map(&parse);
            entries.extend(of_base.map(|entry| (base, entry)));
        } else {
            base = line;
        }
    }
    entries
}

#[cfg(test)]
mod tests {
    use aggregator_domain::{Kind, parse_as};
    use url::Url;

    use super::{DNS, FALLBACK, NETWORKS, NUMBERS, service};

    fn asked(kind: Kind, text: &str) -> Option<(&'static str, String)> {
        let service = service(&parse_as(kind, text).unwrap().indicator)?;
        Some((service.base, service.path.join("/")))
    }

    #[test]
    fn every_entry_reads() {
        let words = |file: &str| {
            let lines = file.lines().filter(|line| line.starts_with(' '));
            lines.map(|line| line.split_whitespace().count()).sum::<usize>()
        };
        assert_eq!(DNS.len(), words(include_str!("dns.txt")));
        let networks = words(include_str!("ipv4.txt")) + words(include_str!("ipv6.txt"));
        assert_eq!(NETWORKS.len(), networks);
        assert_eq!(NUMBERS.len(), words(include_str!("asn.txt")));
        let bases = DNS.iter().map(|(base, _)| base).chain(NETWORKS.iter().map(|(base, _)| base));
        for base in bases.chain(NUMBERS.iter().map(|(base, _)| base)).chain([&FALLBACK]) {
            assert!(
                Url::parse(base).is_ok_and(|url| url.scheme() == "https") && base.ends_with('/'),
                "{base}"
            );
        }
    }

    #[test]
    fn the_registry_of_each_kind() {
        let arin = "https://rdap.arin.net/registry/";
        let fallback = "https://rdap.org/";
        for (kind, text, base, path) in [
            (Kind::Domain, "www.example.com", "https://rdap.verisign.com/com/v1/", "domain/example.com"),
            (Kind::Domain, "a.b.example.co.uk", "https://rdap.nominet.uk/uk/", "domain/example.co.uk"),
            (Kind::Domain, "someone.github.io", fallback, "domain/github.io"),
            (
                Kind::Domain,
                "bucket.s3.amazonaws.com",
                "https://rdap.verisign.com/com/v1/",
                "domain/amazonaws.com",
            ),
            (Kind::Domain, "example.de", fallback, "domain/example.de"),
            // A server of this name answers, and says of each name that it is not registered: IANA lists none.
            (Kind::Domain, "example.co", fallback, "domain/example.co"),
            (Kind::Domain, "example.re", "https://rdap.nic.re/", "domain/example.re"),
            (Kind::Domain, "example.xn--p1acf", "https://rdap.nic.xn--p1acf/", "domain/example.xn--p1acf"),
            (Kind::Ipv4, "8.8.8.8", arin, "ip/8.8.8.8"),
            (Kind::Ipv4, "62.239.237.1", "https://rdap.db.ripe.net/", "ip/62.239.237.1"),
            (Kind::Ipv4, "200.57.141.161", "https://rdap.lacnic.net/rdap/", "ip/200.57.141.161"),
            (Kind::Ipv4, "10.0.0.1", fallback, "ip/10.0.0.1"),
            (Kind::Cidr, "196.11.240.0/23", "https://rdap.afrinic.net/rdap/", "ip/196.11.240.0/23"),
            (Kind::Ipv6, "2001:4860:4860::8888", arin, "ip/2001:4860:4860::8888"),
            (Kind::Ipv6, "2a10::1", "https://rdap.db.ripe.net/", "ip/2a10::1"),
            (Kind::Cidr, "2400:cb00::/32", "https://rdap.apnic.net/", "ip/2400:cb00::/32"),
            (Kind::Asn, "AS15169", arin, "autnum/15169"),
            (Kind::Asn, "AS12345", "https://rdap.db.ripe.net/", "autnum/12345"),
            (Kind::Asn, "AS265000", "https://rdap.lacnic.net/rdap/", "autnum/265000"),
            (Kind::Asn, "AS4200000000", fallback, "autnum/4200000000"),
        ] {
            assert_eq!(asked(kind, text), Some((base, path.to_owned())), "{text}");
        }
    }

    #[test]
    fn what_nobody_registers_is_not_asked_for() {
        for text in ["co.uk", "something.onion", "wallet.bit"] {
            assert_eq!(asked(Kind::Domain, text), None, "{text}");
        }
    }
}
