//! The client: from a URL to a connection that can only lead where policy allows.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use reqwest::{Certificate, Client, ClientBuilder, Proxy, redirect};
use url::{Host, Url};

use crate::clients::{Clients, Destination, IDLE, Pinned};
use crate::policy::{check_address, check_url, is_among, named_at};
use crate::resolve::{Resolve, SystemResolver};
use crate::{EgressConfig, EgressError, Refusal};

/// Headers of one answer.
pub(crate) const MAX_HEADERS: usize = 100;

/// Idle connections kept to one destination.
const IDLE_CONNECTIONS: usize = 8;

/// The outbound client. Clones share connections.
#[derive(Debug, Clone)]
pub struct Egress {
    config: Arc<RwLock<Arc<EgressConfig>>>,
    authorities: Vec<Certificate>,
    proxy: Option<Proxy>,
    resolver: Arc<dyn Resolve>,
    clients: Clients,
}

impl Egress {
    /// A client of these settings. Err [`EgressError::Settings`] where proxy or certificates do not work.
    pub fn new(config: EgressConfig) -> Result<Self, EgressError> {
        Self::with_resolver(config, Arc::new(SystemResolver::new()))
    }

    /// As [`Egress::new`], names resolved by this resolver, whose answers are vetted like the system's.
    pub fn with_resolver(config: EgressConfig, resolver: Arc<dyn Resolve>) -> Result<Self, EgressError> {
        let mut authorities = Vec::new();
        for pem in &config.authorities_pem {
            let found = Certificate::from_pem_bundle(pem).map_err(|error| settings(&error))?;
            if found.is_empty() {
                return Err(EgressError::Settings("an authority's PEM holds no certificate".to_owned()));
            }
            authorities.extend(found);
        }
        let proxy = config.proxy.clone().map(Proxy::all).transpose().map_err(|error| settings(&error))?;
        let config = Arc::new(RwLock::new(Arc::new(config)));
        let egress = Self { config, authorities, proxy, resolver, clients: Clients::default() };
        egress.builder().build().map_err(|error| settings(&error))?;
        Ok(egress)
    }

    /// The settings, as they are now.
    pub fn config(&self) -> Arc<EgressConfig> {
        Arc::clone(&self.config.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Forbids these hosts from now on, and no others ([`EgressConfig::deny_hosts`]); what is under way goes on to its next hop.
    pub fn deny_hosts(&self, hosts: Vec<String>) {
        let mut config = self.config.write().unwrap_or_else(PoisonError::into_inner);
        if config.deny_hosts != hosts {
            *config = Arc::new(EgressConfig { deny_hosts: hosts, ..EgressConfig::clone(&config) });
        }
    }

    /// Looks at a URL and at every address of its host; gives what may be connected to.
    pub(crate) async fn vet(&self, url: &Url) -> Result<Destination, EgressError> {
        let config = self.config();
        let (host, port) = check_url(&config, url)?;
        if self.proxy.is_some() {
            // One client for all: it connects to the proxy, whatever is asked.
            return Ok(Destination { host: String::new(), port: 0, addresses: Vec::new() });
        }
        let addresses = match url.host() {
            Some(Host::Ipv4(address)) => vec![address.into()],
            Some(Host::Ipv6(address)) => vec![address.into()],
            _ => self.resolver.resolve(&host).await.unwrap_or_default(),
        };
        if addresses.is_empty() {
            return Err(EgressError::Resolve(host));
        }
        let own = self.own_at(&config, port).await?;
        for address in &addresses {
            check_address(&config, &host, *address, port)?;
            if is_among(&own, *address) {
                return Err(Refusal::Own { host, port }.into());
            }
        }
        let addresses = addresses.into_iter().map(|address| SocketAddr::new(address, port)).collect();
        Ok(Destination { host, port, addresses })
    }

    /// Where the platform's own services at this port are now. Where one's name does not resolve, nobody can tell it from others.
    async fn own_at(&self, config: &EgressConfig, port: u16) -> Result<Vec<IpAddr>, EgressError> {
        let mut own = Vec::new();
        for name in named_at(config, port) {
            let found = self.resolver.resolve(name).await.unwrap_or_default();
            if found.is_empty() {
                return Err(EgressError::Resolve(name.to_owned()));
            }
            own.extend(found);
        }
        Ok(own)
    }

    /// A client that can reach this destination and nothing else.
    pub(crate) fn client(&self, destination: &Destination) -> Result<Client, EgressError> {
        if let Some(client) = self.clients.get(destination) {
            return Ok(client);
        }
        let builder = match &self.proxy {
            Some(proxy) => self.builder().proxy(proxy.clone()),
            None => self.builder().dns_resolver(Arc::new(Pinned(destination.addresses.clone()))),
        };
        let client = builder.build().map_err(|error| settings(&error))?;
        self.clients.keep(destination, client.clone());
        Ok(client)
    }

    /// Looks at the other end of a connection; with a proxy that is the proxy.
    pub(crate) fn check_peer(&self, to: &Destination, peer: Option<SocketAddr>) -> Result<(), EgressError> {
        if self.proxy.is_some() {
            return Ok(());
        }
        let peer =
            peer.ok_or_else(|| EgressError::Unavailable("the connection has no address".to_owned()))?;
        if to.addresses.iter().any(|vetted| vetted.ip() == peer.ip() && vetted.port() == peer.port()) {
            return Ok(());
        }
        Err(Refusal::NotPublic { host: to.host.clone(), address: peer.ip() }.into())
    }

    /// What every client has in common.
    fn builder(&self) -> ClientBuilder {
        let config = self.config();
        Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .referer(false)
            .http1_only()
            .http1_max_headers(MAX_HEADERS)
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(IDLE_CONNECTIONS)
            .user_agent(&config.user_agent)
            .connect_timeout(config.connect_timeout)
            .tls_certs_merge(self.authorities.iter().cloned())
    }
}

fn settings(error: &reqwest::Error) -> EgressError {
    EgressError::Settings(error.to_string())
}

/// The outcome, or [`EgressError::Timeout`] once the deadline passed.
pub(crate) async fn within<T>(
    deadline: Duration,
    exchange: impl Future<Output = Result<T, EgressError>>,
) -> Result<T, EgressError> {
    match tokio::time::timeout(deadline, exchange).await {
        Ok(outcome) => outcome,
        Err(_) => Err(EgressError::Timeout(deadline)),
    }
}
