//! `aggregator up` and what it says when it cannot.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStderr, Command, Output, Stdio};

use aggregator_testkit::{RedisPrefix, TestDatabase};

fn aggregator(arguments: &[&str], variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_aggregator"));
    command.args(arguments).env_clear().envs(variables.iter().copied());
    command
}

fn run(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    aggregator(arguments, variables).output().unwrap()
}

pub(crate) struct Up {
    child: Child,
    log: BufReader<ChildStderr>,
    pub(crate) address: String,
    _data: tempfile::TempDir,
}

impl Up {
    /// Starts on a free port and waits for the line that tells it.
    fn start() -> Self {
        Self::start_with(&[])
    }

    /// The same with settings of the test's own.
    pub(crate) fn start_with(own: &[(&str, &str)]) -> Self {
        let listen = [("AGGREGATOR_HTTP_LISTEN", "127.0.0.1:0")];
        Self::running("up", tempfile::tempdir().unwrap(), &[&listen, own].concat())
    }

    /// Any command that serves.
    pub(crate) fn running(command: &str, data: tempfile::TempDir, own: &[(&str, &str)]) -> Self {
        let variables =
            [("AGGREGATOR_TELEMETRY_FORMAT", "json"), ("AGGREGATOR_DATA_DIR", data.path().to_str().unwrap())];
        let variables = [&variables, own].concat();
        let mut child = aggregator(&[command], &variables).stderr(Stdio::piped()).spawn().unwrap();
        let log = BufReader::new(child.stderr.take().unwrap());
        let mut up = Self { child, log, address: String::new(), _data: data };
        while up.address.is_empty() {
            let mut line = String::new();
            assert_ne!(up.log.read_line(&mut line).unwrap(), 0, "it ended before it served");
            let event: serde_json::Value = serde_json::from_str(&line).unwrap();
            event["address"].as_str().unwrap_or_default().clone_into(&mut up.address);
        }
        up
    }

    pub(crate) fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Reads the log until it says this; everything it said meanwhile.
    pub(crate) fn until_logged(&mut self, says: &str) -> String {
        let mut told = String::new();
        while !told.contains(says) {
            assert_ne!(self.log.read_line(&mut told).unwrap(), 0, "it ended: {told}");
        }
        told
    }

    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([name, &id]).status().unwrap().success());
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        // Already gone when the test passed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn up_serves_until_it_is_asked_to_stop_and_logs_no_indicator() {
    let mut up = Up::start();
    let answer = up.get("/api/v1/detect?value=evil%5B.%5Dexample.com");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("\"evil.example.com\""), "{answer}");
    up.signal("-TERM");
    assert_eq!(up.child.wait().unwrap().code(), Some(0));
    let mut log = String::new();
    up.log.read_to_string(&mut log).unwrap();
    assert!(log.contains("\"route\":\"/api/v1/detect\""), "{log}");
    assert!(!log.contains("example.com"), "{log}");
}

/// On servers the program's libraries ask whether they should log, are told no, and the program's next line is its own: the one that
/// says where it serves was lost once.
#[tokio::test]
async fn an_api_on_postgres_and_redis_tells_where_it_serves() {
    let (database, redis) = (TestDatabase::postgres().await, RedisPrefix::new());
    // With an app to serve nothing is said before the address.
    let app = tempfile::tempdir().unwrap();
    std::fs::write(app.path().join("index.html"), "<!doctype html>").unwrap();
    let api = Up::running(
        "api",
        tempfile::tempdir().unwrap(),
        &[
            ("AGGREGATOR_HTTP_WEB_FOLDER", app.path().to_str().unwrap()),
            ("DATABASE_URL", database.url()),
            ("REDIS_URL", redis.url()),
            ("AGGREGATOR_REDIS_PREFIX", redis.prefix()),
            ("AGGREGATOR_HTTP_LISTEN", "127.0.0.1:0"),
        ],
    );
    assert!(api.get("/livez").starts_with("HTTP/1.1 200"), "{}", api.address);
}

