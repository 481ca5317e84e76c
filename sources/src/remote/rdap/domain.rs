//! What a registry says about a domain.

use aggregator_domain::{Indicator, Kind, Relation};
use serde_json::json;

use super::object::Object;
use crate::remote::facts::{days_before, list, text};
use crate::remote::http::Got;
use crate::remote::links::Links;
use crate::remote::source::Answer;

/// `name` is the registered name asked for: the indicator or what it lies below.
pub(super) fn answer(asked: &Indicator, name: &str, got: &Got<Object>) -> Answer {
    let object = &got.body;
    if let Err(answer) = object.check("domain") {
        return answer;
    }
    match &object.ldh_name {
        Some(given) if given.trim_end_matches('.').eq_ignore_ascii_case(name) => {}
        Some(_) => return Answer::malformed("RDAP answered about another domain."),
        None => return Answer::malformed("RDAP answered with a domain that has no name."),
    }
    let servers = object.nameservers.iter().flatten().filter_map(|server| text(server.ldh_name.as_deref()?));
    let servers: Vec<_> = servers.map(|server| server.trim_end_matches('.').to_ascii_lowercase()).collect();
    let mut links = Links::of(asked);
    for server in &servers {
        links.add(Relation::NameServer, Kind::Domain, server);
    }

    let registered = object.event("registration");
    let age_days = registered.and_then(|moment| days_before(got.answered, moment));
    let registrar = object.registrar();
    let signed = object.secure_dns.as_ref().and_then(|dns| dns.delegation_signed);
    let data = json!({
        "domain": name,
        "registered": object.event_text("registration"),
        "age_days": age_days,
        "changed": object.event_text("last changed"),
        "expires": object.event_text("expiration"),
        "status": object.states(),
        "registrar": registrar.as_ref().map(|(_, name)| name),
        "registrar_iana_id": registrar.as_ref().and_then(|(entity, _)| entity.iana_id()),
        "holder": object.holder(),
        "abuse_email": object.abuse_email(),
        "name_servers": list(&servers),
        "signed": signed,
    });
    let when = registered.map(|moment| format!(" on {}", moment.date())).unwrap_or_default();
    let age = age_days.map(|days| format!(", {days} days ago")).unwrap_or_default();
    let seller = registrar.map(|(_, name)| format!(", through {name}")).unwrap_or_default();
    Answer::found(format!("{name} was registered{when}{age}{seller}."), data).with_links(links)
}
