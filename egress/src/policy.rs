//! Who may be asked: pure rules over addresses, names and URLs.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use crate::EgressConfig;

/// Why something is not asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Neither `http` nor `https`.
    #[error("the scheme `{0}` is not fetched; use https or http")]
    Scheme(String),
    /// A user or password in the URL.
    #[error("the URL holds credentials; link a secret to the source instead")]
    Credentials,
    /// No host.
    #[error("the URL has no host")]
    NoHost,
    /// The operator forbids the host.
    #[error("the operator forbids requests to `{0}`")]
    DeniedHost(String),
    /// The host is, or resolves to, an address that is not public.
    #[error(
        "`{host}` leads to {address}, which is not public; allow its network in the egress settings if it is meant"
    )]
    NotPublic {
        /// The host.
        host: String,
        /// The address.
        address: IpAddr,
    },
    /// A redirect from `https` to `http`.
    #[error("a redirect leads from https to http")]
    Downgrade,
    /// Too many redirects.
    #[error("more than {0} redirects")]
    TooManyRedirects(usize),
}

/// Addresses where clouds tell an instance its credentials: never asked, whatever is allowed.
const METADATA: [IpAddr; 4] = [
    IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254)),
    IpAddr::V4(Ipv4Addr::new(169, 254, 170, 2)),
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
];

/// Looks at scheme, credentials and host, and at a literal address; gives host and port.
pub fn check_url(config: &EgressConfig, url: &Url) -> Result<(String, u16), Refusal> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Refusal::Scheme(url.scheme().to_owned()));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Refusal::Credentials);
    }
    let host = url.host().ok_or(Refusal::NoHost)?;
    let port = url.port_or_known_default().ok_or(Refusal::NoHost)?;
    let name = match host {
        Host::Domain(name) => name.trim_end_matches('.').to_ascii_lowercase(),
        Host::Ipv4(address) => address.to_string(),
        Host::Ipv6(address) => address.to_string(),
    };
    let denied = config.deny_hosts.iter().any(|denied| covers(denied, &name));
    if denied {
        return Err(Refusal::DeniedHost(name));
    }
    match host {
        Host::Domain(_) => {}
        Host::Ipv4(address) => check_address(config, &name, IpAddr::V4(address), port)?,
        Host::Ipv6(address) => check_address(config, &name, IpAddr::V6(address), port)?,
    }
    Ok((name, port))
}

fn covers(denied: &str, name: &str) -> bool {
    let denied = denied.trim_matches('.');
    name.strip_suffix(denied).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// Looks at one address a host leads to.
pub fn check_address(config: &EgressConfig, host: &str, address: IpAddr, port: u16) -> Result<(), Refusal> {
    let refused = Err(Refusal::NotPublic { host: host.to_owned(), address });
    let address = address.to_canonical();
    if METADATA.contains(&address) || config.deny_networks.iter().any(|net| net.contains(&address)) {
        return refused;
    }
    let allowed = config.allow_networks.iter().any(|allowed| {
        allowed.network.contains(&address) && (allowed.ports.is_empty() || allowed.ports.contains(&port))
    });
    if allowed || is_public(address) { Ok(()) } else { refused }
}

/// Looks at a redirect before it is followed.
pub fn check_redirect(from: &Url, to: &Url) -> Result<(), Refusal> {
    if from.scheme() == "https" && to.scheme() == "http" { Err(Refusal::Downgrade) } else { Ok(()) }
}

/// True for an address of the public Internet (IANA special-purpose registries, 2025).
pub fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
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
    // 64:ff9b::/96 translates to the IPv4 address in its last bits.
    if segments[..6] == [0x64, 0xff9b, 0, 0, 0, 0] {
        let [.., a, b, c, d] = address.octets();
        return is_public_v4(Ipv4Addr::new(a, b, c, d));
    }
    // Outside 2000::/3 nothing is global unicast.
    let global_unicast = segments[0] & 0xe000 == 0x2000;
    // 2001::/23 protocols (Teredo among them), documentation, 6to4.
    let special = match segments[0] {
        0x2001 => segments[1] < 0x200 || segments[1] == 0xdb8,
        0x2002 => true,
        0x3fff => segments[1] < 0x1000,
        _ => false,
    };
    global_unicast && !special
}
