//! Which headers go out, and where to.

use aggregator_egress::{Egress, EgressError, Method, Refusal, Request};
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::names::{Names, egress, get};

fn pairs(headers: &[(&str, &str)]) -> Vec<(String, String)> {
    headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

struct Pair {
    first: MockServer,
    second: MockServer,
    egress: Egress,
}

/// Two origins; a path of each redirects to the other or to itself.
async fn two_origins() -> Pair {
    let (first, second) = (MockServer::start().await, MockServer::start().await);
    let egress = egress(Names::default(), &[first.address().port(), second.address().port()]);
    for (server, from, to) in [
        (&first, "/same", format!("{}/end", first.uri())),
        (&first, "/other", format!("{}/end", second.uri())),
        (&first, "/back", format!("{}/return", second.uri())),
        (&second, "/return", format!("{}/end", first.uri())),
    ] {
        let response = ResponseTemplate::new(302).insert_header("Location", to);
        Mock::given(path(from)).respond_with(response).mount(server).await;
    }
    for status in [301, 302, 303, 307, 308] {
        let response = ResponseTemplate::new(status).insert_header("Location", "/end");
        Mock::given(path(format!("/{status}"))).respond_with(response).mount(&first).await;
    }
    for server in [&first, &second] {
        Mock::given(path("/end")).respond_with(ResponseTemplate::new(200)).mount(server).await;
    }
    Pair { first, second, egress }
}

/// The names of the headers a server got with its last request.
async fn last(server: &MockServer) -> wiremock::Request {
    server.received_requests().await.unwrap().pop().unwrap()
}

fn with_credentials(url: &str) -> Request {
    Request {
        headers: pairs(&[
            ("Accept", "application/json"),
            ("Authorization", "Bearer a"),
            ("Cookie", "a=b"),
            ("X-Api-Key", "k"),
            ("X-Auth-Token", "t"),
        ]),
        secret_headers: pairs(&[("X-Odd", "s")]),
        ..get(url)
    }
}

const CREDENTIALS: [&str; 5] = ["authorization", "cookie", "x-api-key", "x-auth-token", "x-odd"];

#[tokio::test]
async fn credentials_stay_with_their_origin() {
    let pair = two_origins().await;
    for (from, server, kept) in
        [("/same", &pair.first, true), ("/other", &pair.second, false), ("/back", &pair.first, false)]
    {
        let url = format!("{}{from}", pair.first.uri());
        assert_eq!(pair.egress.fetch(&with_credentials(&url)).await.unwrap().status, 200);
        let got = last(server).await;
        assert_eq!(got.url.path(), "/end");
        assert!(got.headers.contains_key("accept"), "{from}");
        for name in CREDENTIALS {
            assert_eq!(got.headers.contains_key(name), kept, "{from}: {name}");
        }
        assert!(!got.headers.contains_key("referer"), "{from}");
    }
}

#[tokio::test]
async fn a_redirected_post_becomes_a_get_without_a_body() {
    let pair = two_origins().await;
    for status in [301, 302, 303, 307, 308] {
        let request = Request {
            method: Method::POST,
            headers: pairs(&[("Content-Type", "application/json")]),
            body: Some(b"{}".to_vec()),
            ..get(&format!("{}/{status}", pair.first.uri()))
        };
        pair.egress.fetch(&request).await.unwrap();
        let mut got = pair.first.received_requests().await.unwrap();
        let (end, start) = (got.pop().unwrap(), got.pop().unwrap());
        assert_eq!((start.method.as_str(), start.body.as_slice()), ("POST", b"{}".as_slice()), "{status}");
        assert_eq!((end.method.as_str(), end.body.len()), ("GET", 0), "{status}");
        assert!(!end.headers.contains_key("content-type"), "{status}");
    }
}

#[tokio::test]
async fn headers_that_are_not_the_callers_are_refused() {
    let server = MockServer::start().await;
    let egress = egress(Names::default(), &[server.address().port()]);
    for (name, value) in [
        ("Host", "169.254.169.254"),
        ("hOsT", "x"),
        ("Connection", "upgrade"),
        ("Content-Length", "0"),
        ("Transfer-Encoding", "chunked"),
        ("TE", "trailers"),
        ("Upgrade", "h2c"),
        ("Proxy-Authorization", "Basic x"),
        ("Proxy-Connection", "x"),
        ("Forwarded", "for=127.0.0.1"),
        ("X-Forwarded-For", "127.0.0.1"),
        ("X-Forwarded-Host", "x"),
        ("Metadata-Flavor", "Google"),
        ("Metadata", "true"),
        ("X-aws-ec2-metadata-token", "x"),
        ("X-aws-ec2-metadata-token-ttl-seconds", "60"),
        ("X-Plain", "a\r\nHost: b"),
        ("X-Plain", "a\nb"),
        ("X-Plain", "a\rb"),
        ("X-Plain", "a\0b"),
        ("X-Plain: a\r\nHost", "b"),
        ("X Plain", "a"),
        ("", "a"),
    ] {
        let plain = Request { headers: pairs(&[(name, value)]), ..get(&server.uri()) };
        let secret = Request { secret_headers: pairs(&[(name, value)]), ..get(&server.uri()) };
        for request in [plain, secret] {
            let asked = egress.fetch(&request).await;
            assert!(
                matches!(asked, Err(EgressError::Refused(Refusal::Header(_)))),
                "{name}: {value:?}: {asked:?}"
            );
        }
    }
    for method in [Method::PUT, Method::CONNECT, Method::TRACE] {
        let asked = egress.fetch(&Request { method, ..get(&server.uri()) }).await;
        assert!(matches!(asked, Err(EgressError::Refused(Refusal::Method(_)))), "{asked:?}");
    }
    assert!(server.received_requests().await.unwrap().is_empty());
}

#[test]
fn a_request_does_not_print_its_secrets() {
    let request = Request {
        headers: pairs(&[("Authorization", "canary-1")]),
        secret_headers: pairs(&[("X-Key", "canary-2")]),
        body: Some(b"canary-3".to_vec()),
        ..get("https://service.test/canary-4?key=canary-5")
    };
    let printed = format!("{request:?}");
    assert!(!printed.contains("canary"), "{printed}");
    assert!(printed.contains("X-Key") && printed.contains("https://service.test"), "{printed}");
}
