//! RDAP, as recorded from the registries.

use aggregator_domain::{Opinion, Outcome, Relation};
use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use super::support::{ask, items, links, ok, recorded};
use crate::data::data;

/// A moment for the answer to say: ages are counted from it.
const DATE: &str = "Mon, 19 Dec 2022 13:17:15 GMT";

#[tokio::test]
async fn a_domain_of_a_generic_registry() {
    let Some(answer) = recorded("providers/rdap/domain_lookup_found_domain.json") else { return };
    let answer = answer.insert_header("date", DATE);
    let answer = ask("rdap", "example.com", ("/domain/example.com", &[]), answer).await;
    assert_eq!(answer.outcome, Outcome::Found);
    assert_eq!(answer.opinion, Opinion::default());
    let registrar = "RESERVED-Internet Assigned Numbers Authority";
    assert_eq!(
        answer.data,
        json!({
            "domain": "example.com",
            "registered": "1995-08-14T04:00:00Z",
            "age_days": 9_989,
            "changed": "2022-08-14T07:01:31Z",
            "expires": "2023-08-13T04:00:00Z",
            "status": {"total": 3, "items": [
                "client delete prohibited", "client transfer prohibited", "client update prohibited",
            ]},
            "registrar": registrar,
            "registrar_iana_id": "376",
            "holder": null,
            "abuse_email": null, // its abuse contact is there and empty
            "name_servers": {"total": 2, "items": ["a.iana-servers.net", "b.iana-servers.net"]},
            "signed": true,
        })
    );
    assert_eq!(
        answer.summary,
        format!("example.com was registered on 1995-08-14, 9989 days ago, through {registrar}.")
    );
    let servers = ["a.iana-servers.net", "b.iana-servers.net"];
    assert_eq!(links(&answer), servers.map(|server| (Relation::NameServer, server.to_owned())));
}

#[tokio::test]
async fn a_domain_of_a_country_asked_for_by_a_name_below_it() {
    let Some(answer) = recorded("providers/rdap/openrdap_domain-example.cz.json") else { return };
    let answer = ask("rdap", "www.example.cz", ("/domain/example.cz", &[]), answer).await;
    assert_eq!(answer.outcome, Outcome::Found);
    assert_eq!(answer.data["domain"], "example.cz");
    assert_eq!(answer.data["registered"], "2004-08-30T22:55:00Z");
    assert_eq!(answer.data["changed"], Value::Null);
    assert_eq!(answer.data["expires"], "2019-08-30T12:00:00Z");
    assert_eq!(answer.data["registrar"], "REG-INTERNET-CZ", "only a handle");
    assert_eq!(items(&answer.data["status"]), ["active"]);
    assert_eq!(items(&answer.data["name_servers"]), ["ns2.pipni.cz", "ns3.pipni.cz", "ns.pipni.cz"]);
    assert_eq!(answer.links.len(), 3);
}

#[tokio::test]
async fn an_as_number() {
    let Some(answer) = recorded("providers/rdap/asn_lookup.json") else { return };
    let answer = ask("rdap", "AS12345", ("/autnum/12345", &[]), answer).await;
    assert_eq!(answer.outcome, Outcome::Found);
    assert_eq!(answer.summary, "AS12345 is registered as AS12345.");
    assert_eq!(answer.data["system_name"], "AS12345");
    assert_eq!(answer.data["changed"], "2020-05-13T13:44:31Z");
    assert_eq!(answer.data["registered"], Value::Null);
    assert_eq!(answer.data["age_days"], Value::Null);
}

/// Address; network's name; first and last address; country; holder; abuse contact; last change; networks; link.
type Network = (
    &'static str,
    &'static str,
    (&'static str, &'static str),
    Option<&'static str>,
    Option<&'static str>,
    Option<&'static str>,
    Option<&'static str>,
    usize,
    Option<&'static str>,
);

#[rustfmt::skip]
const NETWORKS: [Network; 10] = [
    ("2a00:2381:ffff::1", "BT-WORLD-IPVSIX-LAUNCH", ("2a00:2381:ffff::", "2a00:2381:ffff:0:ffff:ffff:ffff:ffff"),
        Some("GB"), None, Some("zzdnsr@bt.com"), Some("2012-05-29T09:49:44Z"), 1, Some("2a00:2381:ffff::/64")),
    ("2001:240:10c:1::ca20:9d1d", "IIJ-JPNIC-JP-20000308", ("2001:240::", "2001:240:ffff:ffff:ffff:ffff:ffff:ffff"),
        Some("JP"), None, None, Some("2008-09-04T06:49:16Z"), 1, Some("2001:240::/32")),
    ("2001:43f8:7b0::", "ORG-TA38-AFRINIC", ("2001:43f8:7b0::", "2001:43f8:7b0:ffff:ffff:ffff:ffff:ffff"),
        Some("KE"), Some("ORG-TA38-AFRINIC"), None, None, 1, Some("2001:43f8:7b0::/48")),
    ("62.239.237.1", "BT-CORPORATE", ("62.239.237.0", "62.239.237.255"),
        Some("GB"), None, Some("zzdnsr@bt.com"), Some("2008-08-14T16:54:30Z"), 1, Some("62.239.237.0/24")),
    ("200.57.141.161", "Triara.com, S.A. de C.V.", ("200.57.141.161", "200.57.141.161"),
        Some("MX"), Some("Triara.com, S.A. de C.V."), Some("operacion.redes@TRIARA.COM"), Some("2014-07-16T15:43:45Z"), 1, None),
    ("2001:4860:4860::8888", "GOOGLE-IPV6", ("2001:4860::", "2001:4860:ffff:ffff:ffff:ffff:ffff:ffff"),
        None, Some("Google Inc."), Some("arin-contact@google.com"), Some("2012-02-24T14:44:34Z"), 1, Some("2001:4860::/32")),
    ("210.107.73.73", "BORANET-NET-210-107", ("210.107.0.0", "210.107.127.255"),
        Some("KR"), None, Some("hostmaster@nic.or.kr"), Some("2015-08-26T01:25:35Z"), 1, Some("210.107.0.0/17")),
    ("2801:10:c000::", "Universidad Catolica de Oriente", ("2801:10:c000::", "2801:10:c000::"),
        Some("CO"), Some("Universidad Catolica de Oriente"), Some("sistemas.red@UCO.EDU.CO"), Some("2013-10-29T19:26:00Z"), 1, None),
    ("74.125.225.229", "GOOGLE", ("74.125.0.0", "74.125.255.255"),
        None, Some("Google Inc."), Some("arin-contact@google.com"), Some("2012-02-24T14:44:34Z"), 1, Some("74.125.0.0/16")),
    ("196.11.240.215", "ORG-VSA1-AFRINIC", ("196.11.239.0", "196.11.246.255"),
        Some("ZA"), Some("ORG-VSA1-AFRINIC"), None, None, 4, Some("196.11.240.0/22")),
];

