//! Shodan `InternetDB`: what Shodan saw on an address, once a week. <https://internetdb.shodan.io/>

use std::time::Duration;

use aggregator_domain::{Indicator, Kind, Relation, Stance};
use aggregator_egress::Response;
use async_trait::async_trait;
use serde::Deserialize;
use serde_json::json;

use super::facts::{count, list};
use super::http::{self, Absence, Get};
use super::links::Links;
use super::source::{Answer, Asking, Limit, Source, SourceInfo};
use crate::KindSet;

const INFO: SourceInfo = SourceInfo {
    slug: "internetdb",
    name: "Shodan InternetDB",
    provider: ("shodan", "Shodan"),
    kinds: KindSet::EMPTY.with(Kind::Ipv4).with(Kind::Ipv6),
    active: false,
    keyless: true,
    movable: true,
    // None is published: one a second.
    limits: &[Limit { calls: 60, window: Duration::from_mins(1) }],
    concurrency: 4,
    deadline: Duration::from_secs(10),
    // The data changes weekly; the service itself lets answers be kept for five days.
    found_ttl: Duration::from_hours(24),
    not_found_ttl: Duration::from_hours(24),
    version: 1,
};

/// Tags by which Shodan says that a host does harm or is in others' hands.
const SUSPICIOUS_TAGS: [&str; 4] = ["c2", "compromised", "doublepulsar", "malware"];
/// A tag is one scanner's reading of a banner, up to weeks old, and addresses move on: worth a look, no proof.
const TAG_CONFIDENCE: u8 = 40;

/// Asks `InternetDB` about an address.
#[derive(Debug, Clone)]
pub struct InternetDb {
    info: SourceInfo,
}

impl InternetDb {
    /// The service itself.
    pub(super) fn new() -> Self {
        Self { info: INFO }
    }

    /// One that answers as the service does, under a name, kinds and limits of its own.
    pub const fn mirror(info: SourceInfo) -> Self {
        Self { info }
    }
}

#[derive(Debug, Deserialize)]
struct Host {
    ip: String,
    ports: Vec<u16>,
    cpes: Vec<String>,
    hostnames: Vec<String>,
    tags: Vec<String>,
    vulns: Vec<String>,
}

#[async_trait]
impl Source for InternetDb {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    async fn ask(&self, indicator: &Indicator, asking: &Asking<'_>) -> Answer {
        let url = match http::address(asking, "https://internetdb.shodan.io/", &[indicator.value()]) {
            Ok(url) => url,
            Err(answer) => return answer,
        };
        let accept = "application/json";
        let get = Get { info: &self.info, url, accept, absence, max_bytes: 1 << 20 };
        http::ask(asking, get, |got| answer(&self.info, indicator, &got.body)).await
    }
}

/// `{"detail": "No information available"}`, and no other words: its framework says `{"detail": "Not Found"}` about a path that is
/// none, as it would where the service has moved.
fn absence(response: &Response) -> Absence {
    let is_documented = http::object(response)
        .is_some_and(|body| body.get("detail") == Some(&json!("No information available")));
    if is_documented { Absence::Indicator } else { Absence::Service }
}

fn answer(info: &SourceInfo, asked: &Indicator, host: &Host) -> Answer {
    if host.ip.parse() != asked.value().parse::<std::net::IpAddr>() {
        return Answer::malformed(format!("{} answered about another address.", info.name));
    }
    let mut links = Links::of(asked);
    for name in &host.hostnames {
        links.add(Relation::ReverseName, Kind::Domain, name);
    }
    for vulnerability in &host.vulns {
        links.add(Relation::HasVulnerability, Kind::Cve, vulnerability);
    }
    let data = json!({
        "ports": list(&host.ports),
        "hostnames": list(&host.hostnames),
        "tags": list(&host.tags),
        "cpes": list(&host.cpes),
        "vulnerabilities": list(&host.vulns),
    });
    let summary = format!(
        "{}, {} and {} seen{}.",
        count(host.ports.len(), "open port", "open ports"),
        count(host.hostnames.len(), "host name", "host names"),
        count(host.vulns.len(), "possible vulnerability", "possible vulnerabilities"),
        if host.tags.is_empty() { String::new() } else { format!("; tagged {}", host.tags.join(", ")) },
    );
    let found = Answer::found(summary, data).with_links(links);
    if host.tags.iter().any(|tag| SUSPICIOUS_TAGS.contains(&tag.as_str())) {
        return found.with_opinion(Stance::Suspicious, TAG_CONFIDENCE);
    }
    found
}
