//! Ranges with an AS number as `ip2asn` (iptoasn.com) writes them: first address, last address, AS number, country, name,
//! separated by tabs; IPv4 and IPv6. Compiled once into a generation of networks, so look-ups are the matcher's.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use aggregator_domain::Opinion;
use ipnet::{IpNet, Ipv4Subnets, Ipv6Subnets};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::facts::{IpFacts, asn_number, country_code, name};
use super::ranges::{Range, flatten};
use crate::feeds::entry::{Facts, FeedEntry, Pattern};
use crate::feeds::parse::{Body, ParseError, each_plain_line};
use crate::feeds::report::{ParseReport, RowReject};
use crate::generation::{BuildError, Generation, GenerationBuilder};
use crate::matcher::{Matcher, MatcherError};

/// Reads the ranges into a builder. Where ranges overlap, the one that begins last is believed; a range that is no
/// block becomes the blocks it consists of. Rows with AS 0 ("not routed") say that nothing is known there.
///
/// Holds about 48 bytes a range until the last is read.
pub fn compile_ip2asn(
    body: &mut dyn Body,
    builder: &mut GenerationBuilder,
) -> Result<ParseReport, ParseError> {
    let mut report = ParseReport::default();
    let mut statements = Statements::default();
    each_plain_line(body, &mut |line, text| match text.and_then(|text| statements.add(text)) {
        Ok(()) => report.accept(),
        Err(reason) => report.reject(line, reason, text.unwrap_or_default()),
    })?;
    statements.store(builder)?;
    Ok(report)
}

/// The statement that nothing is known.
const NOBODY: u32 = u32::MAX;

/// Every range, and the distinct facts they point to.
#[derive(Default)]
struct Statements {
    v4: Vec<Range>,
    v6: Vec<Range>,
    facts: Vec<Facts>,
    known: HashMap<Facts, u32>,
}

impl Statements {
    fn add(&mut self, text: &str) -> Result<(), RowReject> {
        let mut columns = text.split('\t');
        let mut next = || columns.next().map(str::trim).ok_or(RowReject::Malformed);
        let (first, last) = (next()?.parse(), next()?.parse());
        let asn = asn_number(next()?);
        let country = columns.next().and_then(country_code);
        let owner = match asn {
            Some(asn) => self.owner(asn, country, columns.next().and_then(name))?,
            None => NOBODY,
        };
        match (first, last) {
            (Ok(IpAddr::V4(first)), Ok(IpAddr::V4(last))) if first <= last => {
                self.v4.push((first.to_bits().into(), last.to_bits().into(), owner));
            }
            (Ok(IpAddr::V6(first)), Ok(IpAddr::V6(last))) if first <= last => {
                self.v6.push((first.to_bits(), last.to_bits(), owner));
            }
            _ => return Err(RowReject::Invalid),
        }
        Ok(())
    }

    fn owner(
        &mut self,
        asn: u32,
        country: Option<Box<str>>,
        name: Option<Box<str>>,
    ) -> Result<u32, RowReject> {
        let mut facts = Map::new();
        facts.insert("asn".to_owned(), Value::from(asn));
        facts.extend(country.map(|country| ("country".to_owned(), Value::from(&*country))));
        facts.extend(name.map(|name| ("name".to_owned(), Value::from(&*name))));
        let facts = Facts::from_object(&facts);
        if let Some(owner) = self.known.get(&facts) {
            return Ok(*owner);
        }
        let owner = u32::try_from(self.facts.len()).or(Err(RowReject::TooLong))?;
        self.facts.push(facts.clone());
        self.known.insert(facts, owner);
        Ok(owner)
    }

    fn store(self, builder: &mut GenerationBuilder) -> Result<(), BuildError> {
        let mut push = |network: IpNet, owner: u32| {
            let Some(facts) = self.facts.get(owner as usize) else { return Ok(()) };
            let (pattern, opinion) = (Pattern::Network(network), Opinion::default());
            builder.push(&FeedEntry { pattern, opinion, facts: facts.clone() })
        };
        for (first, last, owner) in flatten(self.v4) {
            let address = |bits: u128| u32::try_from(bits).map_or(Ipv4Addr::BROADCAST, Ipv4Addr::from_bits);
            for block in Ipv4Subnets::new(address(first), address(last), 0) {
                push(IpNet::V4(block), owner)?;
            }
        }
        for (first, last, owner) in flatten(self.v6) {
            for block in Ipv6Subnets::new(Ipv6Addr::from_bits(first), Ipv6Addr::from_bits(last), 0) {
                push(IpNet::V6(block), owner)?;
            }
        }
        Ok(())
    }
}

/// Compiled ranges, ready to be asked.
#[derive(Debug)]
pub struct AsnRanges {
    source: Box<str>,
    matcher: Matcher,
}

/// The facts of one entry as [`compile_ip2asn`] writes them.
#[derive(Deserialize)]
struct Stored {
    asn: Option<u32>,
    country: Option<Box<str>>,
    name: Option<Box<str>>,
}

impl AsnRanges {
    /// Over a generation that [`compile_ip2asn`] filled; `source` is the slug its answers carry.
    pub fn new(source: &str, generation: Arc<Generation>) -> Result<Self, MatcherError> {
        Ok(Self { source: source.into(), matcher: Matcher::new(vec![generation])? })
    }

    /// What the smallest network around the address says.
    pub fn facts(&self, address: IpAddr) -> Option<IpFacts> {
        let entry = self.matcher.entry(self.matcher.smallest_network(address.to_canonical())?)?;
        let stored: Stored = serde_json::from_str(entry.facts()?).ok()?;
        let mut facts = IpFacts::of(&self.source);
        facts.network = entry.value().parse().ok();
        (facts.asn, facts.country, facts.as_name) = (stored.asn, stored.country, stored.name);
        Some(facts)
    }
}
