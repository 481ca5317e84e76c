//! Names of tests: a resolver that answers what it is told.

use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aggregator_egress::{AllowedNetwork, Egress, EgressConfig, Method, Request, Resolve, Resolving};
use url::Url;

/// Each name's answers, one after the other and round again.
#[derive(Debug, Default)]
pub(crate) struct Names(HashMap<String, (AtomicUsize, Vec<Vec<IpAddr>>)>);

impl Names {
    /// A name that resolves to these addresses, then those, and so on.
    pub(crate) fn with(mut self, name: &str, answers: &[&[&str]]) -> Self {
        let parse = |answer: &&[&str]| answer.iter().map(|address| address.parse().unwrap()).collect();
        self.0.insert(name.to_owned(), (AtomicUsize::new(0), answers.iter().map(parse).collect()));
        self
    }
}

impl Resolve for Names {
    fn resolve(&self, name: &str) -> Resolving {
        let found = self
            .0
            .get(name)
            .map(|(turn, answers)| answers[turn.fetch_add(1, Ordering::SeqCst) % answers.len()].clone());
        Box::pin(std::future::ready(found.ok_or_else(|| io::Error::other("no such name"))))
    }
}

/// A client that may ask 127.0.0.1 at these ports; none: at every port.
pub(crate) fn egress(names: Names, ports: &[u16]) -> Egress {
    let network = AllowedNetwork { network: "127.0.0.1/32".parse().unwrap(), ports: ports.to_vec() };
    let config = EgressConfig { allow_networks: vec![network], ..EgressConfig::default() };
    Egress::with_resolver(config, Arc::new(names)).unwrap()
}

/// A plain question.
pub(crate) fn get(url: &str) -> Request {
    Request {
        method: Method::GET,
        url: Url::parse(url).unwrap(),
        headers: Vec::new(),
        secret_headers: Vec::new(),
        body: None,
        deadline: Duration::from_secs(30),
        max_bytes: 1 << 20,
    }
}
