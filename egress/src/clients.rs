//! Clients kept for their connections, each able to reach one set of vetted addresses only.

use std::collections::{BTreeSet, HashMap};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use reqwest::Client;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// How long a client and its idle connections stay after their last use.
pub(crate) const IDLE: Duration = Duration::from_mins(1);

/// Clients kept.
const KEPT: usize = 256;

/// Where a client leads: the name and port asked for, and every address they may be reached at, best first.
#[derive(Debug)]
pub(crate) struct Destination {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) addresses: Vec<SocketAddr>,
}

/// A destination without the order of its addresses, which names change with every answer.
type Key = (String, u16, BTreeSet<SocketAddr>);

impl Destination {
    fn key(&self) -> Key {
        (self.host.clone(), self.port, self.addresses.iter().copied().collect())
    }
}

#[derive(Debug)]
struct Kept {
    client: Client,
    used: Instant,
}

/// The clients in use. A changed set of addresses is another destination, so an old client is never asked for it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Clients {
    kept: Arc<Mutex<HashMap<Key, Kept>>>,
}

impl Clients {
    /// The client of this destination, if it was used within the last minute.
    pub(crate) fn get(&self, destination: &Destination) -> Option<Client> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept.get_mut(&destination.key()).filter(|kept| kept.used.elapsed() < IDLE)?;
        found.used = Instant::now();
        Some(found.client.clone())
    }

    /// Keeps a client; where there are too many the one unused for longest goes.
    pub(crate) fn keep(&self, destination: &Destination, client: Client) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|_, kept| kept.used.elapsed() < IDLE);
        if kept.len() >= KEPT {
            let oldest = kept.iter().min_by_key(|(_, kept)| kept.used).map(|(key, _)| key.clone());
            oldest.and_then(|oldest| kept.remove(&oldest));
        }
        kept.insert(destination.key(), Kept { client, used: Instant::now() });
    }
}

/// A resolver that knows nothing but the addresses that were looked at.
#[derive(Debug)]
pub(crate) struct Pinned(pub(crate) Vec<SocketAddr>);

impl Resolve for Pinned {
    fn resolve(&self, _name: Name) -> Resolving {
        let addresses: Addrs = Box::new(self.0.clone().into_iter());
        Box::pin(std::future::ready(Ok(addresses)))
    }
}
