//! Who may be asked: pure rules over addresses, names and URLs.

use std::net::IpAddr;

use url::{Host, Url};

use crate::EgressConfig;

mod addresses;
mod own;
mod ports;

pub use addresses::is_public;
use addresses::{hidden, is_metadata};
use own::is_literally_own;
pub(crate) use own::{is_among, named_at};
use ports::is_denied;

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
    /// The host is, or resolves to, a service of the platform itself.
    #[error("`{host}` leads to port {port} of a service of this installation, which is never asked")]
    Own {
        /// The host.
        host: String,
        /// The port.
        port: u16,
    },
    /// A redirect from `https` to `http`.
    #[error("a redirect leads from https to http")]
    Downgrade,
    /// A port where no HTTP is spoken.
    #[error(
        "port {0} is not asked by HTTP; allow its network with this port in the egress settings if it is meant"
    )]
    Port(u16),
    /// Neither `GET` nor `POST`.
    #[error("the method `{0}` is not sent; use GET or POST")]
    Method(String),
    /// A header that is not the caller's to set, or that is no header.
    #[error("the header `{0}` cannot be sent; remove it, or what no header may hold")]
    Header(String),
    /// Too many redirects.
    #[error("more than {0} redirects")]
    TooManyRedirects(usize),
}

/// Looks at scheme, credentials, host and port, and at a literal address; gives host and port.
///
/// A name's addresses are for [`check_address`]. Behind a proxy nobody here sees them, so no allowance opens a port.
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
    if name.is_empty() {
        return Err(Refusal::NoHost);
    }
    let denied = config.deny_hosts.iter().any(|denied| covers(denied, &name));
    if denied {
        return Err(Refusal::DeniedHost(name));
    }
    if named_at(config, port).any(|own| own.trim_end_matches('.').eq_ignore_ascii_case(&name)) {
        return Err(Refusal::Own { host: name, port });
    }
    match host {
        Host::Domain(_) => {
            let opened =
                config.proxy.is_none() && config.allow_networks.iter().any(|of| of.ports.contains(&port));
            if is_denied(port) && !opened {
                return Err(Refusal::Port(port));
            }
        }
        Host::Ipv4(address) => check_address(config, &name, IpAddr::V4(address), port)?,
        Host::Ipv6(address) => check_address(config, &name, IpAddr::V6(address), port)?,
    }
    Ok((name, port))
}

fn covers(denied: &str, name: &str) -> bool {
    let denied = denied.trim_matches('.');
    name.strip_suffix(denied).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// Looks at one address a host leads to, and at the IPv4 addresses hidden in it.
pub fn check_address(config: &EgressConfig, host: &str, address: IpAddr, port: u16) -> Result<(), Refusal> {
    let refused = Err(Refusal::NotPublic { host: host.to_owned(), address });
    let address = address.to_canonical();
    if is_metadata(address) || hidden(address).any(|inside| is_metadata(inside.into())) {
        return refused;
    }
    if is_literally_own(config, address, port) {
        return Err(Refusal::Own { host: host.to_owned(), port });
    }
    let mut allowed = false;
    for network in config.allow_networks.iter().filter(|of| of.network.contains(&address)) {
        if network.ports.contains(&port) {
            return Ok(());
        }
        allowed |= network.ports.is_empty();
    }
    if !allowed && !is_public(address) {
        return refused;
    }
    if is_denied(port) { Err(Refusal::Port(port)) } else { Ok(()) }
}

/// Looks at a redirect before it is followed.
pub fn check_redirect(from: &Url, to: &Url) -> Result<(), Refusal> {
    if from.scheme() == "https" && to.scheme() == "http" { Err(Refusal::Downgrade) } else { Ok(()) }
}
