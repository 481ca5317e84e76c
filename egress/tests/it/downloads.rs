//! Whole exchanges with a mock on the loopback address, which the settings allow at its port only.

use std::io::Write;
use std::time::Duration;

use aggregator_egress::{AllowedNetwork, Download, Downloaded, Egress, EgressConfig, EgressError, Refusal};
use tempfile::TempDir;
use url::Url;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

struct Bench {
    server: MockServer,
    egress: Egress,
    folder: TempDir,
}

impl Bench {
    async fn new() -> Self {
        let server = MockServer::start().await;
        let config = EgressConfig {
            allow_networks: vec![AllowedNetwork {
                network: "127.0.0.0/8".parse().unwrap(),
                ports: vec![server.address().port()],
            }],
            ..EgressConfig::default()
        };
        Self { server, egress: Egress::new(config).unwrap(), folder: tempfile::tempdir().unwrap() }
    }

    async fn answer(&self, at: &str, response: ResponseTemplate) {
        Mock::given(method("GET")).and(path(at)).respond_with(response).mount(&self.server).await;
    }

    fn url(&self, at: &str) -> Url {
        Url::parse(&format!("{}{at}", self.server.uri())).unwrap()
    }

    async fn get(&self, at: &str) -> Result<Downloaded, EgressError> {
        self.get_url(&self.url(at)).await
    }

    async fn get_url(&self, url: &Url) -> Result<Downloaded, EgressError> {
        let request = Download {
            url,
            if_none_match: None,
            if_modified_since: None,
            deadline: Duration::from_secs(20),
            max_bytes: 100_000,
        };
        self.egress.download(&request, &self.folder.path().join("body")).await
    }

    fn body(&self) -> Option<Vec<u8>> {
        std::fs::read(self.folder.path().join("body")).ok()
    }
}

#[tokio::test]
async fn a_body_arrives_with_its_validators() {
    let bench = Bench::new().await;
    let response = ResponseTemplate::new(200)
        .insert_header("ETag", "\"v1\"")
        .insert_header("Last-Modified", "Wed, 21 Oct 2015 07:28:00 GMT")
        .set_body_raw("192.0.2.1\n", "text/plain");
    bench.answer("/list", response).await;
    let Downloaded::Body { head, size_bytes } = bench.get("/list").await.unwrap() else { panic!() };
    assert_eq!((head.status, size_bytes), (200, 10));
    assert_eq!(head.etag.as_deref(), Some("\"v1\""));
    assert_eq!(head.last_modified.as_deref(), Some("Wed, 21 Oct 2015 07:28:00 GMT"));
    assert_eq!(head.content_type.as_deref(), Some("text/plain"));
    assert_eq!(bench.body().unwrap(), b"192.0.2.1\n");
}

#[tokio::test]
async fn an_unchanged_answer_is_not_modified() {
    let bench = Bench::new().await;
    Mock::given(path("/list"))
        .and(|request: &Request| {
            let sent = |name: &str| request.headers.get(name).and_then(|value| value.to_str().ok());
            sent("If-None-Match") == Some("\"v1\"")
                && sent("If-Modified-Since") == Some("Wed, 21 Oct 2015 07:28:00 GMT")
        })
        .respond_with(ResponseTemplate::new(304))
        .expect(1)
        .mount(&bench.server)
        .await;
    let url = bench.url("/list");
    let request = Download {
        url: &url,
        if_none_match: Some("\"v1\""),
        if_modified_since: Some("Wed, 21 Oct 2015 07:28:00 GMT"),
        deadline: Duration::from_secs(20),
        max_bytes: 10,
    };
    let answer = bench.egress.download(&request, &bench.folder.path().join("body")).await.unwrap();
    assert!(matches!(answer, Downloaded::NotModified(_)));
    assert!(bench.body().is_none());
}