/// A collector that is not there, and one that takes connections and never says a word: requests are answered, the process stops
/// when it is asked to, and one line says what is wrong.
#[test]
fn a_collector_that_is_away_harms_nothing() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let silent_address = format!("http://{}", silent.local_addr().unwrap());
    for collector in ["http://127.0.0.1:9", &silent_address] {
        let mut up = Up::start_with(&[("AGGREGATOR_TELEMETRY_OTLP_ENDPOINT", collector)]);
        let mut log = String::new();
        // Until it has tried once; it tries again when it stops.
        while !log.contains("the collector of traces does not answer") {
            let answer = up.get("/api/v1/detect?value=example.com");
            assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("traceresponse: 00-"), "{answer}");
            assert_ne!(up.log.read_line(&mut log).unwrap(), 0, "{log}");
        }
        for _ in 0..50 {
            assert!(up.get("/api/v1/detect?value=example.com").starts_with("HTTP/1.1 200"));
        }
        up.signal("-TERM");
        let rest = std::thread::spawn(move || {
            up.log.read_to_string(&mut log).unwrap();
            (up.child.wait().unwrap().code(), log)
        });
        let (code, log) = rest.join().unwrap();
        assert_eq!(code, Some(0), "{log}");
        assert_eq!(log.matches("the collector of traces does not answer").count(), 1, "{log}");
        assert!(!log.contains("ERROR"), "{log}");
        // The lines of a traced request say which trace is theirs.
        let mut lines = log.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
        let answered = lines.rfind(|line| line["message"] == "answered").unwrap();
        let length = |pointer| answered.pointer(pointer).and_then(serde_json::Value::as_str).map(str::len);
        assert_eq!((length("/span/trace_id"), length("/span/span_id")), (Some(32), Some(16)), "{answered}");
    }
}

#[test]
fn a_client_that_speaks_no_http_is_no_error_of_ours() {
    let mut up = Up::start();
    for head in ["GET /livez HTTP/1.1\r\nHost localhost\r\n\r\n", "\u{1}\r\n\r\n"] {
        let mut stream = TcpStream::connect(&up.address).unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    }
    up.signal("-TERM");
    assert_eq!(up.child.wait().unwrap().code(), Some(0));
    let mut log = String::new();
    up.log.read_to_string(&mut log).unwrap();
    assert!(!log.contains("ERROR"), "{log}");
}

#[test]
fn a_second_signal_does_not_wait() {
    let mut up = Up::start();
    // A request that never ends keeps the first signal waiting.
    let mut stream = TcpStream::connect(&up.address).unwrap();
    let head = "POST /api/v1/extract HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\
                Expect: 100-continue\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    stream.read_exact(&mut [0; 25]).unwrap();
    up.signal("-TERM");
    let mut line = String::new();
    while !line.contains("SIGTERM") {
        line.clear();
        assert_ne!(up.log.read_line(&mut line).unwrap(), 0, "it ended at the first signal");
    }
    up.signal("-INT");
    assert_eq!(up.child.wait().unwrap().code(), Some(130));
}

#[test]
fn wrong_settings_stop_the_start_and_are_all_told() {
    let variables = [("AGGREGATOR_HTTP_LISTEN", "localhost"), ("AGGREGATOR_TELEMETRY_FORMAT", "xml")];
    for arguments in [&["up"][..], &["api"], &["settings", "--check"]] {
        let output = run(arguments, &variables);
        let errors = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{errors}");
        assert!(errors.contains("http.listen = \"localhost\" (from AGGREGATOR_HTTP_LISTEN)"), "{errors}");
        assert!(errors.contains("telemetry.format = \"xml\""), "{errors}");
    }
    assert_eq!(run(&["settings", "--check"], &[]).status.code(), Some(0));
}

#[test]
fn nobody_listens_to_the_world_by_accident() {
    let output = run(&["up"], &[("AGGREGATOR_HTTP_LISTEN", "0.0.0.0:0")]);
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{errors}");
    assert!(errors.contains("AGGREGATOR_INSECURE=1"), "{errors}");
}

#[test]
fn the_printed_defaults_are_a_file_it_reads() {
    let defaults = run(&["settings"], &[]);
    let path = std::env::temp_dir().join(format!("aggregator-settings-{}.toml", std::process::id()));
    std::fs::write(&path, defaults.stdout).unwrap();
    let output = run(&["settings", "--check"], &[("AGGREGATOR_CONFIG", path.to_str().unwrap())]);
    std::fs::remove_file(&path).unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[test]
fn the_printed_document_is_the_committed_one() {
    let printed = String::from_utf8(run(&["openapi"], &[]).stdout).unwrap();
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../openapi/openapi.json");
    assert!(printed == std::fs::read_to_string(path).unwrap(), "run `make openapi` and commit the result");
}
