//! The DNS itself: what a name resolves to, who serves it and its mail; the reverse name of an address.

use std::net::IpAddr;
use std::time::Duration;

use aggregator_domain::{Indicator, Kind, Outcome, Relation};
use async_trait::async_trait;
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
use serde_json::{Map, Value, json};

use super::facts::{count, list};
use super::links::Links;
use super::resolver::{Records, Resolver};
use super::source::{Answer, Asking, Source, SourceInfo, TakesPrivate};
use crate::KindSet;

static INFO: SourceInfo = SourceInfo {
    slug: "dns",
    name: "DNS",
    provider: ("dns", "DNS"),
    kinds: KindSet::EMPTY.with(Kind::Domain).with(Kind::Ipv4).with(Kind::Ipv6),
    // The question travels to the name's own servers, which may belong to whoever is being looked into.
    active: true,
    keyless: true,
    movable: false,
    limits: &[],
    concurrency: 32,
    deadline: Duration::from_secs(10),
    found_ttl: Duration::from_hours(1),
    not_found_ttl: Duration::from_hours(1),
    version: 1,
};

/// Asks the DNS.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dns;

#[async_trait]
impl Source for Dns {
    fn info(&self) -> &SourceInfo {
        &INFO
    }

    fn takes_private(&self) -> TakesPrivate {
        TakesPrivate::WithResolver
    }

    async fn ask(&self, indicator: &Indicator, asking: &Asking<'_>) -> Answer {
        let resolver = match Resolver::of(asking, &INFO) {
            Ok(resolver) => resolver,
            Err(answer) => return answer,
        };
        let answer = match indicator.value().parse::<IpAddr>() {
            Ok(address) => reverse(indicator, address, &resolver).await,
            Err(_) => domain(indicator, &resolver).await,
        };
        if answer.outcome.is_answer() {
            return answer;
        }
        // Lame servers of a name are no fault of the resolver, and a list of such names is no reason to ask it nothing more.
        let is_well = resolver.is_well().await;
        answer.with_service_well(is_well)
    }
}

async fn reverse(asked: &Indicator, address: IpAddr, resolver: &Resolver) -> Answer {
    match resolver.records(&Name::from(address).to_ascii(), RecordType::PTR).await {
        Records::Some(records) => {
            let names: Vec<_> = records.iter().filter_map(text).collect();
            let mut links = Links::of(asked);
            for name in &names {
                links.add(Relation::ReverseName, Kind::Domain, name);
            }
            let summary = format!("Its reverse name is {}.", names.join(", "));
            Answer::found(summary, json!({ "reverse_names": list(&names) })).with_links(links)
        }
        Records::Nothing | Records::NoName => Answer::not_found("It has no reverse name."),
        Records::Failed(outcome, why) => Answer::failed(outcome, format!("{}: {why}.", INFO.name)),
    }
}

/// The types asked for, and what the facts call them.
const TYPES: [(RecordType, &str); 6] = [
    (RecordType::A, "a"),
    (RecordType::AAAA, "aaaa"),
    (RecordType::CNAME, "cname"),
    (RecordType::MX, "mx"),
    (RecordType::NS, "ns"),
    (RecordType::TXT, "txt"),
];

/// Suffixes that must not be looked up in the DNS: it has none of them, and the question alone tells who visits what.
const ELSEWHERE: [(&str, &str); 2] = [(".onion", "RFC 7686"), (".alt", "RFC 9476")];

async fn domain(asked: &Indicator, resolver: &Resolver) -> Answer {
    if let Some((suffix, rfc)) = ELSEWHERE.iter().find(|(suffix, _)| asked.value().ends_with(suffix)) {
        return Answer::not_found(format!("Names below {suffix} are not in the DNS ({rfc})."));
    }
    let records = |at: usize| resolver.records(asked.value(), TYPES[at].0);
    let (a, aaaa, cname, mx, ns, txt) =
        tokio::join!(records(0), records(1), records(2), records(3), records(4), records(5));
    let mut facts =
        DomainFacts { asked: asked.value(), found: 0, data: Map::new(), failures: Vec::new(), named: false };
    let mut links = Links::of(asked);
    for ((kind, name), records) in TYPES.into_iter().zip([a, aaaa, cname, mx, ns, txt]) {
        facts.add(kind, name, records, &mut links);
    }
    facts.answer(links)
}

