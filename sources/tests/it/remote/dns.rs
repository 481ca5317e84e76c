//! The DNS itself.

use aggregator_domain::{Opinion, Outcome, Relation};
use hickory_proto::op::ResponseCode;
use hickory_proto::rr::RecordType;
use serde_json::{Value, json};

use super::dns_server::{Reply, Table, a, aaaa, cname, mx, ns, ptr, serve, txt};
use super::support::{ask_dns, links};

#[tokio::test]
async fn everything_a_domain_has() {
    let records = vec![
        a("192.0.2.1"),
        a("192.0.2.2"),
        aaaa("2001:db8::1"),
        ns("NS1.Example.net"),
        ns("ns2.example.net"),
        mx(10, "mail.example.com"),
        txt("v=spf1 -all"),
        txt("site-verification=1"),
    ];
    let server = serve(Table::default().name("example.com", Reply::Records(records))).await;
    let answer = ask_dns("dns", "example.com", server).await;
    assert_eq!(answer.outcome, Outcome::Found);
    assert_eq!(answer.opinion, Opinion::default());
    assert_eq!(
        answer.data,
        json!({
            "a": {"total": 2, "items": ["192.0.2.1", "192.0.2.2"]},
            "aaaa": {"total": 1, "items": ["2001:db8::1"]},
            "mx": {"total": 1, "items": ["mail.example.com"]},
            "ns": {"total": 2, "items": ["ns1.example.net", "ns2.example.net"]},
            "txt": {"total": 2},
        })
    );
    assert_eq!(answer.summary, "8 records: A, AAAA, MX, NS, TXT.");
    let expected = [
        (Relation::ResolvesTo, "192.0.2.1"),
        (Relation::ResolvesTo, "192.0.2.2"),
        (Relation::ResolvesTo, "2001:db8::1"),
        (Relation::MailServer, "mail.example.com"),
        (Relation::NameServer, "ns1.example.net"),
        (Relation::NameServer, "ns2.example.net"),
    ];
    assert_eq!(links(&answer), expected.map(|(relation, value)| (relation, value.to_owned())));
}

#[tokio::test]
async fn an_alias_is_followed_and_its_targets_servers_are_not_taken_for_its_own() {
    let table = Table::default()
        .name("www.example.com", Reply::Records(vec![cname("edge.example.net")]))
        .name("edge.example.net", Reply::Records(vec![a("192.0.2.7"), ns("ns1.example.net"), mx(0, ".")]));
    let answer = ask_dns("dns", "www.example.com", serve(table).await).await;
    assert_eq!(answer.data["cname"], json!({"total": 1, "items": ["edge.example.net"]}));
    assert_eq!(answer.data["a"], json!({"total": 1, "items": ["192.0.2.7"]}));
    assert_eq!(answer.data["ns"], Value::Null);
    assert_eq!(answer.data["mx"], json!({"total": 1, "items": ["."]}), "no mail here");
    assert_eq!(links(&answer), [(Relation::ResolvesTo, "192.0.2.7".to_owned())]);
}

#[tokio::test]
async fn an_alias_to_nowhere_is_still_there() {
    let table = Table::default().name("old.example.com", Reply::Records(vec![cname("gone.example.net")]));
    let answer = ask_dns("dns", "old.example.com", serve(table).await).await;
    assert_eq!(answer.outcome, Outcome::Found);
    assert_eq!(answer.data, json!({"cname": {"total": 1, "items": ["gone.example.net"]}}));
}

#[tokio::test]
async fn a_name_that_is_not_there_and_one_without_records() {
    let table = Table::default().only("empty.example.com", RecordType::SRV, Reply::Records(Vec::new()));
    let server = serve(table).await;
    let answer = ask_dns("dns", "nothing.example.com", server).await;
    assert_eq!((answer.outcome, answer.summary.as_str()), (Outcome::NotFound, "There is no such name."));
    let answer = ask_dns("dns", "empty.example.com", server).await;
    let none = "It has none of the records asked for.";
    assert_eq!((answer.outcome, answer.summary.as_str()), (Outcome::NotFound, none));
}

#[tokio::test]
async fn the_dns_is_not_asked_about_an_onion_service() {
    // A resolver that would know it.
    let table = Table::default().name("service.onion", Reply::Records(vec![a("192.0.2.1")]));
    let answer = ask_dns("dns", "service.onion", serve(table).await).await;
    let not_there = "Names below .onion are not in the DNS (RFC 7686).";
    assert_eq!((answer.outcome, answer.summary.as_str()), (Outcome::NotFound, not_there));
}

#[tokio::test]
async fn a_long_answer_comes_over_tcp() {
    let many: Vec<_> = (0..150).map(|number| a(&format!("192.0.2.{number}"))).collect();
    let table = Table::default().name("example.com", Reply::OverTcp(many));
    let answer = ask_dns("dns", "example.com", serve(table).await).await;
    assert_eq!(answer.outcome, Outcome::Found);
    assert_eq!(answer.data["a"]["total"], 150);
    assert_eq!(answer.data["a"]["items"].as_array().unwrap().len(), 100);
    assert_eq!(answer.links.len(), 100);
}

#[tokio::test]
async fn half_an_answer_says_which_half_is_missing() {
    let table = Table::default().name("example.com", Reply::Records(vec![a("192.0.2.1")])).only(
        "example.com",
        RecordType::MX,
        Reply::Code(ResponseCode::ServFail),
    );
    let answer = ask_dns("dns", "example.com", serve(table).await).await;
    assert_eq!(answer.outcome, Outcome::Found);
    assert_eq!(answer.data["unanswered"], json!(["mx"]));
    assert_eq!(answer.summary, "1 record: A; not known: MX.");
}

#[tokio::test]
async fn one_type_unanswered_and_none_found_is_no_answer() {
    let table = Table::default().only("example.com", RecordType::A, Reply::Code(ResponseCode::ServFail));
    let answer = ask_dns("dns", "example.com", serve(table).await).await;
    assert_eq!(answer.outcome, Outcome::Unavailable);
}

#[tokio::test]
async fn the_reverse_name_of_an_address() {
    let table =
        Table::default().name("4.3.2.1.in-addr.arpa", Reply::Records(vec![ptr("host4.example.net")])).name(
            "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
            Reply::Records(vec![ptr("six.example.net")]),
        );
    let server = serve(table).await;
    let answer = ask_dns("dns", "1.2.3.4", server).await;
    assert_eq!(answer.data, json!({"reverse_names": {"total": 1, "items": ["host4.example.net"]}}));
    assert_eq!(links(&answer), [(Relation::ReverseName, "host4.example.net".to_owned())]);
    let answer = ask_dns("dns", "2001:db8::1", server).await;
    assert_eq!(answer.summary, "Its reverse name is six.example.net.");
    let answer = ask_dns("dns", "1.2.3.5", server).await;
    assert_eq!(answer.outcome, Outcome::NotFound);
}