#[tokio::test]
async fn other_statuses_are_told_and_leave_no_file() {
    let bench = Bench::new().await;
    let busy = ResponseTemplate::new(429).insert_header("Retry-After", "120").set_body_string("slow down");
    bench.answer("/busy", busy).await;
    let Downloaded::Status(head) = bench.get("/busy").await.unwrap() else { panic!() };
    assert_eq!((head.status, head.retry_after_seconds), (429, Some(120)));
    assert!(matches!(bench.get("/missing").await.unwrap(), Downloaded::Status(head) if head.status == 404));
    assert!(bench.body().is_none());
}

#[tokio::test]
async fn redirects_are_followed_three_times() {
    let bench = Bench::new().await;
    for (from, to) in [("/a", "/b"), ("/b", "c?x=1"), ("/c", "/d"), ("/z", "/a")] {
        bench.answer(from, ResponseTemplate::new(302).insert_header("Location", to)).await;
    }
    bench.answer("/d", ResponseTemplate::new(200).set_body_string("end")).await;
    let Downloaded::Body { head, .. } = bench.get("/a").await.unwrap() else { panic!() };
    assert_eq!(head.url, bench.url("/d").to_string());
    std::fs::remove_file(bench.folder.path().join("body")).unwrap();
    let fourth = bench.get("/z").await;
    assert!(matches!(fourth, Err(EgressError::Refused(Refusal::TooManyRedirects(3)))), "{fourth:?}");
    bench.answer("/nowhere", ResponseTemplate::new(301)).await;
    assert!(matches!(bench.get("/nowhere").await, Err(EgressError::Malformed(_))));
}

#[tokio::test]
async fn a_redirect_is_looked_at_like_the_first_address() {
    let bench = Bench::new().await;
    let other = MockServer::start().await;
    Mock::given(path("/secret")).respond_with(ResponseTemplate::new(200)).expect(0).mount(&other).await;
    for (at, to) in [
        ("/port", format!("{}/secret", other.uri())),
        ("/metadata", "http://169.254.169.254/latest/meta-data/".to_owned()),
        ("/mapped", "http://[::ffff:10.0.0.1]/".to_owned()),
        ("/name", format!("http://localhost:{}/secret", other.address().port())),
    ] {
        bench.answer(at, ResponseTemplate::new(302).insert_header("Location", to)).await;
        let asked = bench.get(at).await;
        assert!(matches!(asked, Err(EgressError::Refused(Refusal::NotPublic { .. }))), "{at}: {asked:?}");
    }
    bench.answer("/file", ResponseTemplate::new(302).insert_header("Location", "file:///etc/passwd")).await;
    assert!(matches!(bench.get("/file").await, Err(EgressError::Refused(Refusal::Scheme(_)))));
}

#[tokio::test]
async fn this_machine_is_not_asked_unless_allowed() {
    let bench = Bench::new().await;
    Mock::given(path("/")).respond_with(ResponseTemplate::new(200)).expect(0).mount(&bench.server).await;
    let strict = Egress::new(EgressConfig::default()).unwrap();
    let port = bench.server.address().port();
    for host in ["127.0.0.1", "localhost", "[::1]"] {
        let url = Url::parse(&format!("http://{host}:{port}/")).unwrap();
        let request = Download {
            url: &url,
            if_none_match: None,
            if_modified_since: None,
            deadline: Duration::from_secs(20),
            max_bytes: 10,
        };
        let asked = strict.download(&request, &bench.folder.path().join("body")).await;
        assert!(matches!(asked, Err(EgressError::Refused(Refusal::NotPublic { .. }))), "{host}: {asked:?}");
    }
}

