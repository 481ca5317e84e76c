//! Team Cymru over DNS: who announces an address, who an autonomous system is, and whether a file is known malware.
//! <https://www.team-cymru.com/ip-asn-mapping>, <https://www.team-cymru.com/mhr>

mod origin;

use std::net::IpAddr;
use std::time::Duration;

use aggregator_domain::{Indicator, Kind, Relation, Stance};
use async_trait::async_trait;
use hickory_resolver::proto::rr::{RData, Record, RecordType};
use serde_json::json;
use time::OffsetDateTime;

use self::origin::{AutonomousSystem, Origin};
use super::facts::rfc3339;
use super::links::Links;
use super::resolver::{Records, Resolver};
use super::source::{Answer, Asking, Source, SourceInfo};
use crate::KindSet;

static INFO: SourceInfo = SourceInfo {
    slug: "team-cymru",
    name: "Team Cymru",
    provider: ("team-cymru", "Team Cymru"),
    kinds: KindSet::EMPTY.with(Kind::Ipv4).with(Kind::Ipv6).with(Kind::Asn).with(Kind::Md5).with(Kind::Sha1),
    active: false,
    keyless: true,
    movable: false,
    limits: &[],
    concurrency: 16,
    deadline: Duration::from_secs(10),
    found_ttl: Duration::from_hours(24),
    not_found_ttl: Duration::from_hours(24),
    version: 1,
};

/// Asks Team Cymru's zones.
#[derive(Debug, Clone, Copy)]
pub(super) struct TeamCymru;

#[async_trait]
impl Source for TeamCymru {
    fn info(&self) -> &SourceInfo {
        &INFO
    }

    async fn ask(&self, indicator: &Indicator, asking: &Asking<'_>) -> Answer {
        let resolver = match Resolver::of(asking, &INFO) {
            Ok(resolver) => resolver,
            Err(answer) => return answer,
        };
        let answer = match indicator.kind() {
            Kind::Md5 | Kind::Sha1 => malware(indicator, &resolver).await,
            Kind::Asn => system(indicator, &resolver).await,
            _ => address(indicator, &resolver).await,
        };
        answer.unwrap_or_else(|failure| failure)
    }
}

/// The texts of a name; `None` where there is no such name.
async fn texts(resolver: &Resolver, name: &str) -> Result<Option<Vec<String>>, Answer> {
    match resolver.records(name, RecordType::TXT).await {
        Records::Some(records) => Ok(Some(records.iter().filter_map(text).collect())),
        Records::NoName => Ok(None),
        // Every name of these zones has a text: one without is somebody else's answer.
        Records::Nothing => Err(unreadable("an answer without a text")),
        Records::Failed(outcome, why) => Err(Answer::failed(outcome, format!("{}: {why}.", INFO.name))),
    }
}

fn text(record: &Record) -> Option<String> {
    let RData::TXT(text) = &record.data else { return None };
    Some(String::from_utf8_lossy(&text.txt_data.concat()).into_owned())
}

fn unreadable(what: &str) -> Answer {
    Answer::malformed(format!("{} gave {what}, which it does not document.", INFO.name))
}

async fn address(asked: &Indicator, resolver: &Resolver) -> Result<Answer, Answer> {
    let address: IpAddr = asked.value().parse().map_err(|_error| unreadable("no address"))?;
    let Some(texts) = texts(resolver, &origin::zone_name(address)).await? else {
        return Ok(Answer::not_found("Nobody announces it."));
    };
    let origin = Origin::of(address, &texts).ok_or_else(|| unreadable("no origin of this address"))?;
    // Who that is, is an extra: the origin stands without it.
    let name = match origin.systems.first() {
        Some(number) => self::texts(resolver, &origin::system_name(*number)).await.ok().flatten(),
        None => None,
    };
    let name = name.and_then(|texts| AutonomousSystem::of(&texts)).and_then(|system| system.name);
    let mut links = Links::of(asked);
    links.add(Relation::ContainedIn, Kind::Cidr, &origin.network.to_string());
    for number in &origin.systems {
        links.add(Relation::AnnouncedBy, Kind::Asn, &format!("AS{number}"));
    }
    let by: Vec<_> = origin.systems.iter().map(|number| format!("AS{number}")).collect();
    let named = name.as_ref().map(|name| format!(" ({name})")).unwrap_or_default();
    let summary = format!("Announced by {}{named} as part of {}.", by.join(", "), origin.network);
    let data = json!({
        "network": origin.network,
        "systems": by,
        "system_name": name,
        "country": origin.country,
        "registry": origin.registry,
        "allocated": origin.allocated,
    });
    Ok(Answer::found(summary, data).with_links(links))
}

async fn system(asked: &Indicator, resolver: &Resolver) -> Result<Answer, Answer> {
    let number = asked.value().trim_start_matches("AS").parse().map_err(|_error| unreadable("no number"))?;
    let Some(texts) = texts(resolver, &origin::system_name(number)).await? else {
        return Ok(Answer::not_found("No such autonomous system is allocated."));
    };
    let system = AutonomousSystem::of(&texts)
        .filter(|system| system.number == number)
        .ok_or_else(|| unreadable("no description of this system"))?;
    let summary = format!("{}.", system.name.as_deref().unwrap_or("It has no name"));
    let data = json!({
        "system_name": system.name,
        "country": system.country,
        "registry": system.registry,
        "allocated": system.allocated,
    });
    Ok(Answer::found(summary, data))
}

/// The malware hash registry: the text is when the file was last seen, seconds since 1970, and the share of anti-virus
/// engines that detected it, per cent. Only malware is in it, so a hit is a verdict; the share is how sure it is.
async fn malware(asked: &Indicator, resolver: &Resolver) -> Result<Answer, Answer> {
    let Some(texts) = texts(resolver, &format!("{}.malware.hash.cymru.com", asked.value())).await? else {
        return Ok(Answer::not_found("Not in the malware hash registry."));
    };
    let hit = texts.iter().find_map(|text| {
        let mut numbers = text.split_ascii_whitespace();
        let seen = OffsetDateTime::from_unix_timestamp(numbers.next()?.parse().ok()?).ok()?;
        let detected: u8 = numbers.next()?.parse().ok().filter(|share| *share <= 100)?;
        Some((seen, detected))
    });
    let (seen, detected) = hit.ok_or_else(|| unreadable("no detection rate"))?;
    let summary =
        format!("Known malware, detected by {detected} % of engines, last seen on {}.", seen.date());
    let data = json!({ "detected_percent": detected, "last_seen": rfc3339(seen) });
    Ok(Answer::found(summary, data).with_opinion(Stance::Malicious, detected))
}
