//! What a registry says about a network or an AS number.

use std::net::{IpAddr, Ipv4Addr};

use aggregator_domain::{Indicator, Kind, Relation};
use ipnet::{IpNet, IpSubnets, Ipv4Subnets, Ipv6Subnets};
use serde_json::json;

use super::object::Object;
use crate::remote::facts::{days_before, list, text};
use crate::remote::http::Got;
use crate::remote::links::Links;
use crate::remote::source::Answer;

/// Of an address or a network.
pub(super) fn answer(asked: &Indicator, got: &Got<Object>) -> Answer {
    let object = &got.body;
    if let Err(answer) = object.check("ip network") {
        return answer;
    }
    let Some((first, last)) = range(object) else {
        return Answer::malformed("RDAP answered with a network that has no first and last address.");
    };
    let Some(around) = asked_network(asked).filter(|net| first <= net.broadcast() && net.network() <= last)
    else {
        return Answer::malformed("RDAP answered about another network.");
    };
    let networks: Vec<_> = subnets(first, last).map(Iterator::collect).unwrap_or_default();
    let mut links = Links::of(asked);
    for network in networks.iter().filter(|network| network.contains(&around)) {
        links.add(Relation::ContainedIn, Kind::Cidr, &network.to_string());
    }
    let name = object.name.as_deref().and_then(text);
    let holder = object.holder();
    let data = json!({
        "network": name,
        "handle": object.handle.as_deref().and_then(text),
        "first": first,
        "last": last,
        "networks": list(&networks),
        "type": object.allocation.as_deref().and_then(text),
        "country": object.country.as_deref().and_then(text),
        "holder": holder,
        "abuse_email": object.abuse_email(),
        "registered": object.event_text("registration"),
        "age_days": age_days(got),
        "changed": object.event_text("last changed"),
        "status": object.states(),
    });
    let named = name.map(|name| format!(" ({name})")).unwrap_or_default();
    let whose = holder.map(|holder| format!(", held by {holder}")).unwrap_or_default();
    Answer::found(format!("In {first} to {last}{named}{whose}."), data).with_links(links)
}

/// Of an AS number.
pub(super) fn system(asked: &Indicator, got: &Got<Object>) -> Answer {
    let object = &got.body;
    if let Err(answer) = object.check("autnum") {
        return answer;
    }
    let number: Option<u32> = asked.value().trim_start_matches("AS").parse().ok();
    let is_asked = number
        .zip(object.start_autnum)
        .is_some_and(|(number, first)| (first..=object.end_autnum.unwrap_or(first)).contains(&number));
    if !is_asked {
        return Answer::malformed("RDAP answered about another AS number.");
    }
    let name = object.name.as_deref().and_then(text);
    let holder = object.holder();
    let data = json!({
        "system_name": name,
        "handle": object.handle.as_deref().and_then(text),
        "country": object.country.as_deref().and_then(text),
        "holder": holder,
        "abuse_email": object.abuse_email(),
        "registered": object.event_text("registration"),
        "age_days": age_days(got),
        "changed": object.event_text("last changed"),
        "status": object.states(),
    });
    let named = name.map(|name| format!(" as {name}")).unwrap_or_default();
    let whose = holder.map(|holder| format!(", held by {holder}")).unwrap_or_default();
    Answer::found(format!("{} is registered{named}{whose}.", asked.value()), data)
}

fn age_days(got: &Got<Object>) -> Option<i64> {
    days_before(got.answered, got.body.event("registration")?)
}

fn asked_network(asked: &Indicator) -> Option<IpNet> {
    let address = || asked.value().parse::<IpAddr>().map(IpNet::from);
    asked.value().parse().or_else(|_| address()).ok()
}

fn range(object: &Object) -> Option<(IpAddr, IpAddr)> {
    let first = address(object.start_address.as_deref()?)?;
    let last = address(object.end_address.as_deref()?)?;
    (first.is_ipv4() == last.is_ipv4() && first <= last).then_some((first, last))
}

/// As registries write addresses: with a prefix length behind it (RIPE), with padded bytes (ARIN).
fn address(text: &str) -> Option<IpAddr> {
    let text = text.split_once('/').map_or(text, |(address, _)| address).trim();
    if text.contains(':') {
        return text.parse().ok();
    }
    let mut bytes = text.split('.').map(str::parse::<u8>);
    let mut next = || bytes.next()?.ok();
    let address = Ipv4Addr::new(next()?, next()?, next()?, next()?);
    bytes.next().is_none().then_some(IpAddr::V4(address))
}

fn subnets(first: IpAddr, last: IpAddr) -> Option<IpSubnets> {
    match (first, last) {
        (IpAddr::V4(first), IpAddr::V4(last)) => Some(IpSubnets::V4(Ipv4Subnets::new(first, last, 0))),
        (IpAddr::V6(first), IpAddr::V6(last)) => Some(IpSubnets::V6(Ipv6Subnets::new(first, last, 0))),
        _ => None,
    }
}
