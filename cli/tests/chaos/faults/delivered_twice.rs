//! Chaos 11: everything the feeder pushes is pushed a second time by somebody who watches Redis.

use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use serde_json::Value;

use super::{Figure, Outcome};
use crate::checker;
use crate::ground::Ground;
use crate::load::Load;
use crate::wait::until;

/// Submissions of each client.
const EACH: usize = 4;

/// How long the echo listens before it looks whether it should end.
const LISTEN: Duration = Duration::from_millis(100);

pub(super) fn run() -> Outcome {
    let ground = Ground::new();
    let echo = Echo::start(&ground);
    let (_api, _) = ground.api();
    let _workers = [ground.worker(), ground.worker()];
    let mut rows = ground.rows();
    let load = Load::start(&ground.client(), &ground.scale);
    let enough = EACH * ground.scale.clients;
    until("enough was submitted", ground.scale.hang(), || (load.accepted() >= enough).then_some(()));
    let (ledger, _) = load.finish();
    let verdict = checker::check(&ground.client(), &mut rows, &ledger, ground.scale.patience());
    let (offered, again) = echo.end();
    let figures = vec![Figure::count(
        format!("{offered} ids offered, {again} pushed again"),
        offered > 0 && again == offered,
    )];
    Outcome { verdict, figures }
}

/// Watches Redis (`MONITOR`) and repeats every id that is pushed.
struct Echo {
    ended: Arc<AtomicBool>,
    counts: Arc<Counts>,
    listener: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Counts {
    offered: AtomicUsize,
    again: AtomicUsize,
}

impl Echo {
    fn start(ground: &Ground) -> Self {
        let address = ground.redis.url().trim_start_matches("redis://").to_owned();
        let mut stream = TcpStream::connect(address).expect("Redis takes connections");
        stream.set_read_timeout(Some(LISTEN)).expect("a socket takes a time limit");
        stream.write_all(b"MONITOR\r\n").expect("Redis reads");
        let mut redis = ground.redis.connection().expect("Redis answers");
        let (ended, counts) = (Arc::new(AtomicBool::new(false)), Arc::new(Counts::default()));
        let (end, count) = (Arc::clone(&ended), Arc::clone(&counts));
        let listener = thread::spawn(move || {
            listen(BufReader::new(stream), &end, |key, payload| repeat(&mut redis, &count, (key, payload)));
        });
        Self { ended, counts, listener: Some(listener) }
    }

    /// Ids that were pushed, and those pushed again.
    fn end(mut self) -> (usize, usize) {
        self.ended.store(true, Ordering::Relaxed);
        if let Some(Err(panic)) = self.listener.take().map(JoinHandle::join) {
            std::panic::resume_unwind(panic);
        }
        (self.counts.offered.load(Ordering::Relaxed), self.counts.again.load(Ordering::Relaxed))
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
    }
}

/// Hands every pushed payload with its key to `each`.
fn listen(mut lines: BufReader<TcpStream>, ended: &AtomicBool, mut each: impl FnMut(&str, &str)) {
    let mut line = String::new();
    while !ended.load(Ordering::Relaxed) {
        match lines.read_line(&mut line) {
            // A line cut by the time limit is continued.
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => continue,
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let words = words(&line);
        if let [command, key, payloads @ ..] = words.as_slice()
            && command.eq_ignore_ascii_case("RPUSH")
        {
            for payload in payloads {
                each(key, payload);
            }
        }
        line.clear();
    }
}

/// The quoted words of a line of `MONITOR`.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut characters = line.chars();
    while characters.any(|character| character == '"') {
        let mut word = String::new();
        while let Some(character) = characters.next() {
            match character {
                '"' => break,
                '\\' => word.extend(characters.next()),
                other => word.push(other),
            }
        }
        words.push(word);
    }
    words
}

/// Pushes a payload again, marked so that it is not taken for another new one.
fn repeat(redis: &mut redis::Connection, counts: &Counts, (key, payload): (&str, &str)) {
    let Ok(mut envelope) = serde_json::from_str::<Value>(payload) else { return };
    if envelope["again"] == true {
        return;
    }
    counts.offered.fetch_add(1, Ordering::Relaxed);
    envelope["again"] = true.into();
    redis::cmd("RPUSH").arg(key).arg(envelope.to_string()).exec(redis).expect("Redis takes an id again");
    counts.again.fetch_add(1, Ordering::Relaxed);
}

#[test]
fn monitor_lines_are_read() {
    let line = r#"+1700000000.1 [0 127.0.0.1:5] "RPUSH" "{aggregator:queue:screen}:waiting" "{\"ids\":[7]}""#;
    assert_eq!(words(line), ["RPUSH", "{aggregator:queue:screen}:waiting", r#"{"ids":[7]}"#]);
}
