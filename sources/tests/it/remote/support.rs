//! A way out that ends on this machine, and the short way from a question to its answer.

use std::net::SocketAddr;
use std::sync::Arc;

use aggregator_domain::Relation;
use aggregator_egress::{AllowedNetwork, Egress, EgressConfig};
use aggregator_sources::remote::{Answer, Asking, Source, all};
use serde_json::Value;
use url::Url;
use wiremock::matchers::{method, path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::data::{data, indicator};

/// A client that may ask this machine.
pub(super) fn egress() -> Egress {
    let network = "127.0.0.0/8".parse().unwrap();
    let allow_networks = vec![AllowedNetwork { network, ports: Vec::new() }];
    Egress::new(EgressConfig { allow_networks, ..EgressConfig::default() }).unwrap()
}

/// The source of a slug.
pub(super) fn source(slug: &str) -> Arc<dyn Source> {
    all().into_iter().find(|source| source.info().slug == slug).unwrap()
}

/// Asks a source over HTTP.
pub(super) async fn ask_at(slug: &str, text: &str, base: &str) -> Answer {
    let (egress, base) = (egress(), Url::parse(base).unwrap());
    let asking = Asking { egress: &egress, base: Some(&base), resolver: None };
    source(slug).ask(&indicator(text), &asking).await
}

/// Asks a source over DNS.
pub(super) async fn ask_dns(slug: &str, text: &str, resolver: SocketAddr) -> Answer {
    let egress = egress();
    let asking = Asking { egress: &egress, base: None, resolver: Some(resolver) };
    source(slug).ask(&indicator(text), &asking).await
}

/// Asks a source whose service answers this at one path, with these parameters, and nowhere else.
pub(super) async fn ask(
    slug: &str,
    text: &str,
    (at, parameters): (&str, &[(&str, &str)]),
    answer: ResponseTemplate,
) -> Answer {
    let server = MockServer::start().await;
    let mut mock = Mock::given(method("GET")).and(path(at));
    for (name, value) in parameters {
        mock = mock.and(query_param(*name, *value));
    }
    mock.respond_with(answer).expect(1).mount(&server).await;
    ask_at(slug, text, &server.uri()).await
}

/// A 200 with this JSON.
pub(super) fn ok(body: impl Into<Vec<u8>>) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_raw(body, "application/json")
}

/// A recorded answer as it was: status, headers where they were recorded, body. `None`, said loudly, where absent.
pub(super) fn recorded(file: &str) -> Option<ResponseTemplate> {
    let body = std::fs::read(data(file)?).unwrap();
    let Some(head) = file.strip_suffix(".body.json") else { return Some(ok(body)) };
    let head = std::fs::read(data(&format!("{head}.http.json"))?).unwrap();
    let head: Value = serde_json::from_slice(&head).unwrap();
    let response = &head["response"];
    let status = response["status"].as_u64().unwrap();
    let mut template = ResponseTemplate::new(u16::try_from(status).unwrap());
    for (name, values) in response["headers"].as_object().unwrap() {
        // The body is recorded decoded, whole and on a connection of its own.
        if !["content-encoding", "content-length", "transfer-encoding", "connection"]
            .contains(&name.to_lowercase().as_str())
        {
            template = template.insert_header(name.as_str(), values[0].as_str().unwrap());
        }
    }
    Some(template.set_body_bytes(body))
}

/// The links as text, in their order.
pub(super) fn links(answer: &Answer) -> Vec<(Relation, String)> {
    answer.links.iter().map(|link| (link.relation, link.indicator.value().to_owned())).collect()
}

/// A list of the facts: its items, all of them.
pub(super) fn items(list: &Value) -> Vec<&str> {
    let items: Vec<_> = list["items"].as_array().unwrap().iter().map(|item| item.as_str().unwrap()).collect();
    assert_eq!(list["total"], items.len(), "nothing cut off");
    items
}
