//! Errors reach Sentry when a DSN says where, and carry what was logged and no more.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};

use aggregator_platform::{Environment, Settings, telemetry};

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
    let telemetry = telemetry::start(&settings.unwrap()).unwrap();
    assert!(telemetry.reports_errors());
    tracing::info!("a-quiet-word");
    tracing::error!("the-roof-is-on-fire");
    let receiver = std::thread::spawn(move || answer(listener.accept().unwrap().0));
    let (first, body) = receiver.join().unwrap();
    drop(telemetry);
    assert!(first.starts_with("POST /api/1/envelope/"), "{first}");
    assert!(body.contains("the-roof-is-on-fire") && body.contains("rehearsal"), "{body}");
    assert!(!body.contains("a-quiet-word"), "{body}");
}
