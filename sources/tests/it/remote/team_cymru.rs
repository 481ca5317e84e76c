//! Team Cymru's zones, as its documentation shows them.

use aggregator_domain::{Opinion, Outcome, Relation, Stance};
use serde_json::json;

use super::dns_server::{Reply, Table, serve, txt};
use super::support::{ask_dns, links};

fn texts(lines: &[&str]) -> Reply {
    Reply::Records(lines.iter().map(|line| txt(line)).collect())
}

fn table() -> Table {
    Table::default()
        .name(
            "31.108.90.216.origin.asn.cymru.com",
            texts(&["23028 | 216.90.108.0/24 | US | arin | 1998-09-25"]),
        )
        .name(
            "AS23028.asn.cymru.com".to_lowercase().as_str(),
            texts(&["23028 | US | arin | 2002-01-04 | TEAM-CYMRU, US"]),
        )
        .name(
            "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.6.8.4.1.0.0.2.origin6.asn.cymru.com",
            texts(&["15169 | 2001:4860::/32 | US | arin | 2005-03-14"]),
        )
        .name("as15169.asn.cymru.com", texts(&["15169 | US | arin | 2000-03-30 | GOOGLE - Google LLC, US"]))
        .name("733a48a9cb49651d72fe824ca91e8d00.malware.hash.cymru.com", texts(&["1277221946 79"]))
}

#[tokio::test]
async fn who_announces_an_address() {
    let answer = ask_dns("team-cymru", "216.90.108.31", serve(table()).await).await;
    assert_eq!(answer.outcome, Outcome::Found);
    assert_eq!(answer.opinion, Opinion::default());
    assert_eq!(answer.summary, "Announced by AS23028 (TEAM-CYMRU, US) as part of 216.90.108.0/24.");
    assert_eq!(
        answer.data,
        json!({
            "network": "216.90.108.0/24", "systems": ["AS23028"], "system_name": "TEAM-CYMRU, US",
            "country": "US", "registry": "arin", "allocated": "1998-09-25",
        })
    );
    let expected = [
        (Relation::ContainedIn, "216.90.108.0/24".to_owned()),
        (Relation::AnnouncedBy, "AS23028".to_owned()),
    ];
    assert_eq!(links(&answer), expected);
}

#[tokio::test]
async fn who_announces_an_ipv6_address() {
    let answer = ask_dns("team-cymru", "2001:4860::1", serve(table()).await).await;
    assert_eq!(answer.summary, "Announced by AS15169 (GOOGLE - Google LLC, US) as part of 2001:4860::/32.");
}

#[tokio::test]
async fn the_narrowest_network_counts_and_all_who_announce_it() {
    let lines = [
        "64496 | 192.0.0.0/16 | | ripencc |",
        "64497 64498 | 192.0.2.0/24 | NL | ripencc | 2000-01-01",
        "64499 | 198.51.100.0/24 | NL | ripencc | 2000-01-01",
    ];
    let table = Table::default().name("1.2.0.192.origin.asn.cymru.com", texts(&lines));
    let answer = ask_dns("team-cymru", "192.0.2.1", serve(table).await).await;
    assert_eq!(answer.data["systems"], json!(["AS64497", "AS64498"]));
    assert_eq!(answer.data["system_name"], json!(null), "the origin stands without a name");
    let values: Vec<_> = links(&answer).into_iter().map(|(_, value)| value).collect();
    assert_eq!(values, ["192.0.2.0/24", "AS64497", "AS64498"]);
}

#[tokio::test]
async fn who_a_system_is() {
    let server = serve(table()).await;
    let answer = ask_dns("team-cymru", "AS15169", server).await;
    assert_eq!(answer.summary, "GOOGLE - Google LLC, US.");
    assert_eq!(
        answer.data,
        json!({
            "system_name": "GOOGLE - Google LLC, US", "country": "US", "registry": "arin",
            "allocated": "2000-03-30",
        })
    );
    assert_eq!(ask_dns("team-cymru", "AS64496", server).await.outcome, Outcome::NotFound);
}

#[tokio::test]
async fn a_hash_of_malware_is_malicious_as_sure_as_it_is_detected() {
    let server = serve(table()).await;
    let answer = ask_dns("team-cymru", "733a48a9cb49651d72fe824ca91e8d00", server).await;
    assert_eq!(answer.outcome, Outcome::Found);
    assert_eq!(answer.opinion, Opinion { stance: Stance::Malicious, confidence: 79 });
    assert_eq!(answer.data, json!({"detected_percent": 79, "last_seen": "2010-06-22T15:52:26Z"}));
    assert_eq!(answer.summary, "Known malware, detected by 79 % of engines, last seen on 2010-06-22.");
    let unknown = ask_dns("team-cymru", "da39a3ee5e6b4b0d3255bfef95601890afd80709", server).await;
    assert_eq!(unknown.outcome, Outcome::NotFound);
    assert_eq!(unknown.opinion, Opinion::default());
}

#[tokio::test]
async fn what_does_not_read_is_malformed() {
    let hash = "733a48a9cb49651d72fe824ca91e8d00";
    for line in ["", "listed", "1277221946", "1277221946 many", "1277221946 101"] {
        let table = Table::default().name(&format!("{hash}.malware.hash.cymru.com"), texts(&[line]));
        let answer = ask_dns("team-cymru", hash, serve(table).await).await;
        assert_eq!(answer.outcome, Outcome::Malformed, "{line}");
    }
    for line in
        ["", "NA", "x | 192.0.2.0/24", " | 192.0.2.0/24 | NL", "64496 | 198.51.100.0/24 | NL | ripencc |"]
    {
        let table = Table::default().name("1.2.0.192.origin.asn.cymru.com", texts(&[line]));
        let answer = ask_dns("team-cymru", "192.0.2.1", serve(table).await).await;
        assert_eq!(answer.outcome, Outcome::Malformed, "{line}");
    }
    let table =
        Table::default().name("as64496.asn.cymru.com", texts(&["64497 | US | arin | 2000-03-30 | OTHER"]));
    assert_eq!(ask_dns("team-cymru", "AS64496", serve(table).await).await.outcome, Outcome::Malformed);
}
