//! RDAP (RFC 7480–7484, 9082, 9083): the registries' own records of domains, networks and AS numbers.

mod bootstrap;
mod contact;
mod domain;
mod network;
mod object;

use std::time::Duration;

use aggregator_domain::{Indicator, Kind, Outcome};
use aggregator_egress::Response;
use async_trait::async_trait;

use self::bootstrap::{FALLBACK_HOST, Service, service};
use self::object::Object;
use super::http::{self, Get, Got};
use super::source::{Answer, Asking, Limit, Source, SourceInfo};
use crate::KindSet;

static INFO: SourceInfo = SourceInfo {
    slug: "rdap",
    name: "RDAP",
    provider: ("rdap", "RDAP of the registries"),
    kinds: KindSet::EMPTY
        .with(Kind::Domain)
        .with(Kind::Ipv4)
        .with(Kind::Ipv6)
        .with(Kind::Cidr)
        .with(Kind::Asn),
    active: false,
    keyless: true,
    // Each registry has its own limit and few publish one: one a second over all.
    limits: &[Limit { calls: 60, window: Duration::from_mins(1) }],
    concurrency: 4,
    deadline: Duration::from_secs(10),
    found_ttl: Duration::from_hours(24),
    // A domain registered this morning is what an analyst looks for.
    not_found_ttl: Duration::from_hours(1),
    version: 1,
};

/// Asks the registry of an indicator.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rdap;

#[async_trait]
impl Source for Rdap {
    fn info(&self) -> &SourceInfo {
        &INFO
    }

    async fn ask(&self, indicator: &Indicator, asking: &Asking<'_>) -> Answer {
        let Some(Service { base, path, listed }) = service(indicator) else {
            return Answer::not_found("It lies in no registry: nobody can register it.");
        };
        let path: Vec<_> = path.iter().map(String::as_str).collect();
        let url = match http::address(asking, base, &path) {
            Ok(url) => url,
            Err(answer) => return answer,
        };
        let accept = "application/rdap+json, application/json";
        let get = Get { info: &INFO, url, accept, is_not_found, max_bytes: 2 << 20 };
        let answer = http::ask(asking, get, |got: &Got<Object>| match indicator.kind() {
            Kind::Domain => domain::answer(indicator, path.last().copied().unwrap_or_default(), got),
            Kind::Asn => network::system(indicator, got),
            _ => network::answer(indicator, got),
        })
        .await;
        if !listed && asking.base.is_none() && answer.outcome == Outcome::Unavailable {
            return Answer {
                summary: format!("No RDAP server is known for it. {}", answer.summary),
                ..answer
            };
        }
        answer
    }
}

/// RFC 7480: 404, with or without an RDAP error as body. A web page is a server that is not what it is taken for, and a
/// 404 of the fallback itself means that no registry is known to it.
fn is_not_found(response: &Response) -> bool {
    let is_rdap = response.body.trim_ascii().is_empty() || http::object(response).is_some();
    is_rdap && response.url.host_str() != Some(FALLBACK_HOST)
}

#[cfg(test)]
mod tests {
    use aggregator_egress::Response;
    use url::Url;

    use super::is_not_found;

    #[test]
    fn only_a_registry_says_that_something_is_not_registered() {
        let answer = |url: &str, body: &str| Response {
            status: 404,
            url: Url::parse(url).unwrap(),
            headers: Vec::new(),
            body: body.as_bytes().to_vec(),
        };
        let registry = "https://rdap.nic.cz/domain/example.cz";
        assert!(is_not_found(&answer(registry, "")));
        assert!(is_not_found(&answer(registry, r#"{"errorCode":404}"#)));
        assert!(!is_not_found(&answer(registry, "<html></html>")));
        assert!(!is_not_found(&answer(registry, "no such page")));
        // rdap.org without a redirect: it knows no registry, which says nothing about the name.
        assert!(!is_not_found(&answer("https://rdap.org/domain/example.de", "")));
        assert!(!is_not_found(&answer("https://rdap.org/domain/example.de", r#"{"errorCode":404}"#)));
    }
}
