//! Limited or failed must never look like clean or not found.

use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use aggregator_domain::{Opinion, Outcome};
use aggregator_egress::{Egress, EgressConfig};
use aggregator_sources::remote::{Answer, Asking};
use hickory_proto::op::ResponseCode;
use tokio::sync::oneshot;
use url::Url;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::dns_server::{Reply, Table, serve};
use super::support::{ask_at, ask_dns, source};
use crate::data::indicator;

/// Every source over HTTP, and something to ask it.
const OVER_HTTP: [(&str, &str); 8] = [
    ("internetdb", "192.0.2.1"),
    ("crtsh", "example.com"),
    ("epss", "CVE-2022-27225"),
    ("rdap", "example.com"),
    ("rdap", "192.0.2.1"),
    ("rdap", "2001:db8::1"),
    ("rdap", "192.0.2.0/24"),
    ("rdap", "AS64496"),
];

/// Every source over DNS, something to ask it, and the name it asks for.
const OVER_DNS: [(&str, &str, &str); 5] = [
    ("dns", "example.com", "example.com"),
    ("dns", "192.0.2.1", "1.2.0.192.in-addr.arpa"),
    ("team-cymru", "192.0.2.1", "1.2.0.192.origin.asn.cymru.com"),
    ("team-cymru", "AS64496", "as64496.asn.cymru.com"),
    (
        "team-cymru",
        "733a48a9cb49651d72fe824ca91e8d00",
        "733a48a9cb49651d72fe824ca91e8d00.malware.hash.cymru.com",
    ),
];

fn assert_failed(answer: &Answer, outcome: Outcome, what: &str) {
    assert_eq!(answer.outcome, outcome, "{what}: {}", answer.summary);
    assert!(!answer.outcome.is_answer(), "{what}");
    assert_eq!(answer.opinion, Opinion::default(), "{what}");
    assert!(answer.data.is_null() && answer.links.is_empty(), "{what}");
    assert!(answer.summary.ends_with('.'), "{what}: {}", answer.summary);
}

fn with_body(status: u16, body: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_raw(body, "application/json")
}