struct DomainFacts<'i> {
    asked: &'i str,
    found: usize,
    data: Map<String, Value>,
    failures: Vec<(&'static str, Outcome, String)>,
    /// True when a type was absent though the name is there.
    named: bool,
}

impl DomainFacts<'_> {
    fn add(&mut self, kind: RecordType, name: &'static str, records: Records, links: &mut Links<'_>) {
        match records {
            Records::Some(records) => {
                // The target of an alias has name servers of its own.
                let own = |record: &&Record| kind != RecordType::NS || host(&record.name) == self.asked;
                let texts: Vec<_> = records.iter().filter(own).filter_map(text).collect();
                if texts.is_empty() {
                    self.named = true;
                    return;
                }
                self.found += texts.len();
                // Texts hold keys of mail and proofs of ownership: how many says enough.
                let value =
                    if kind == RecordType::TXT { json!({ "total": texts.len() }) } else { list(&texts) };
                self.data.insert(name.to_owned(), value);
                if let Some((relation, to)) = relation(kind) {
                    for text in &texts {
                        links.add(relation, to, text);
                    }
                }
            }
            Records::Nothing => self.named = true,
            Records::NoName => {}
            Records::Failed(outcome, why) => self.failures.push((name, outcome, why)),
        }
    }

    fn answer(mut self, links: Links<'_>) -> Answer {
        let unanswered: Vec<_> = self.failures.iter().map(|(name, ..)| *name).collect();
        if self.found > 0 {
            let kinds: Vec<_> = self.data.keys().map(|name| name.to_uppercase()).collect();
            let missing = if unanswered.is_empty() {
                String::new()
            } else {
                self.data.insert("unanswered".to_owned(), json!(unanswered));
                format!("; not known: {}", unanswered.join(", ").to_uppercase())
            };
            let summary =
                format!("{}: {}{missing}.", count(self.found, "record", "records"), kinds.join(", "));
            return Answer::found(summary, Value::Object(self.data)).with_links(links);
        }
        // One type that nobody could tell, and the name may be there after all.
        if let Some((name, outcome, why)) = self.failures.into_iter().next() {
            return Answer::failed(outcome, format!("{}: {why} ({}).", INFO.name, name.to_uppercase()));
        }
        let why = if self.named { "It has none of the records asked for." } else { "There is no such name." };
        Answer::not_found(why)
    }
}

fn relation(kind: RecordType) -> Option<(Relation, Kind)> {
    match kind {
        RecordType::A => Some((Relation::ResolvesTo, Kind::Ipv4)),
        RecordType::AAAA => Some((Relation::ResolvesTo, Kind::Ipv6)),
        RecordType::MX => Some((Relation::MailServer, Kind::Domain)),
        RecordType::NS => Some((Relation::NameServer, Kind::Domain)),
        _ => None,
    }
}

/// What a record says, as short text; a name without its final dot.
fn text(record: &Record) -> Option<String> {
    Some(match &record.data {
        RData::A(address) => address.0.to_string(),
        RData::AAAA(address) => address.0.to_string(),
        RData::CNAME(name) => host(&name.0),
        RData::PTR(name) => host(&name.0),
        RData::NS(name) => host(&name.0),
        RData::MX(mail) => host(&mail.exchange),
        RData::TXT(_) => String::new(),
        _ => return None,
    })
}

fn host(name: &Name) -> String {
    let text = name.to_ascii().to_ascii_lowercase();
    match text.strip_suffix('.') {
        // The root: "no mail here" (RFC 7505).
        Some("") | None => text,
        Some(name) => name.to_owned(),
    }
}
