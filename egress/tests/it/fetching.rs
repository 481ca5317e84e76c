//! What comes back, and what stays open in between.

use aggregator_egress::{Egress, EgressConfig, EgressError, Method, Refusal, Request};
use wiremock::matchers::{body_string, header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::names::{Names, egress, get};
use crate::server::Server;

#[tokio::test]
async fn an_answer_has_status_headers_and_body_whatever_the_status() {
    let server = MockServer::start().await;
    let egress = egress(Names::default(), &[server.address().port()]);
    for status in [200, 204, 304, 401, 404, 429, 500] {
        let mut response = ResponseTemplate::new(status).insert_header("X-Rate-Left", "7");
        if !matches!(status, 204 | 304) {
            response = response.set_body_string("said");
        }
        Mock::given(path(format!("/{status}"))).respond_with(response).mount(&server).await;
        let url = format!("{}/{status}", server.uri());
        let answer = egress.fetch(&get(&url)).await.unwrap();
        assert_eq!((answer.status, answer.url.as_str()), (status, url.as_str()));
        assert_eq!(answer.header("x-rate-left"), Some("7"));
        assert_eq!(answer.body, if matches!(status, 204 | 304) { "" } else { "said" }.as_bytes());
    }
}

#[tokio::test]
async fn a_post_carries_its_body_and_headers() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/api"))
        .and(header("Content-Type", "application/json"))
        .and(header("Auth-Key", "k"))
        .and(body_string("{\"query\":1}"))
        .respond_with(ResponseTemplate::new(201))
        .expect(1)
        .mount(&server)
        .await;
    let request = Request {
        method: Method::POST,
        headers: vec![("Content-Type".to_owned(), "application/json".to_owned())],
        secret_headers: vec![("Auth-Key".to_owned(), "k".to_owned())],
        body: Some(b"{\"query\":1}".to_vec()),
        ..get(&format!("{}/api", server.uri()))
    };
    let answer = egress(Names::default(), &[server.address().port()]).fetch(&request).await.unwrap();
    assert_eq!(answer.status, 201);
}

#[tokio::test]
async fn a_connection_is_used_again_until_the_addresses_change() {
    let server = Server::polite().await;
    let port = server.address.port();
    // The mapped address is another set that leads to the same server.
    let mut answers: Vec<&[&str]> = vec![&["127.0.0.1"]; 20];
    answers.extend(vec![["127.0.0.1", "::ffff:127.0.0.1"].as_slice(); 20]);
    let egress = egress(Names::default().with("service.test", &answers), &[port]);
    let request = get(&format!("http://service.test:{port}/"));
    for _ in 0..20 {
        // Clones share connections.
        assert_eq!(egress.clone().fetch(&request).await.unwrap().body, b"ok");
    }
    // One, and rarely one more where a connection was not yet back when the next question came.
    let first = server.accepted();
    assert!((1..=5).contains(&first), "{first} connections for 20 questions");
    for _ in 0..20 {
        assert_eq!(egress.fetch(&request).await.unwrap().body, b"ok");
    }
    let second = server.accepted() - first;
    assert!((1..=5).contains(&second), "{second} connections for a changed set of addresses");
}

#[tokio::test]
async fn a_name_without_addresses_does_not_resolve() {
    let egress = egress(Names::default().with("empty.test", &[&[]]), &[]);
    for host in ["empty.test", "unknown.test"] {
        let asked = egress.fetch(&get(&format!("http://{host}/"))).await;
        assert!(matches!(asked, Err(EgressError::Resolve(of)) if of == host));
    }
}

#[tokio::test]
async fn what_goes_through_a_proxy_is_looked_at_all_the_same() {
    let proxy = Server::polite().await;
    let config = EgressConfig {
        proxy: Some(format!("http://{}", proxy.address).parse().unwrap()),
        ..EgressConfig::default()
    };
    let egress = Egress::new(config).unwrap();
    for _ in 0..2 {
        assert_eq!(egress.fetch(&get("http://only-the-proxy-knows.invalid/")).await.unwrap().body, b"ok");
    }
    let before = proxy.accepted();
    let literal = egress.fetch(&get("http://10.0.0.1/")).await;
    assert!(matches!(literal, Err(EgressError::Refused(Refusal::NotPublic { .. }))), "{literal:?}");
    let port = egress.fetch(&get("http://only-the-proxy-knows.invalid:6379/")).await;
    assert!(matches!(port, Err(EgressError::Refused(Refusal::Port(6379)))), "{port:?}");
    assert_eq!(proxy.accepted(), before);
}
