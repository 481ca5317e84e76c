//! Matching one indicator against every open generation at once.
//!
//! Nothing here loops over feeds: all keyed entries share one hash table, all networks one tree for each address
//! family, all substrings one automaton, all regular expressions one set. A miss costs about one memory access a
//! structure, however many lists there are, and filters answer most misses without that.
//!
//! What an indicator is asked as:
//! - every indicator: itself (exact), the substrings and regular expressions;
//! - an address: the networks it lies in; a network: the networks it lies in;
//! - a domain: also the suffixes above it;
//! - a URL: its prefixes, and its host as a domain or address ([`Via::Host`]);
//! - an e-mail address: its domain ([`Via::MailDomain`]).
//!
//! A generation only ever answers for the kinds it is asked about ([`Generation::answers`]).

mod filter;
mod key_index;
mod networks;
mod patterns;
mod url_parts;

use std::net::IpAddr;
use std::sync::Arc;

use aggregator_domain::{IndicatorId, Kind};
use smallvec::SmallVec;

use crate::KindSet;
use crate::feeds::entry::EntryMode;
use crate::generation::{Entry, Generation};
use filter::NameFilter;
use key_index::KeyIndex;
use networks::Networks;
use patterns::{Patterns, has_names};

/// How the indicator led to the entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Via {
    /// The indicator itself is listed, or lies in what is listed.
    Itself,
    /// The host of the URL is.
    Host,
    /// The domain of the e-mail address is.
    MailDomain,
}

/// One entry that matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Hit {
    /// Which generation, in the order given to [`Matcher::new`].
    pub feed: u16,
    /// Which entry of it; see [`Matcher::entry`].
    pub entry: u32,
    /// How the entry matches.
    pub mode: EntryMode,
    /// How the indicator led there.
    pub via: Via,
}

/// The entries that match one indicator; feeds in no particular order.
pub type Hits = SmallVec<[Hit; 4]>;

/// Why generations cannot be matched together.
#[derive(Debug, thiserror::Error)]
pub enum MatcherError {
    /// More generations than a hit can name.
    #[error("{0} feeds are more than the matcher's 4,096; disable some")]
    TooManyFeeds(usize),
    /// More keyed entries in one generation than a hit can name.
    #[error("a feed has more than 1,073,741,823 entries; split it")]
    TooManyEntries,
    /// The patterns together are too large.
    #[error("the substrings and regular expressions together are too large to compile: {0}")]
    Patterns(String),
}

/// Many open generations, ready to be asked.
#[derive(Default)]
pub struct Matcher {
    generations: Vec<Arc<Generation>>,
    answers: Vec<KindSet>,
    keys: KeyIndex,
    v4: Networks<u32>,
    v6: Networks<u128>,
    patterns: Patterns,
    names: NameFilter,
    /// True when some list has URL prefixes.
    url_prefixes: bool,
}

impl Matcher {
    /// Most generations one matcher holds.
    pub const MAX_FEEDS: usize = 1 << key_index::FEED_BITS;

    /// Builds the shared structures over the generations; a hit names them by their place here.
    pub fn new(generations: Vec<Arc<Generation>>) -> Result<Self, MatcherError> {
        if generations.len() > Self::MAX_FEEDS {
            return Err(MatcherError::TooManyFeeds(generations.len()));
        }
        let whole_domains = patterns::names(&generations);
        let keys = KeyIndex::build(&generations, &whole_domains)?;
        let names = name_filter(&generations, &whole_domains);
        let base = |generation: &Generation| generation.header().keyed;
        let v4 = Networks::build(generations.iter().map(|one| (base(one), one.networks_v4())));
        let base = |generation: &Generation| generation.header().keyed + generation.header().networks_v4;
        let v6 = Networks::build(generations.iter().map(|one| (base(one), one.networks_v6())));
        let patterns = Patterns::build(&generations)?;
        let url_prefixes = generations.iter().any(|one| one.has(EntryMode::UrlPrefix));
        let answers = generations.iter().map(|one| one.answers()).collect();
        Ok(Self { generations, answers, keys, v4, v6, patterns, names, url_prefixes })
    }

    /// The generations, in the order hits name them.
    pub fn generations(&self) -> &[Arc<Generation>] {
        &self.generations
    }

    /// All entries of all generations.
    pub fn entries(&self) -> u64 {
        self.generations.iter().map(|one| u64::from(one.entries())).sum()
    }

    /// The entry a hit names.
    pub fn entry(&self, hit: Hit) -> Option<Entry<'_>> {
        self.generations.get(usize::from(hit.feed))?.entry(hit.entry)
    }

    /// The smallest listed network around an address, whatever kinds its list is asked about.
    pub fn smallest_network(&self, address: IpAddr) -> Option<Hit> {
        let mut smallest = None;
        let mut found = |feed, entry| {
            let hit = Hit { feed, entry, mode: EntryMode::Network, via: Via::Itself };
            smallest = smallest.or(Some(hit));
        };
        match address {
            IpAddr::V4(address) => self.v4.find(address.to_bits(), 32, &mut found),
            IpAddr::V6(address) => self.v6.find(address.to_bits(), 128, &mut found),
        }
        smallest
    }

    /// Every entry that matches a canonical indicator; `id` is [`IndicatorId::of`] it.
    pub fn match_indicator(&self, kind: Kind, value: &str, id: IndicatorId) -> Hits {
        let mut search = Search { matcher: self, kind, via: Via::Itself, hits: Hits::new() };
        let domain = kind == Kind::Domain;
        search.keyed(id, |mode| mode == EntryMode::Exact || (domain && covers(mode)));
        match kind {
            Kind::Ipv4 | Kind::Ipv6 => search.address_networks(value),
            Kind::Cidr => search.network(value),
            Kind::Domain => search.domains(value, false),
            Kind::Url => search.url(value),
            Kind::Email => {
                if let Some((_, domain)) = value.rsplit_once('@') {
                    search.via = Via::MailDomain;
                    search.domains(domain, true);
                    search.via = Via::Itself;
                }
            }
            _ => {}
        }
        self.patterns.find(kind, value, |feed, entry, mode| search.hit(feed, entry, mode));
        search.hits
    }
}

