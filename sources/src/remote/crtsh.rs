//! crt.sh: the certificates that name a domain, from certificate transparency logs. <https://crt.sh/>

use std::collections::BTreeSet;
use std::time::Duration;

use aggregator_domain::facts::registrable_domain;
use aggregator_domain::{Indicator, Kind, Relation, parse_as};
use async_trait::async_trait;
use serde::Deserialize;
use serde_json::json;
use time::OffsetDateTime;

use super::facts::{count, list, moment, rfc3339, text};
use super::http::{self, Get, Got};
use super::links::Links;
use super::source::{Answer, Asking, Limit, Source, SourceInfo};
use crate::KindSet;

static INFO: SourceInfo = SourceInfo {
    slug: "crtsh",
    name: "crt.sh",
    provider: ("sectigo", "Sectigo"),
    kinds: KindSet::EMPTY.with(Kind::Domain),
    active: false,
    keyless: true,
    movable: true,
    // It asks for patience and answers 429 and 502 early.
    limits: &[Limit { calls: 5, window: Duration::from_mins(1) }],
    concurrency: 2,
    deadline: Duration::from_secs(30),
    found_ttl: Duration::from_hours(24),
    not_found_ttl: Duration::from_hours(6),
    version: 1,
};

/// Asks for the certificates of a name.
#[derive(Debug, Clone, Copy)]
pub(super) struct CrtSh;

#[derive(Debug, Deserialize)]
struct Certificate {
    issuer_name: String,
    /// Names and mail addresses, one a line.
    name_value: String,
    not_before: String,
    not_after: String,
    /// Absent in old answers. A certificate and its pre-certificate have the same.
    serial_number: Option<String>,
}

#[async_trait]
impl Source for CrtSh {
    fn info(&self) -> &SourceInfo {
        &INFO
    }

    async fn ask(&self, indicator: &Indicator, asking: &Asking<'_>) -> Answer {
        let mut url = match http::address(asking, "https://crt.sh/", &[]) {
            Ok(url) => url,
            Err(answer) => return answer,
        };
        url.query_pairs_mut().append_pair("q", indicator.value()).append_pair("output", "json");
        let accept = "application/json";
        // A large site has tens of thousands of certificates, half a kilobyte each.
        let max_bytes = 16 << 20;
        let get = Get { info: &INFO, url, accept, absence: http::undocumented, max_bytes };
        http::ask(asking, get, |got: &Got<Vec<Certificate>>| answer(indicator, &got.body)).await
    }
}

fn answer(asked: &Indicator, entries: &[Certificate]) -> Answer {
    if entries.is_empty() {
        return Answer::not_found("No certificate names it.");
    }
    let names = names(asked, entries);
    let mut links = Links::of(asked);
    for name in &names {
        links.add(Relation::SharesCertificate, Kind::Domain, name);
    }
    let serials: BTreeSet<_> = entries
        .iter()
        .filter_map(|entry| Some((&entry.issuer_name, entry.serial_number.as_ref()?)))
        .collect();
    let unnumbered = entries.iter().filter(|entry| entry.serial_number.is_none()).count();
    let certificates = serials.len() + unnumbered;
    let issuers: BTreeSet<_> = entries.iter().filter_map(|entry| text(&entry.issuer_name)).collect();
    let issuers: Vec<_> = issuers.into_iter().collect();
    let first = entries.iter().filter_map(|entry| moment(&entry.not_before)).min();
    let last = entries.iter().filter_map(|entry| moment(&entry.not_after)).max();
    let data = json!({
        "certificates": certificates,
        "log_entries": entries.len(),
        "first_not_before": first.and_then(rfc3339),
        "last_not_after": last.and_then(rfc3339),
        "issuers": list(&issuers),
        "names": list(&names),
    });
    let since =
        first.map(OffsetDateTime::date).map_or_else(String::new, |date| format!(", the first of {date}"));
    let summary = format!(
        "Named by {}{since}; together they name {} of its domain.",
        count(certificates, "certificate", "certificates"),
        count(names.len(), "name", "names"),
    );
    Answer::found(summary, data).with_links(links)
}

/// The names at or below the same registrable domain, wildcards stripped: the others share a certificate because they
/// share a hosting company.
fn names(asked: &Indicator, entries: &[Certificate]) -> Vec<String> {
    let domain = registrable_domain(asked.value()).unwrap_or(asked.value());
    let is_ours = |name: &str| {
        name.strip_suffix(domain).is_some_and(|before| before.is_empty() || before.ends_with('.'))
    };
    let names: BTreeSet<_> = entries
        .iter()
        .flat_map(|entry| entry.name_value.lines())
        .filter_map(|name| parse_as(Kind::Domain, name.trim().trim_start_matches("*.")).ok())
        .map(|parsed| parsed.indicator)
        .filter(|name| name.kind() == Kind::Domain && is_ours(name.value()))
        .map(Indicator::into_value)
        .collect();
    names.into_iter().map(String::from).collect()
}
