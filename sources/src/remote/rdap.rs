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
use super::http::{self, Absence, Get, Got};
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
    movable: true,
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
        let get = Get { info: &INFO, url, accept, absence, max_bytes: 2 << 20 };
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

/// A registry that does not know it answers 404 (RFC 7480, 5.3), with an error as body if it likes (RFC 9083, 6). So does any
/// web server where no RDAP is: a gateway, a mirror with another path, a registry that has moved. What tells them apart is the
/// error's own `errorCode`, or the media type that is RDAP's alone. Where neither is, nothing at all is taken from a server of
/// IANA's registry, since some of them answer so, and from nobody else. A 404 of the fallback itself means that no registry is
/// known to it: that is no fault of RDAP, and says nothing of what the next name will meet.
fn absence(response: &Response) -> Absence {
    if response.url.host_str() == Some(FALLBACK_HOST) {
        return Absence::Registry;
    }
    if is_not_found(response) { Absence::Indicator } else { Absence::Service }
}

fn is_not_found(response: &Response) -> bool {
    let is_rdap = response.header("content-type").is_some_and(|value| {
        let media_type = value.split(';').next().unwrap_or_default();
        media_type.trim().eq_ignore_ascii_case("application/rdap+json")
    });
    if response.body.trim_ascii().is_empty() {
        return is_rdap || bootstrap::is_listed(&response.url);
    }
    match http::object(response) {
        Some(error) => error.get("errorCode").map_or(is_rdap, |code| code == 404 || code == "404"),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use aggregator_egress::Response;
    use url::Url;

    use super::{Absence, absence};

    #[test]
    fn only_a_registry_says_that_something_is_not_registered() {
        let answer = |url: &str, media_type: &str, body: &str| Response {
            status: 404,
            url: Url::parse(url).unwrap(),
            headers: vec![("content-type".to_owned(), media_type.to_owned())],
            body: body.as_bytes().to_vec(),
        };
        let (json, rdap) = ("application/json", "application/rdap+json; charset=utf-8");
        let registry = "https://rdap.nic.cz/domain/example.cz";
        let fallback = "https://rdap.org/domain/example.de";
        let elsewhere = "https://mirror.example/domain/example.cz";
        for (url, media_type, body, expected) in [
            (registry, json, r#"{"errorCode":404}"#, Absence::Indicator),
            (elsewhere, json, r#"{"errorCode":404,"title":"Not Found"}"#, Absence::Indicator),
            (elsewhere, json, r#"{"errorCode":"404"}"#, Absence::Indicator),
            (elsewhere, rdap, r#"{"description":["not registered"]}"#, Absence::Indicator),
            (elsewhere, rdap, "", Absence::Indicator),
            (registry, json, "", Absence::Indicator),
            // A gateway's words, or none, where no registry is.
            (elsewhere, json, "", Absence::Service),
            (elsewhere, json, r#"{"message":"no Route matched with those values"}"#, Absence::Service),
            (registry, json, r#"{"message":"no Route matched with those values"}"#, Absence::Service),
            ("https://rdap.nic.cz.example/domain/example.cz", json, "", Absence::Service),
            (registry, rdap, r#"{"errorCode":429}"#, Absence::Service),
            (registry, "text/html", "<html></html>", Absence::Service),
            (registry, rdap, "no such page", Absence::Service),
            (registry, rdap, "[]", Absence::Service),
            // rdap.org without a redirect: it knows no registry, which says nothing about the name.
            (fallback, rdap, "", Absence::Registry),
            (fallback, rdap, r#"{"errorCode":404}"#, Absence::Registry),
        ] {
            assert_eq!(absence(&answer(url, media_type, body)), expected, "{url} {media_type} {body}");
        }
    }
}