#[tokio::test]
async fn networks_of_all_five_registries() {
    let Some(file) = data("providers/rdap/ip_many.json") else { return };
    let recorded: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    assert_eq!(recorded.as_object().unwrap().len(), NETWORKS.len());
    for (address, name, (first, last), country, holder, abuse, changed, networks, link) in NETWORKS {
        let body = recorded[address]["response"].to_string();
        let answer = ask("rdap", address, (&format!("/ip/{address}"), &[]), ok(body)).await;
        assert_eq!(answer.outcome, Outcome::Found, "{address}: {}", answer.summary);
        let facts = &answer.data;
        assert_eq!(facts["network"], name, "{address}");
        assert_eq!((&facts["first"], &facts["last"]), (&json!(first), &json!(last)), "{address}");
        assert_eq!(facts["country"], json!(country), "{address}");
        assert_eq!(facts["holder"], json!(holder), "{address}");
        assert_eq!(facts["abuse_email"], json!(abuse), "{address}");
        assert_eq!(facts["changed"], json!(changed), "{address}");
        assert_eq!(facts["networks"]["total"], networks, "{address}");
        let expected: Vec<_> =
            link.iter().map(|network| (Relation::ContainedIn, (*network).to_owned())).collect();
        assert_eq!(links(&answer), expected, "{address}");
        let whose = holder.map(|holder| format!(", held by {holder}")).unwrap_or_default();
        assert_eq!(answer.summary, format!("In {first} to {last} ({name}){whose}."));
    }
}

#[tokio::test]
async fn a_network_is_asked_for_by_its_length() {
    let body =
        json!({"objectClassName": "ip network", "startAddress": "192.0.2.0", "endAddress": "192.0.3.255"});
    let answer = ask("rdap", "192.0.2.0/24", ("/ip/192.0.2.0/24", &[]), ok(body.to_string())).await;
    assert_eq!(links(&answer), [(Relation::ContainedIn, "192.0.2.0/23".to_owned())]);
    assert_eq!(answer.summary, "In 192.0.2.0 to 192.0.3.255.");
}

#[tokio::test]
async fn a_404_is_not_found_where_it_is_rdap() {
    let with = |body: &str, media_type: &str| ResponseTemplate::new(404).set_body_raw(body, media_type);
    let error = r#"{"errorCode":404,"title":"Not Found","description":["not registered"]}"#;
    let gateway = r#"{"message":"no Route matched with those values"}"#;
    for (answer, outcome) in [
        (with(error, "application/rdap+json"), Outcome::NotFound),
        (with(error, "application/json"), Outcome::NotFound),
        (with("", "application/rdap+json"), Outcome::NotFound),
        // Somebody who is no registry, and speaks no RDAP.
        (ResponseTemplate::new(404), Outcome::Unavailable),
        (with(gateway, "application/json"), Outcome::Unavailable),
    ] {
        let answer = ask("rdap", "example.com", ("/domain/example.com", &[]), answer).await;
        assert_eq!(answer.outcome, outcome);
        assert_eq!(answer.opinion, Opinion::default(), "unregistered is not benign");
    }
}

#[tokio::test]
async fn an_answer_about_something_else_is_malformed() {
    let range = |first: &str, last: &str| json!({"startAddress": first, "endAddress": last});
    for (text, path, body) in [
        (
            "example.com",
            "/domain/example.com",
            json!({"objectClassName": "domain", "ldhName": "example.net"}),
        ),
        ("example.com", "/domain/example.com", json!({"objectClassName": "domain", "handle": "1"})),
        (
            "example.com",
            "/domain/example.com",
            json!({"objectClassName": "nameserver", "ldhName": "example.com"}),
        ),
        ("192.0.2.1", "/ip/192.0.2.1", range("198.51.100.0", "198.51.100.255")),
        ("192.0.2.1", "/ip/192.0.2.1", range("192.0.2.255", "192.0.2.0")),
        ("192.0.2.1", "/ip/192.0.2.1", range("192.0.2.0", "2001:db8::")),
        ("192.0.2.1", "/ip/192.0.2.1", range("192.0.2", "192.0.2.255")),
        ("192.0.2.0/24", "/ip/192.0.2.0/24", range("2001:db8::", "2001:db8::ffff")),
        ("AS64496", "/autnum/64496", json!({"objectClassName": "autnum", "startAutnum": 64_497})),
    ] {
        let answer = ask("rdap", text, (path, &[]), ok(body.to_string())).await;
        assert_eq!(answer.outcome, Outcome::Malformed, "{text} {body}");
    }
}
