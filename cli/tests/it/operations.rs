//! `aggregator queues` and `aggregator dead`, against a running server whose only source refuses us.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Output;

use aggregator_testkit::{RedisPrefix, TestDatabase};

use crate::serving::Up;
use crate::{code, lines, run, stderr};

/// A service that answers every request with 401. It ends with the test's process.
pub(crate) fn refusing() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut head = [0; 4_096];
            // What is asked does not matter, nor whether the answer arrives.
            let _ = stream.read(&mut head);
            let _ = stream
                .write_all(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }
    });
    format!("epss=http://{address}")
}

fn submit(up: &Up) {
    let mut stream = TcpStream::connect(&up.address).unwrap();
    let body = "CVE-2021-44228\nCVE-2014-0160\n";
    write!(
        stream,
        "POST /api/v1/submissions?playbook=keyless&sources=epss&wait=60 HTTP/1.1\r\nHost: localhost\r\n\
         Content-Type: text/plain\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

pub(crate) fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn queues_and_dead_letters_of_a_running_server() {
    let base = refusing();
    let up = Up::start_with(&[
        ("AGGREGATOR_SOURCES_BASES", &base),
        ("AGGREGATOR_EGRESS_ALLOW_PRIVATE", "127.0.0.0/8"),
        ("AGGREGATOR_FEEDS_REFRESH", "false"),
    ]);
    let server = format!("http://{}", up.address);
    let ask = |arguments: &[&str]| run(&[arguments, &["--server", server.as_str()]].concat());
    assert_eq!(text(&ask(&["dead", "list"])), "Nothing was given up.\n");
    submit(&up);

    let queues = ask(&["queues"]);
    assert_eq!(code(&queues), 0, "{}", stderr(&queues));
    for word in ["QUEUE", "lookup:interactive", "SOURCE", "epss"] {
        assert!(text(&queues).contains(word), "{word}: {}", text(&queues));
    }
    let entries = lines(&ask(&["queues", "--json"]));
    let epss = entries.iter().find(|entry| entry["source"] == "epss").unwrap();
    assert_eq!(epss["depth"]["units"]["dead"], 2, "{epss}");
    assert_eq!(entries.iter().filter(|entry| entry["name"].is_string()).count(), 5);

    let letters = lines(&ask(&["dead", "list", "--json", "--source", "epss", "--outcome", "unauthorised"]));
    assert_eq!(letters.len(), 2, "{letters:?}");
    let table = text(&ask(&["dead", "list", "--limit", "1"]));
    assert!(table.contains("unauthorised") && table.lines().count() == 2, "{table}");

    let unnamed = ask(&["dead", "discard"]);
    assert_eq!(code(&unnamed), 1);
    assert!(stderr(&unnamed).contains("--all"), "{}", stderr(&unnamed));
    let one = letters[0]["id"].to_string();
    assert_eq!(text(&ask(&["dead", "discard", &one])), "1 discarded.\n");
    assert_eq!(lines(&ask(&["dead", "discard", &one, "--json"]))[0]["moved"], 0);
    assert_eq!(text(&ask(&["dead", "replay", "--source", "nobody"])), "0 replayed.\n");
    assert_eq!(text(&ask(&["dead", "replay", "--all"])), "1 replayed.\n");

    let wrong = ask(&["dead", "list", "--outcome", "tired"]);
    assert_eq!(code(&wrong), 1);
    assert!(stderr(&wrong).contains("invalid_parameter"), "{}", stderr(&wrong));
    assert_eq!(code(&ask(&["dead", "replay", &one, "--all"])), 2);
}

#[test]
fn a_server_that_is_not_there_is_an_error_with_the_next_step() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for command in [&["queues"][..], &["dead", "list"], &["dead", "replay", "--all"]] {
        let output = run(&[command, &["--server", &format!("http://{nobody}")]].concat());
        assert_eq!(code(&output), 1);
        assert!(stderr(&output).contains("is `aggregator up` running?"), "{}", stderr(&output));
    }
}

/// What a worker tells is part of what docs/METRICS.md says.
#[tokio::test]
async fn a_worker_tells_its_metrics_where_it_is_told_to() {
    let rows = TestDatabase::postgres().await;
    let redis = RedisPrefix::new();
    let data = tempfile::tempdir().unwrap();
    let worker = Up::running(
        "worker",
        data,
        &[
            ("DATABASE_URL", rows.url()),
            ("REDIS_URL", redis.url()),
            ("AGGREGATOR_REDIS_PREFIX", redis.prefix()),
            ("AGGREGATOR_FEEDS_REFRESH", "false"),
            ("AGGREGATOR_METRICS_LISTEN", "127.0.0.1:0"),
        ],
    );
    let answer = worker.get("/metrics");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let page = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/METRICS.md");
    let page = std::fs::read_to_string(page).unwrap();
    let told: Vec<&str> =
        answer.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect();
    for name in &told {
        assert!(page.contains(&format!("| `{name}")), "{name} is not in docs/METRICS.md");
    }
    for name in [
        "aggregator_worker_stage_duration_seconds",
        "aggregator_database_connections",
        "aggregator_worker_calls",
    ] {
        assert!(told.contains(&name), "{name}: {answer}");
    }
    assert!(
        answer.contains("aggregator_worker_calls_total{source=\"epss\",outcome=\"timeout\"} 0"),
        "{answer}"
    );
    worker.signal("-TERM");
}
