//! Who may ask: our own names, and no other site's page.

use aggregator_api::server::ServeError;
use aggregator_platform::{Environment, Settings};
use reqwest::Method;

use crate::harness::Server;

const DETECT: &str = "/api/v1/detect";
const BODY: &str = r#"{"values": ["192.0.2.1"]}"#;

#[tokio::test]
async fn a_foreign_host_is_refused_on_every_route_and_before_anything_is_read() {
    let server = Server::start().await;
    for path in ["/livez", "/api/v1/problems", "/api/docs/", "/no/such/path", DETECT] {
        for host in ["evil.example", "localhost.evil.example", "127.1", "0.0.0.0:80"] {
            let request = server.request(Method::GET, path).header("host", host);
            server.send(request).await.is_problem(421, "host_not_allowed");
        }
    }
    let port = server.address.port();
    for host in ["localhost".to_owned(), format!("LOCALHOST:{port}"), "[::1]:1".to_owned()] {
        let answer = server.send(server.request(Method::GET, "/livez").header("host", host)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
}

#[tokio::test]
async fn the_operator_can_add_a_name() {
    let variables = [("AGGREGATOR_HTTP_ALLOWED_HOSTS", "aggregator.example, api:8080")];
    let server = Server::start_with(&variables, |state| state).await;
    for (host, status) in [("aggregator.example:443", 200), ("api:8080", 200), ("api:81", 421)] {
        let answer = server.send(server.request(Method::GET, "/livez").header("host", host)).await;
        assert_eq!(answer.status, status, "{host}: {answer:?}");
    }
}

#[tokio::test]
async fn a_page_of_another_site_changes_nothing() {
    let server = Server::start().await;
    let own = format!("http://{}", server.address);
    let post = |headers: &[(&'static str, &str)]| {
        let request =
            server.request(Method::POST, DETECT).header("content-type", "application/json").body(BODY);
        headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))
    };
    for headers in [
        &[("origin", "http://evil.example")][..],
        &[("origin", "null")],
        &[("origin", "http://127.0.0.1:1")],
        &[("origin", "https://127.0.0.1")],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "cross-site"), ("origin", &own)],
        &[("sec-fetch-site", "same-origin"), ("origin", "http://evil.example")],
        &[("origin", &own), ("origin", "http://evil.example")],
    ] {
        server.send(post(headers)).await.is_problem(403, "origin_not_allowed");
    }
    for headers in [
        &[][..],
        &[("origin", own.as_str())],
        &[("sec-fetch-site", "same-origin"), ("origin", &own)],
        &[("sec-fetch-site", "none")],
    ] {
        let answer = server.send(post(headers)).await;
        assert_eq!(answer.status, 200, "{headers:?}: {answer:?}");
    }
}

/// Reading is not refused, but no page of another site can see the answer: there is no CORS header (the harness looks
/// at every answer) and a preflight is refused.
#[tokio::test]
async fn a_page_of_another_site_gets_no_cors() {
    let server = Server::start().await;
    let request = server.request(Method::GET, "/livez").header("origin", "http://evil.example");
    assert_eq!(server.send(request).await.status, 200);
    let preflight = server
        .request(Method::OPTIONS, DETECT)
        .header("origin", format!("http://{}", server.address))
        .header("access-control-request-method", "POST");
    server.send(preflight).await.is_problem(405, "method_not_allowed");
}

#[test]
fn only_loopback_is_listened_on_unless_the_operator_says_so() {
    let settings =
        |variables: &[(&str, &str)]| Settings::load(&Environment::of(variables.iter().copied())).unwrap();
    let open = [("AGGREGATOR_HTTP_LISTEN", "0.0.0.0:0")];
    let error = aggregator_api::bind(&settings(&open)).unwrap_err();
    assert!(matches!(error, ServeError::NotLoopback { .. }), "{error}");
    assert!(error.to_string().contains("AGGREGATOR_INSECURE=1"), "{error}");
    assert!(aggregator_api::bind(&settings(&[open[0], ("AGGREGATOR_INSECURE", "1")])).is_ok());

    let taken = aggregator_api::bind(&settings(&[("AGGREGATOR_HTTP_LISTEN", "127.0.0.1:0")])).unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let error = aggregator_api::bind(&settings(&[("AGGREGATOR_HTTP_LISTEN", &address)])).unwrap_err();
    assert!(error.to_string().contains("AGGREGATOR_HTTP_LISTEN"), "{error}");
}
