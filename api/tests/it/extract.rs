//! Extraction over HTTP.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Answer, Server};

const EXTRACT: &str = "/api/v1/extract";
/// The é takes two bytes: spans count bytes.
const TEXT: &str = "Opéra: hxxps://evil[.]example[.]com/gate.php, then 192[.]0[.]2[.]1:8080 and 192.0.2.1.";

async fn post(server: &Server, content_type: &'static str, body: impl Into<reqwest::Body>) -> Answer {
    server.send(server.request(Method::POST, EXTRACT).header("content-type", content_type).body(body)).await
}

fn found(answer: &Answer) -> Vec<(String, String, usize, usize)> {
    assert_eq!(answer.status, 200, "{answer:?}");
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    let number = |value: &Value| usize::try_from(value.as_u64().unwrap()).unwrap();
    let json = answer.json();
    let indicators = json["indicators"].as_array().unwrap();
    indicators
        .iter()
        .map(|one| {
            (word(&one["indicator"]["value"]), word(&one["raw"]), number(&one["start"]), number(&one["end"]))
        })
        .collect()
}

#[tokio::test]
async fn a_text_gives_its_indicators_with_the_bytes_they_stand_at() {
    let server = Server::start().await;
    let answer = post(&server, "text/plain; charset=utf-8", TEXT).await;
    let found = found(&answer);
    let values: Vec<&str> = found.iter().map(|(value, ..)| value.as_str()).collect();
    assert_eq!(values, ["https://evil.example.com/gate.php", "192.0.2.1", "192.0.2.1"]);
    for (_, raw, start, end) in &found {
        assert_eq!(&TEXT[*start..*end], raw);
    }
    let answer = answer.json();
    assert_eq!(answer["counts"], json!([{"kind": "ipv4", "count": 1}, {"kind": "url", "count": 1}]));
    assert_eq!(answer["indicators"][1]["indicator"]["port"], 8080);
}

#[tokio::test]
async fn the_same_text_inside_json_gives_the_same() {
    let server = Server::start().await;
    let plain = post(&server, "text/plain", TEXT).await;
    for body in [json!({"text": TEXT}), json!({"text": TEXT, "format": "text"})] {
        let answer = post(&server, "application/json", body.to_string()).await;
        assert_eq!(answer.json(), plain.json());
    }
}

#[tokio::test]
async fn html_is_read_as_html_whichever_way_it_comes() {
    let server = Server::start().await;
    let html = "<p>seen: evil&#91;.&#93;example[.]com</p>";
    let plain = found(&post(&server, "text/html", html).await);
    assert_eq!(plain.iter().map(|(value, ..)| value.as_str()).collect::<Vec<_>>(), ["evil.example.com"]);
    let inside = json!({"text": html, "format": "html"}).to_string();
    assert_eq!(found(&post(&server, "application/json", inside).await), plain);
}

#[tokio::test]
async fn a_text_without_any_is_an_empty_answer() {
    let server = Server::start().await;
    for text in ["", "nothing to see", "a\u{0}b"] {
        let answer = post(&server, "text/plain", text).await;
        assert_eq!((answer.status, answer.json()), (200, json!({"indicators": [], "counts": []})));
    }
}

#[tokio::test]
async fn a_megabyte_is_read_and_a_byte_more_is_not() {
    let server = Server::start().await;
    let line = "192.0.2.1 evil[.]example[.]com\n";
    let limit = 1 << 20;
    let mut text = line.repeat(limit / line.len() + 1);
    text.truncate(limit);
    assert!(found(&post(&server, "text/plain", text.clone()).await).len() > 60_000);
    text.push(' ');
    post(&server, "text/plain", text).await.is_problem(413, "body_too_large");
}

#[tokio::test]
async fn what_is_no_text_is_told() {
    let server = Server::start().await;
    let detail = post(&server, "text/plain", b"ok \xff".to_vec()).await.is_problem(400, "invalid_body");
    assert!(detail.contains("byte 3"), "{detail}");
    for content_type in ["application/pdf", "text/csv", "text/plain; charset=latin1"] {
        post(&server, content_type, "x").await.is_problem(415, "unsupported_media_type");
    }
    for body in ["{}", "{\"text\": \"a\", \"format\": \"pdf\"}", "{\"text\": \"a\", \"x\": 1}"] {
        post(&server, "application/json", body).await.is_problem(400, "invalid_body");
    }
}