#[tokio::test]
async fn limited_is_not_clean() {
    let after = |status| ResponseTemplate::new(status).insert_header("retry-after", "60");
    let html = "<!DOCTYPE html><html><body>Too many requests</body></html>";
    let minute = Some(Duration::from_mins(1));
    let cases = [
        ("429", after(429), Outcome::RateLimited, minute),
        ("429 with an empty list", with_body(429, "[]"), Outcome::RateLimited, None),
        ("401", with_body(401, "{}"), Outcome::Unauthorised, None),
        ("403", with_body(403, "{}"), Outcome::Unauthorised, None),
        ("500", with_body(500, "[]"), Outcome::Unavailable, None),
        ("502", with_body(502, html), Outcome::Unavailable, None),
        ("503", ResponseTemplate::new(503), Outcome::Unavailable, None),
        ("503 with a time", after(503), Outcome::Unavailable, minute),
        ("404 of a web server", with_body(404, html), Outcome::Unavailable, None),
        ("400", with_body(400, "{}"), Outcome::Malformed, None),
        ("204", ResponseTemplate::new(204), Outcome::Malformed, None),
        ("200 with a web page", with_body(200, html), Outcome::Malformed, None),
        ("200 with nothing", with_body(200, ""), Outcome::Malformed, None),
        ("200 with white space", with_body(200, " \r\n"), Outcome::Malformed, None),
        ("200 with half a JSON", with_body(200, r#"[{"status":"OK","data":["#), Outcome::Malformed, None),
        ("200 with another object", with_body(200, r#"{"message":"slow down"}"#), Outcome::Malformed, None),
        (
            "200 with an error inside",
            with_body(200, r#"{"errorCode":429,"title":"x"}"#),
            Outcome::Malformed,
            None,
        ),
        ("200 with null", with_body(200, "null"), Outcome::Malformed, None),
        ("200 with a text", with_body(200, r#""""#), Outcome::Malformed, None),
    ];
    for (what, response, outcome, retry_after) in cases {
        let server = MockServer::start().await;
        Mock::given(any()).respond_with(response).mount(&server).await;
        for (slug, text) in OVER_HTTP {
            let answer = ask_at(slug, text, &server.uri()).await;
            assert_failed(&answer, outcome, &format!("{slug} {text} {what}"));
            assert_eq!(answer.retry_after, retry_after, "{slug} {text} {what}");
        }
    }
}

#[tokio::test]
async fn another_shape_is_malformed() {
    for (slug, text) in OVER_HTTP {
        for body in ["[]", "{}", "[1]", "[[]]", r#"{"data":[]}"#] {
            // The one place where an empty list is the documented "nothing".
            if (slug, body) != ("crtsh", "[]") {
                let server = MockServer::start().await;
                Mock::given(any()).respond_with(with_body(200, body)).mount(&server).await;
                let answer = ask_at(slug, text, &server.uri()).await;
                assert_failed(&answer, Outcome::Malformed, &format!("{slug} {text} {body}"));
            }
        }
    }
}

/// A server that takes one connection, waits until the question is there, and does this with it.
fn server(answer: impl FnOnce(std::net::TcpStream) + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        stream.peek(&mut [0]).unwrap();
        answer(stream);
    });
    address
}

#[tokio::test]
async fn a_broken_connection_is_unavailable() {
    for (slug, text) in OVER_HTTP {
        // Closing with the question unread resets the connection.
        let reset = server(drop);
        let answer = ask_at(slug, text, &format!("http://{reset}")).await;
        assert_failed(&answer, Outcome::Unavailable, &format!("{slug} {text} reset"));

        let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let answer = ask_at(slug, text, &format!("http://{closed}")).await;
        assert_failed(&answer, Outcome::Unavailable, &format!("{slug} {text} nobody there"));

        let cut = server(|mut stream| {
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n[";
            stream.write_all(head.as_bytes()).unwrap();
            stream.shutdown(std::net::Shutdown::Write).unwrap();
        });
        let answer = ask_at(slug, text, &format!("http://{cut}")).await;
        assert!(!answer.outcome.is_answer(), "{slug} {text} cut");
        assert!([Outcome::Unavailable, Outcome::Malformed].contains(&answer.outcome), "{slug} {text} cut");
    }
}

#[tokio::test]
async fn silence_is_a_timeout() {
    for (slug, text) in OVER_HTTP {
        let (asked, is_asked) = oneshot::channel();
        let address = server(move |stream| {
            asked.send(stream).unwrap();
        });
        let base = format!("http://{address}");
        // Once the question is there nothing happens but time: it may as well pass at once.
        let pass = async {
            let stream = is_asked.await.unwrap();
            tokio::time::pause();
            stream
        };
        let (answer, _stream) = tokio::join!(ask_at(slug, text, &base), pass);
        tokio::time::resume();
        assert_failed(&answer, Outcome::Timeout, &format!("{slug} {text}"));
    }
}

#[tokio::test]
async fn what_policy_forbids_is_refused() {
    let egress = Egress::new(EgressConfig::default()).unwrap();
    let base = Url::parse("http://127.0.0.1:1/").unwrap();
    let asking = Asking { egress: &egress, base: Some(&base), resolver: None };
    for (slug, text) in OVER_HTTP {
        let answer = source(slug).ask(&indicator(text), &asking).await;
        assert_failed(&answer, Outcome::Refused, &format!("{slug} {text}"));
    }
}

#[tokio::test]
async fn a_resolver_that_fails_is_not_an_empty_answer() {
    for (slug, text, name) in OVER_DNS {
        for (reply, outcome) in [
            (Reply::Code(ResponseCode::ServFail), Outcome::Unavailable),
            (Reply::Code(ResponseCode::Refused), Outcome::Unavailable),
            (Reply::Code(ResponseCode::NotImp), Outcome::Unavailable),
            (Reply::Code(ResponseCode::FormErr), Outcome::Unavailable),
            (Reply::Truncated, Outcome::Malformed),
        ] {
            let what = format!("{slug} {text} {reply:?}");
            let server = serve(Table::default().name(name, reply)).await;
            assert_failed(&ask_dns(slug, text, server).await, outcome, &what);
        }
    }
}

/// A name whose servers are lame says nothing against the resolver, which still knows the root.
#[tokio::test(start_paused = true)]
async fn a_failure_about_one_name_is_told_from_a_failing_resolver() {
    for (reply, outcome) in [
        (Reply::Code(ResponseCode::ServFail), Outcome::Unavailable),
        (Reply::Code(ResponseCode::Refused), Outcome::Unavailable),
        (Reply::Silence, Outcome::Timeout),
    ] {
        for (text, name) in
            [("lame.example.com", "lame.example.com"), ("192.0.2.1", "1.2.0.192.in-addr.arpa")]
        {
            let lame = Table::default().name(name, reply.clone());
            let answer = ask_dns("dns", text, serve(lame.clone()).await).await;
            assert_eq!((answer.outcome, answer.is_service_well), (outcome, true), "{text} {reply:?}");
            let answer = ask_dns("dns", text, serve(lame.name("", reply.clone())).await).await;
            assert_eq!((answer.outcome, answer.is_service_well), (outcome, false), "{text} {reply:?}");
        }
    }
    // The zones of the others are their own: theirs is the fault.
    let lame = Table::default().name("1.2.0.192.origin.asn.cymru.com", Reply::Code(ResponseCode::ServFail));
    let answer = ask_dns("team-cymru", "192.0.2.1", serve(lame).await).await;
    assert_eq!((answer.outcome, answer.is_service_well), (Outcome::Unavailable, false));
}

#[tokio::test(start_paused = true)]
async fn a_silent_resolver_is_a_timeout() {
    for (slug, text, name) in OVER_DNS {
        for reply in [Reply::Silence, Reply::Garbage] {
            let what = format!("{slug} {text} {reply:?}");
            let server = serve(Table::default().name(name, reply)).await;
            assert_failed(&ask_dns(slug, text, server).await, Outcome::Timeout, &what);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn no_resolver_there_is_not_an_empty_answer() {
    for (slug, text, _) in OVER_DNS {
        let nobody = std::net::UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let answer = ask_dns(slug, text, nobody).await;
        assert!([Outcome::Unavailable, Outcome::Timeout].contains(&answer.outcome), "{slug}: {answer:?}");
    }
}
