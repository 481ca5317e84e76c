//! What an indicator is made of: the host of a URL, the domain of a mail address. Nobody is asked.

use std::time::Duration;

use aggregator_domain::facts::{address_of, name_of};
use aggregator_domain::{Indicator, Kind, Relation};
use async_trait::async_trait;
use serde_json::json;

use super::links::Links;
use super::source::{Answer, Asking, Source, SourceInfo, TakesPrivate};
use crate::KindSet;

static INFO: SourceInfo = SourceInfo {
    slug: "structure",
    name: "Structure",
    provider: ("indicator-aggregator", "Indicator Aggregator"),
    kinds: KindSet::EMPTY.with(Kind::Url).with(Kind::Email),
    active: false,
    keyless: true,
    movable: false,
    limits: &[],
    concurrency: 64,
    deadline: Duration::from_secs(1),
    // It cannot change.
    found_ttl: Duration::from_hours(24 * 365),
    not_found_ttl: Duration::from_hours(24 * 365),
    version: 1,
};

/// Takes an indicator apart, so that playbooks can follow its parts like any other edge.
#[derive(Debug, Clone, Copy)]
pub(super) struct Structure;

#[async_trait]
impl Source for Structure {
    fn info(&self) -> &SourceInfo {
        &INFO
    }

    fn takes_private(&self) -> TakesPrivate {
        TakesPrivate::Always
    }

    async fn ask(&self, indicator: &Indicator, _: &Asking<'_>) -> Answer {
        let (host, kind) = match (address_of(indicator), name_of(indicator)) {
            (Some(address), _) if address.is_ipv4() => (address.to_string(), Kind::Ipv4),
            (Some(address), _) => (address.to_string(), Kind::Ipv6),
            (None, Some(name)) => (name.to_owned(), Kind::Domain),
            (None, None) => return Answer::not_found("It has no host."),
        };
        let mut links = Links::of(indicator);
        links.add(Relation::HasHost, kind, &host);
        let what = if indicator.kind() == Kind::Email { "Its mail goes to" } else { "Its host is" };
        Answer::found(format!("{what} {host}."), json!({ "host": host })).with_links(links)
    }
}

#[cfg(test)]
mod tests {
    use aggregator_domain::parse_as;
    use aggregator_egress::{Egress, EgressConfig};

    use super::*;

    #[tokio::test]
    async fn urls_and_mail_addresses_lead_to_their_hosts() {
        let egress = Egress::new(EgressConfig::default()).unwrap();
        let asking = Asking { egress: &egress, base: None, resolver: None };
        for (kind, text, host) in [
            (Kind::Url, "http://login.example.com:8080/a", (Kind::Domain, "login.example.com")),
            (Kind::Url, "https://192.0.2.7/x", (Kind::Ipv4, "192.0.2.7")),
            (Kind::Url, "https://[2001:db8::7]/x", (Kind::Ipv6, "2001:db8::7")),
            (Kind::Email, "someone@mail.example.org", (Kind::Domain, "mail.example.org")),
        ] {
            let indicator = parse_as(kind, text).unwrap().indicator;
            let answer = Structure.ask(&indicator, &asking).await;
            assert_eq!(answer.links.len(), 1, "{text}");
            let link = &answer.links[0];
            assert_eq!(
                (link.relation, link.indicator.kind(), link.indicator.value()),
                (Relation::HasHost, host.0, host.1),
                "{text}"
            );
        }
    }
}
