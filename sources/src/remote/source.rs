//! What a remote source is, and what it answers.

use std::time::Duration;

use aggregator_domain::{Indicator, Opinion, Outcome, Relation};
use aggregator_egress::Egress;
use async_trait::async_trait;
use url::Url;

use crate::KindSet;

/// A source that can be asked about an indicator. Stateless: limits, retries, caching and credentials are the caller's.
#[async_trait]
pub trait Source: Send + Sync {
    /// What it is, and how it wants to be asked.
    fn info(&self) -> &SourceInfo;

    /// Whether it is asked about what is private to a network ([`is_private`](aggregator_domain::facts::is_private)). Most are
    /// somebody else's: they cannot know it, and the question alone would tell them something.
    fn takes_private(&self) -> TakesPrivate {
        TakesPrivate::Never
    }

    /// Asks once, within [`SourceInfo::deadline`]. Never panics; every way to fail is an outcome.
    async fn ask(&self, indicator: &Indicator, asking: &Asking<'_>) -> Answer;
}

/// When a source is asked about what is private to a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TakesPrivate {
    /// Never: it is out on the Internet.
    Never,
    /// Where sources over DNS have a resolver of their own, which may know the names inside.
    WithResolver,
    /// Always: it asks nobody.
    Always,
}

/// What a source is, and how it wants to be asked.
#[derive(Debug, Clone)]
pub struct SourceInfo {
    /// Its slug, e.g. `internetdb`.
    pub slug: &'static str,
    /// Its name, e.g. `Shodan InternetDB`.
    pub name: &'static str,
    /// Slug and name of its provider.
    pub provider: (&'static str, &'static str),
    /// Kinds it takes.
    pub kinds: KindSet,
    /// True when asking it tells the owner of the indicator (a DNS query to an authoritative server, a visit).
    pub active: bool,
    /// True when it needs no credential.
    pub keyless: bool,
    /// True when [`Asking::base`] says where it is asked: a mirror speaks its protocol.
    pub movable: bool,
    /// Calls it allows; several hold at once. Empty where nothing is known.
    pub limits: &'static [Limit],
    /// Calls under way at once.
    pub concurrency: u32,
    /// Time for one call.
    pub deadline: Duration,
    /// How long `found` is fresh.
    pub found_ttl: Duration,
    /// How long `not_found` is fresh.
    pub not_found_ttl: Duration,
    /// From 1; raised with every change of what is read out of its answers: those kept from before are no longer fresh.
    pub version: u32,
}

/// At most so many calls in any window of this length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Calls.
    pub calls: u32,
    /// The window.
    pub window: Duration,
}

/// The surroundings of a call.
#[derive(Debug, Clone, Copy)]
pub struct Asking<'a> {
    /// The way out.
    pub egress: &'a Egress,
    /// Where the service is, when not where it usually is: a mirror, a test.
    pub base: Option<&'a Url>,
    /// The DNS server to ask, `address:port`, for sources over DNS; the system's when absent.
    pub resolver: Option<std::net::SocketAddr>,
}

/// What asking gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// How it ended.
    pub outcome: Outcome,
    /// The side taken; unknown for sources that only give context.
    pub opinion: Opinion,
    /// One sentence a person can read; for a failure why.
    pub summary: String,
    /// The facts, small, as JSON; `null` where there are none.
    pub data: serde_json::Value,
    /// Indicators it leads to.
    pub links: Vec<Link>,
    /// When to come back, where the service says: after a 429 or a 503, and beside an answer that used its quota up.
    pub retry_after: Option<Duration>,
    /// True for a failure that lies in the indicator (its name servers are lame) where the service itself was seen to be well.
    pub is_service_well: bool,
}

/// An edge to another indicator.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// What the edge means, read from the indicator asked about.
    pub relation: Relation,
    /// The other one.
    pub indicator: Indicator,
}
