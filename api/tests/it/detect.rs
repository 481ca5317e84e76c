//! Detection over HTTP.

use aggregator_entities::domain::{Indicator, Kind};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::Server;

const DETECT: &str = "/api/v1/detect";

fn address(value: &str) -> Value {
    let id = Indicator::from_canonical(Kind::Ipv4, value).id().to_string();
    json!({"id": id, "kind": "ipv4", "value": value})
}

#[tokio::test]
async fn one_value_is_refanged_and_named() {
    let server = Server::start().await;
    let query = [("value", " 192[.]0[.]2[.]1:8080 ")];
    let answer = server.send(server.request(Method::GET, DETECT).query(&query)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let mut indicator = address("192.0.2.1");
    indicator["port"] = 8080.into();
    let expected = json!({
        "input": " 192[.]0[.]2[.]1:8080 ",
        "detection": {"result": "detected", "indicator": indicator}
    });
    assert_eq!(answer.json(), expected);
}

#[tokio::test]
async fn naming_the_kind_decides() {
    let server = Server::start().await;
    for (kind, result) in [("ipv4", "detected"), ("cve", "rejected")] {
        let query = [("value", "192.0.2.1"), ("kind", kind)];
        let answer = server.send(server.request(Method::GET, DETECT).query(&query)).await;
        assert_eq!(answer.json()["detection"]["result"], result, "{answer:?}");
    }
}

#[tokio::test]
async fn many_values_are_answered_in_their_order_and_a_bad_one_disturbs_none() {
    let server = Server::start().await;
    let long = "a".repeat(8_193);
    let body = json!({"values": ["hello", "192.0.2.1", "", "a\u{0}b", long, "CVE-2021-44228"]});
    let answer = server.post_json(DETECT, body.to_string()).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let answer = answer.json();
    let detections = answer["detections"].as_array().unwrap();
    let reasons: Vec<&str> =
        detections.iter().filter_map(|value| value["detection"]["reason"].as_str()).collect();
    assert_eq!(reasons, ["unrecognised", "empty", "nul_byte", "too_long"]);
    assert_eq!(detections[1]["detection"]["indicator"], address("192.0.2.1"));
    assert_eq!(detections[5]["detection"]["indicator"]["value"], "CVE-2021-44228");
    assert_eq!(detections[4]["input"], long);
}

#[tokio::test]
async fn a_thousand_values_fit_and_one_more_does_not() {
    let server = Server::start().await;
    let body = |count: usize| json!({"values": vec!["192.0.2.1"; count]}).to_string();
    let answer = server.post_json(DETECT, body(1_000)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.json()["detections"].as_array().unwrap().len(), 1_000);
    let answer = server.post_json(DETECT, body(1_001)).await;
    answer.is_problem(413, "too_many_indicators");
    assert_eq!(answer.json()["limit"], 1_000);
    server.post_json(DETECT, body(0)).await.is_problem(400, "invalid_body");
}
