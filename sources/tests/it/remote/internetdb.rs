//! Shodan `InternetDB`, as recorded.

use aggregator_domain::{Opinion, Outcome, Relation, Stance};
use serde_json::json;
use wiremock::ResponseTemplate;

use super::support::{ask, items, links, ok, recorded};

#[tokio::test]
async fn an_address_with_a_name() {
    let Some(answer) = recorded("providers/shodan-internetdb/ip_1.1.1.1.body.json") else { return };
    let answer = ask("internetdb", "1.1.1.1", ("/1.1.1.1", &[]), answer).await;
    assert_eq!(answer.outcome, Outcome::Found);
    assert_eq!(answer.opinion, Opinion::default());
    assert_eq!(answer.summary, "3 open ports, 1 host name and 0 possible vulnerabilities seen.");
    let nothing = json!({"total": 0, "items": []});
    assert_eq!(
        answer.data,
        json!({
            "ports": {"total": 3, "items": [53, 80, 443]},
            "hostnames": {"total": 1, "items": ["one.one.one.one"]},
            "tags": nothing, "cpes": nothing, "vulnerabilities": nothing,
        })
    );
    assert_eq!(links(&answer), [(Relation::ReverseName, "one.one.one.one".to_owned())]);
}

#[tokio::test]
async fn an_address_with_many_vulnerabilities_is_capped() {
    let Some(answer) = recorded("providers/shodan-internetdb/ip_120.78.59.202.body.json") else { return };
    let answer = ask("internetdb", "120.78.59.202", ("/120.78.59.202", &[]), answer).await;
    assert_eq!(answer.outcome, Outcome::Found);
    assert_eq!(answer.opinion.stance, Stance::Unknown, "old software is no verdict");
    assert_eq!(
        answer.summary,
        "6 open ports, 1 host name and 134 possible vulnerabilities seen; tagged database, eol-product."
    );
    assert_eq!(answer.data["ports"], json!({"total": 6, "items": [22, 80, 443, 3306, 8081, 8090]}));
    assert_eq!(items(&answer.data["tags"]), ["database", "eol-product"]);
    assert_eq!(answer.data["cpes"]["total"], 9);
    assert_eq!(answer.data["vulnerabilities"]["total"], 134);
    assert_eq!(answer.data["vulnerabilities"]["items"].as_array().unwrap().len(), 100);
    let links = links(&answer);
    assert_eq!(links.len(), 100);
    assert_eq!(links[0], (Relation::ReverseName, "api02t.c.ylt100.cn".to_owned()));
    assert_eq!(links[1], (Relation::HasVulnerability, "CVE-2019-9516".to_owned()));
}

#[tokio::test]
async fn a_tag_that_says_harm_is_a_suspicion() {
    for (tag, stance) in
        [("malware", Stance::Suspicious), ("c2", Stance::Suspicious), ("cdn", Stance::Unknown)]
    {
        let body = format!(
            r#"{{"cpes":[],"hostnames":[],"ip":"192.0.2.1","ports":[443],"tags":["{tag}"],"vulns":[]}}"#
        );
        let answer = ask("internetdb", "192.0.2.1", ("/192.0.2.1", &[]), ok(body)).await;
        let confidence = if stance == Stance::Suspicious { 40 } else { 0 };
        assert_eq!(answer.opinion, Opinion { stance, confidence }, "{tag}");
    }
}

#[tokio::test]
async fn only_its_own_404_is_not_found() {
    let json = |text: &str| ResponseTemplate::new(404).set_body_raw(text, "application/json");
    let html = ResponseTemplate::new(404).set_body_raw("<html>gone</html>", "text/html");
    for (answer, outcome) in [
        (json(r#"{"detail":"No information available"}"#), Outcome::NotFound),
        // A path that is none: the service moved, or it is another one.
        (json(r#"{"detail":"Not Found"}"#), Outcome::Unavailable),
        (json(r#"{"detail":[]}"#), Outcome::Unavailable),
        (json(r#"{"error":"no such route"}"#), Outcome::Unavailable),
        (json(""), Outcome::Unavailable),
        (html, Outcome::Unavailable),
    ] {
        let answer = ask("internetdb", "192.0.2.1", ("/192.0.2.1", &[]), answer).await;
        assert_eq!(answer.outcome, outcome);
        assert_eq!(answer.opinion, Opinion::default());
    }
}

#[tokio::test]
async fn an_answer_about_another_address_is_malformed() {
    let body = r#"{"cpes":[],"hostnames":[],"ip":"192.0.2.2","ports":[],"tags":[],"vulns":[]}"#;
    let answer = ask("internetdb", "192.0.2.1", ("/192.0.2.1", &[]), ok(body)).await;
    assert_eq!(answer.outcome, Outcome::Malformed);
}

#[tokio::test]
async fn an_ipv6_address_is_asked_as_it_is_written() {
    let body = r#"{"cpes":[],"hostnames":[],"ip":"2001:db8:0::1","ports":[80],"tags":[],"vulns":[]}"#;
    let answer = ask("internetdb", "2001:db8::1", ("/2001:db8::1", &[]), ok(body)).await;
    assert_eq!(answer.summary, "1 open port, 0 host names and 0 possible vulnerabilities seen.");
}
