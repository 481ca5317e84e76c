//! What the operator decides about outbound requests.

use std::time::Duration;

use ipnet::IpNet;
use url::Url;

/// A network that is not public and may be asked all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedNetwork {
    /// The network.
    pub network: IpNet,
    /// The ports there; empty for every port.
    pub ports: Vec<u16>,
}

/// A service of the platform itself, of which nothing is ever asked: its database, its queue, its own API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnService {
    /// Its name, resolved when somebody asks for its port, or its address; `0.0.0.0` and `::` are this machine.
    pub host: String,
    /// Its port.
    pub port: u16,
}

/// Settings of the outbound client. The default asks public addresses only, without a proxy.
#[derive(Debug, Clone)]
pub struct EgressConfig {
    /// Networks that are not public and may be asked all the same.
    pub allow_networks: Vec<AllowedNetwork>,
    /// The platform's own services, never asked whatever is allowed.
    pub own_services: Vec<OwnService>,
    /// Host names never asked; each covers the names below it.
    pub deny_hosts: Vec<String>,
    /// The proxy every request goes through. It resolves names itself, so only literal addresses are looked at here.
    pub proxy: Option<Url>,
    /// Certificates of authorities trusted beside the system's, PEM.
    pub authorities_pem: Vec<Vec<u8>>,
    /// Time to connect.
    pub connect_timeout: Duration,
    /// What the `User-Agent` header says.
    pub user_agent: String,
}

impl Default for EgressConfig {
    fn default() -> Self {
        Self {
            allow_networks: Vec::new(),
            own_services: Vec::new(),
            deny_hosts: Vec::new(),
            proxy: None,
            authorities_pem: Vec::new(),
            connect_timeout: Duration::from_secs(10),
            user_agent: concat!("indicator-aggregator/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}