#[tokio::test]
async fn a_name_that_was_looked_at_is_reached() {
    let bench = Bench::new().await;
    bench.answer("/list", ResponseTemplate::new(200).set_body_string("x")).await;
    let config = EgressConfig {
        allow_networks: ["127.0.0.0/8", "::1/128"]
            .map(|network| AllowedNetwork { network: network.parse().unwrap(), ports: Vec::new() })
            .to_vec(),
        ..EgressConfig::default()
    };
    let named = Bench { egress: Egress::new(config).unwrap(), ..bench };
    let url = Url::parse(&format!("http://localhost:{}/list", named.server.address().port())).unwrap();
    assert!(matches!(named.get_url(&url).await, Ok(Downloaded::Body { .. })));
}

#[tokio::test]
async fn the_limit_counts_what_was_decompressed() {
    let bench = Bench::new().await;
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    bomb.write_all(&vec![b'a'; 5_000_000]).unwrap();
    let bomb = bomb.finish().unwrap();
    assert!(bomb.len() < 100_000);
    bench
        .answer(
            "/bomb",
            ResponseTemplate::new(200).insert_header("Content-Encoding", "gzip").set_body_bytes(bomb),
        )
        .await;
    assert!(matches!(bench.get("/bomb").await, Err(EgressError::TooLarge(100_000))));
    bench.answer("/large", ResponseTemplate::new(200).set_body_bytes(vec![b'a'; 100_001])).await;
    assert!(matches!(bench.get("/large").await, Err(EgressError::TooLarge(100_000))));
    bench
        .answer(
            "/broken",
            ResponseTemplate::new(200).insert_header("Content-Encoding", "gzip").set_body_string("no"),
        )
        .await;
    assert!(matches!(bench.get("/broken").await, Err(EgressError::Malformed(_))));
    assert!(bench.body().is_none(), "what was not whole is removed");
}

#[tokio::test]
async fn the_deadline_covers_the_whole_exchange() {
    let bench = Bench::new().await;
    bench.answer("/slow", ResponseTemplate::new(200).set_delay(Duration::from_mins(10))).await;
    let url = bench.url("/slow");
    let request = Download {
        url: &url,
        if_none_match: None,
        if_modified_since: None,
        deadline: Duration::from_millis(300),
        max_bytes: 10,
    };
    let asked = bench.egress.download(&request, &bench.folder.path().join("body")).await;
    assert!(matches!(asked, Err(EgressError::Timeout(_))), "{asked:?}");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unavailable() {
    let bench = Bench::new().await;
    let url = bench.url("/");
    let Bench { server, egress, folder } = bench;
    drop(server);
    // The port may be taken again by another test's mock, which then answers 404.
    let request = Download {
        url: &url,
        if_none_match: None,
        if_modified_since: None,
        deadline: Duration::from_secs(20),
        max_bytes: 10,
    };
    let asked = egress.download(&request, &folder.path().join("body")).await;
    assert!(matches!(asked, Err(EgressError::Unavailable(_)) | Ok(Downloaded::Status(_))), "{asked:?}");
}

#[tokio::test]
async fn a_proxy_is_used_only_when_it_is_configured() {
    let bench = Bench::new().await;
    Mock::given(method("GET"))
        .respond_with(ResponseTemplate::new(200).set_body_string("by proxy"))
        .mount(&bench.server)
        .await;
    let config = EgressConfig { proxy: Some(bench.url("/")), ..EgressConfig::default() };
    let proxied = Bench { egress: Egress::new(config).unwrap(), ..bench };
    let url = Url::parse("http://a-name-that-only-the-proxy-resolves.invalid/list").unwrap();
    assert!(matches!(proxied.get_url(&url).await, Ok(Downloaded::Body { .. })));
    assert_eq!(proxied.body().unwrap(), b"by proxy");
    let literal = Url::parse("http://10.0.0.1/").unwrap();
    assert!(
        matches!(proxied.get_url(&literal).await, Err(EgressError::Refused(_))),
        "not even through the proxy"
    );
    let bad = EgressConfig { authorities_pem: vec![b"no certificate".to_vec()], ..EgressConfig::default() };
    assert!(matches!(Egress::new(bad), Err(EgressError::Settings(_))));
}
