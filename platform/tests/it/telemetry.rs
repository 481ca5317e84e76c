//! Errors reach Sentry when a DSN says where, and carry what was logged and no more.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};

use aggregator_platform::{Environment, Settings, telemetry, trace};
use aggregator_testkit::Collector;

/// Reads one HTTP request and answers 200; returns its first line and its body.
fn answer(stream: TcpStream) -> (String, String) {
    let mut reader = BufReader::new(stream);
    let (mut first, mut length) = (String::new(), 0);
    reader.read_line(&mut first).unwrap();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    reader.get_mut().write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}").unwrap();
    (first, String::from_utf8_lossy(&body).into_owned())
}

#[test]
fn an_error_is_reported_and_an_information_is_not() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let dsn = format!("http://key@{}/1", listener.local_addr().unwrap());
    let settings = Settings::load(&Environment::of([
        ("SENTRY_DSN", dsn.as_str()),
        ("AGGREGATOR_SENTRY_ENVIRONMENT", "rehearsal"),
        ("AGGREGATOR_TELEMETRY_FORMAT", "json"),
    ]));
    let telemetry = telemetry::start(&settings.unwrap(), "test").unwrap();
    assert!(telemetry.reports_errors() && !telemetry.traces());
    tracing::info!("a-quiet-word");
    tracing::error!("the-roof-is-on-fire");
    let receiver = std::thread::spawn(move || answer(listener.accept().unwrap().0));
    let (first, body) = receiver.join().unwrap();
    drop(telemetry);
    assert!(trace::request("GET", None).is_disabled(), "spans cost something although nobody wants them");
    assert!(first.starts_with("POST /api/1/envelope/"), "{first}");
    assert!(body.contains("the-roof-is-on-fire") && body.contains("rehearsal"), "{body}");
    assert!(!body.contains("a-quiet-word"), "{body}");
}

#[test]
fn errors_and_traces_go_each_their_own_way() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let dsn = format!("http://key@{}/1", listener.local_addr().unwrap());
    let collector = Collector::start();
    let settings = Settings::load(&Environment::of([
        ("SENTRY_DSN", dsn.as_str()),
        ("AGGREGATOR_TELEMETRY_OTLP_ENDPOINT", &collector.url()),
        ("AGGREGATOR_TELEMETRY_FILTER", "info,aggregator_trace=trace"),
    ]));
    let telemetry = telemetry::start(&settings.unwrap(), "test").unwrap();
    assert!(telemetry.reports_errors() && telemetry.traces());
    // What belongs to no request begins no trace, whatever is logged.
    trace::step("alone").in_scope(|| tracing::info_span!("mere-lines").in_scope(|| tracing::info!("a word")));
    let span = trace::request("GET", None);
    let own = trace::of(&span).unwrap();
    span.in_scope(|| tracing::error!("the-roof-is-on-fire"));
    trace::answered(&span, "GET", "/api/v1/{id}", 503);
    drop(span);
    let receiver = std::thread::spawn(move || answer(listener.accept().unwrap().0));
    assert!(receiver.join().unwrap().1.contains("the-roof-is-on-fire"));
    drop(telemetry);
    let spans = collector.all();
    assert_eq!(spans.len(), 1, "{spans:?}");
    assert_eq!((&spans[0].trace, &spans[0].id), (&own.trace_id(), &own.span_id()));
    assert_eq!(
        (spans[0].name.as_str(), spans[0].attributes["http.route"].as_str()),
        ("GET /api/v1/{id}", "/api/v1/{id}")
    );
}
