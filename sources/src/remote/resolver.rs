//! Asking over DNS: the one place where a response or its absence becomes an outcome.
//!
//! Only records, "no such name" (NXDOMAIN) and "no such records" are answers. SERVFAIL, REFUSED, silence and garbage
//! say something about the way there.

use std::time::Duration;

use aggregator_domain::Outcome;
use hickory_resolver::TokioResolver;
use hickory_resolver::config::{
    ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts,
};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{Name, Record, RecordType};
use tokio::time::Instant;

use super::source::{Answer, Asking, SourceInfo};

/// Time for one attempt over UDP, its retransmissions included; there are two.
const ATTEMPT: Duration = Duration::from_secs(4);

/// Time for the resolver to show that it is well.
const PROBE: Duration = Duration::from_secs(1);

/// What asking for the records of a name gave.
#[derive(Debug, Clone)]
pub(super) enum Records {
    /// They are these, of the type asked for, aliases followed; at least one.
    Some(Vec<Record>),
    /// The name is there and has no such records.
    Nothing,
    /// The name is not there.
    NoName,
    /// Nothing is known, and why.
    Failed(Outcome, String),
}

/// A resolver for one answer. Nothing is remembered between answers: findings have their own time to live.
pub(super) struct Resolver {
    resolver: TokioResolver,
    until: Instant,
}

impl Resolver {
    /// The resolver `asking` names, else the system's; the deadline is the source's and begins now.
    pub(super) fn of(asking: &Asking<'_>, info: &SourceInfo) -> Result<Self, Answer> {
        let until = Instant::now() + info.deadline;
        build(asking).map(|resolver| Self { resolver, until }).map_err(|error| {
            Answer::failed(
                Outcome::Unavailable,
                format!("{}: there is no resolver to ask: {error}.", info.name),
            )
        })
    }

    /// Asks for the records of one type. `name` is absolute, whether or not it ends in a dot.
    pub(super) async fn records(&self, name: &str, kind: RecordType) -> Records {
        let mut name = match Name::from_ascii(name) {
            Ok(name) => name,
            Err(error) => {
                return Records::Failed(Outcome::Refused, format!("{name} cannot be asked for: {error}"));
            }
        };
        name.set_fqdn(true);
        match tokio::time::timeout_at(self.until, Box::pin(self.resolver.lookup(name, kind))).await {
            Ok(Ok(lookup)) => some(lookup.answers(), kind),
            Ok(Err(error)) => none(&error),
            Err(_) => Records::Failed(Outcome::Timeout, "the resolver did not answer in time".to_owned()),
        }
    }

    /// True when the resolver answers about the root of the DNS, which it has at hand where it is well: what it could not tell
    /// before then lies in the servers of the name.
    pub(super) async fn is_well(&self) -> bool {
        let until = self.until.min(Instant::now() + PROBE);
        let asked = Box::pin(self.resolver.lookup(Name::root(), RecordType::NS));
        match tokio::time::timeout_at(until, asked).await {
            Ok(Ok(_)) => true,
            Ok(Err(error)) => matches!(none(&error), Records::Nothing | Records::NoName),
            Err(_) => false,
        }
    }
}

fn build(asking: &Asking<'_>) -> Result<TokioResolver, NetError> {
    let mut builder = match asking.resolver {
        Some(server) => {
            let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
                connection.port = server.port();
                connection
            });
            let server = NameServerConfig::new(server.ip(), true, connections.to_vec());
            let config = ResolverConfig::from_parts(None, Vec::new(), vec![server]);
            TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
        }
        None => TokioResolver::builder_tokio()?,
    };
    let options: &mut ResolverOpts = builder.options_mut();
    options.timeout = ATTEMPT;
    options.attempts = 1;
    options.cache_size = 0;
    // What this machine calls its neighbours is nothing the DNS says.
    options.use_hosts_file = ResolveHosts::Never;
    builder.build()
}

fn some(answers: &[Record], kind: RecordType) -> Records {
    let records: Vec<_> = answers.iter().filter(|record| record.record_type() == kind).cloned().collect();
    if records.is_empty() { Records::Nothing } else { Records::Some(records) }
}

fn none(error: &NetError) -> Records {
    let (outcome, why) = match error {
        NetError::Dns(DnsError::NoRecordsFound(none)) => match none.response_code {
            ResponseCode::NXDomain => return Records::NoName,
            ResponseCode::NoError => return Records::Nothing,
            code => (Outcome::Unavailable, format!("the resolver answered {code}")),
        },
        NetError::Dns(DnsError::ResponseCode(code)) => {
            (Outcome::Unavailable, format!("the resolver answered {code}"))
        }
        NetError::Timeout => (Outcome::Timeout, "the resolver did not answer in time".to_owned()),
        NetError::Proto(_)
        | NetError::Truncated
        | NetError::QueryCaseMismatch
        | NetError::ForeignClassRecord { .. } => {
            (Outcome::Malformed, format!("the resolver's answer does not read: {error}"))
        }
        _ => (Outcome::Unavailable, format!("the resolver cannot be reached: {error}")),
    };
    Records::Failed(outcome, why)
}