impl std::fmt::Debug for Matcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Matcher")
            .field("feeds", &self.generations.len())
            .field("entries", &self.entries())
            .finish_non_exhaustive()
    }
}

/// True for modes that cover what is below a domain.
fn covers(mode: EntryMode) -> bool {
    matches!(mode, EntryMode::Suffix | EntryMode::Substring)
}

/// Every domain and URL prefix that is listed, and the patterns that are domains.
fn name_filter(generations: &[Arc<Generation>], named: &[(u16, u32, &str)]) -> NameFilter {
    let listed = || {
        let keyed = |one: &Arc<Generation>| 0..one.header().keyed;
        generations
            .iter()
            .flat_map(move |one| keyed(one).filter_map(|index| one.entry(index)))
            .filter(|entry| entry.kind() == Some(Kind::Domain) || entry.mode() == EntryMode::UrlPrefix)
    };
    let mut filter = NameFilter::with_room(listed().count() + named.len());
    for entry in listed() {
        match entry.mode() {
            EntryMode::UrlPrefix => filter.insert_url(entry.value()),
            _ => filter.insert_domain(entry.value()),
        }
    }
    for (_, _, domain) in named {
        filter.insert_domain(domain);
    }
    filter
}

/// One indicator on its way through the structures.
struct Search<'m> {
    matcher: &'m Matcher,
    kind: Kind,
    via: Via,
    hits: Hits,
}

impl Search<'_> {
    fn hit(&mut self, feed: u16, entry: u32, mode: EntryMode) {
        let asked =
            self.matcher.answers.get(usize::from(feed)).is_some_and(|kinds| kinds.contains(self.kind));
        if asked {
            self.hits.push(Hit { feed, entry, mode, via: self.via });
        }
    }

    fn keyed(&mut self, id: IndicatorId, wanted: impl Fn(EntryMode) -> bool) {
        let matcher = self.matcher;
        matcher.keys.find(&matcher.generations, &id.0, |feed, entry, mode| {
            if wanted(mode) {
                self.hit(feed, entry, mode);
            }
        });
    }

    /// The suffixes above a domain, and the domain itself when `whole`.
    fn domains(&mut self, domain: &str, whole: bool) {
        let matcher = self.matcher;
        // In a URL a substring is looked for everywhere, so the host does not answer for it a second time.
        let substrings = has_names(self.kind);
        matcher.names.domains(domain, whole, |name| {
            let itself = name.len() == domain.len();
            self.keyed(IndicatorId::of(Kind::Domain, name), |mode| match mode {
                EntryMode::Suffix => true,
                EntryMode::Substring => substrings,
                EntryMode::Exact => itself,
                _ => false,
            });
        });
    }

    fn address_networks(&mut self, value: &str) {
        match value.parse() {
            Ok(IpAddr::V4(address)) => self.networks_of(IpAddr::V4(address), 32),
            Ok(IpAddr::V6(address)) => self.networks_of(IpAddr::V6(address), 128),
            Err(_) => {}
        }
    }

    fn networks_of(&mut self, address: IpAddr, prefix: u8) {
        let matcher = self.matcher;
        match address {
            IpAddr::V4(address) => matcher.v4.find(address.to_bits(), prefix, |feed, entry| {
                self.hit(feed, entry, EntryMode::Network);
            }),
            IpAddr::V6(address) => matcher.v6.find(address.to_bits(), prefix, |feed, entry| {
                self.hit(feed, entry, EntryMode::Network);
            }),
        }
    }

    fn network(&mut self, value: &str) {
        let Ok(net) = value.parse::<ipnet::IpNet>() else { return };
        self.networks_of(net.network(), net.prefix_len());
    }

    fn address_itself(&mut self, address: IpAddr) {
        let kind = if address.is_ipv4() { Kind::Ipv4 } else { Kind::Ipv6 };
        self.keyed(IndicatorId::of(kind, &address.to_string()), |mode| mode == EntryMode::Exact);
    }

    fn url(&mut self, url: &str) {
        if self.matcher.url_prefixes {
            let matcher = self.matcher;
            matcher.names.url_prefixes(url, url_parts::authority_end(url), |prefix| {
                self.keyed(IndicatorId::of(Kind::Url, prefix), |mode| mode == EntryMode::UrlPrefix);
            });
        }
        let Some(host) = url_parts::host(url) else { return };
        self.via = Via::Host;
        let literal = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
        match literal.parse::<IpAddr>() {
            Ok(address) => {
                let address = address.to_canonical();
                self.address_itself(address);
                self.networks_of(address, if address.is_ipv4() { 32 } else { 128 });
            }
            Err(_) => self.domains(host, true),
        }
        self.via = Via::Itself;
    }
}
