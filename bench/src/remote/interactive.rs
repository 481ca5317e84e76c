//! B2: one indicator at ten sources, from the first byte of the request to the first finding on the event stream.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use aggregator_testkit::{Reply, Upstream};
use anyhow::{Context, bail};
use serde_json::Value;

use super::{Ground, Mirror, addresses, known, parts};
use crate::options::Options;
use crate::progress::say;
use crate::report::Goal;
use crate::table::{self, percentile};

const SOURCES: [&str; 10] = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
/// Has the backlog to itself.
const BULK: &str = "bulk";
const BULK_LATENCY: Duration = Duration::from_millis(200);
/// Requests a second.
const RATE: u32 = 20;

/// What those who wait, waited; milliseconds, sorted.
#[derive(Debug)]
pub(super) struct Latency {
    label: &'static str,
    /// Bars of the first finding: p50 and p99.
    bars: (f64, f64),
    accepted: Vec<f64>,
    first_finding: Vec<f64>,
    done: Vec<f64>,
}

pub(super) fn measure(options: &Options) -> anyhow::Result<Vec<Latency>> {
    let (requests, backlog) = if options.quick { (100, 5_000) } else { (600, 500_000) };
    let upstream = Upstream::start(|path, _| {
        let (source, address) = parts(path);
        let reply = Reply::json(200, known(address));
        if source == BULK { reply.after(BULK_LATENCY) } else { reply }
    });
    let mut mirrors: Vec<Mirror> = SOURCES.iter().map(|slug| Mirror::new(slug, 20)).collect();
    mirrors.push(Mirror::new(BULK, 50));
    let mut ground = Ground::start(options, &upstream, &mirrors, (300, Duration::from_secs(10)))?;
    let address = ground.running.address();
    // Every process has met every kind of statement.
    ask(address, (20, 0), "idle", (25.0, 80.0))?;
    say("interactive: idle");
    let idle = ask(address, (requests, 1_000), "idle", (25.0, 80.0))?;
    say(&format!("interactive: beside a backlog of {backlog}"));
    let file = addresses(options, "backlog.txt", (0x10_0000, backlog))?;
    ground.running.post(&file, &format!("?playbook=keyless&sources={BULK}"))?;
    let busy = ask(address, (requests, 10_000), "beside a bulk backlog", (60.0, 250.0))?;
    ground.check()?;
    ground.stop()?;
    Ok(vec![idle, busy])
}

/// Asks about `count` indicators from `first` on, at a steady pace; a slow answer holds up no other question.
fn ask(
    address: SocketAddr,
    (count, first): (u32, u32),
    label: &'static str,
    bars: (f64, f64),
) -> anyhow::Result<Latency> {
    let began = Instant::now();
    let asking: Vec<_> = (0..count)
        .map(|n| {
            let due = began + Duration::from_secs(1) * n / RATE;
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            std::thread::spawn(move || one(address, first + n))
        })
        .collect();
    let mut latency =
        Latency { label, bars, accepted: Vec::new(), first_finding: Vec::new(), done: Vec::new() };
    for asked in asking {
        let Ok(times) = asked.join() else { bail!("a question panicked") };
        let [accepted, first_finding, done] = times?;
        latency.accepted.push(accepted);
        latency.first_finding.push(first_finding);
        latency.done.push(done);
    }
    for times in [&mut latency.accepted, &mut latency.first_finding, &mut latency.done] {
        times.sort_by(f64::total_cmp);
    }
    Ok(latency)
}

/// Milliseconds until the 202, the first finding and the end of one question.
fn one(address: SocketAddr, n: u32) -> anyhow::Result<[f64; 3]> {
    let value = std::net::Ipv4Addr::from(0x0900_0000 + n);
    let body = format!(r#"{{"indicators":["{value}"],"playbook":"keyless","sources":{SOURCES:?}}}"#);
    let began = Instant::now();
    let since = || began.elapsed().as_secs_f64() * 1e3;
    let head = format!(
        "POST /api/v1/submissions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut answer = send(address, &head)?;
    let accepted = since();
    let submission: Value = serde_json::from_str(&body_of(&mut answer)?).context("the 202 is no JSON")?;
    let id = submission["id"].as_i64().with_context(|| format!("no id: {submission}"))?;
    let head = format!(
        "GET /api/v1/submissions/{id}/events HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n"
    );
    let mut events = send(address, &head)?;
    let mut first_finding = None;
    let mut line = String::new();
    let mut event = String::new();
    loop {
        line.clear();
        anyhow::ensure!(events.read_line(&mut line)? > 0, "the events of {id} ended early");
        if let Some(name) = line.strip_prefix("event: ") {
            name.trim().clone_into(&mut event);
        } else if let Some(data) = line.strip_prefix("data: ") {
            match event.as_str() {
                "done" => return Ok([accepted, first_finding.unwrap_or_else(since), since()]),
                // The first commit of answers follows the one that says what is looked up.
                "item" => {
                    let item: Value = serde_json::from_str(data)?;
                    if item["lookups_open"].as_u64() != Some(10) {
                        first_finding.get_or_insert_with(since);
                    }
                }
                _ => {}
            }
        }
    }
}

/// Sends a request; the answer behind its status line.
fn send(address: SocketAddr, request: &str) -> anyhow::Result<BufReader<TcpStream>> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(Duration::from_mins(1)))?;
    stream.write_all(request.as_bytes())?;
    let mut answer = BufReader::new(stream);
    let mut status = String::new();
    answer.read_line(&mut status)?;
    anyhow::ensure!(
        status.contains(" 200 ") || status.contains(" 202 "),
        "answered {status} (429: a hundred questions wait at once)"
    );
    Ok(answer)
}

/// The body of an answer that says its length.
fn body_of(answer: &mut BufReader<TcpStream>) -> anyhow::Result<String> {
    let (mut length, mut line) = (0, String::new());
    loop {
        line.clear();
        answer.read_line(&mut line)?;
        if line.trim().is_empty() {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse()?;
        }
    }
    let mut body = vec![0; length];
    std::io::Read::read_exact(answer, &mut body)?;
    Ok(String::from_utf8(body)?)
}

pub(super) fn goals(latencies: &[Latency]) -> Vec<Goal> {
    let mut goals = Vec::new();
    for of in latencies {
        let (p50, p99) = (percentile(&of.first_finding, 0.5), percentile(&of.first_finding, 0.99));
        let what = if of.label == "idle" {
            "B2 first finding, idle"
        } else {
            "B2 first finding, beside a bulk backlog"
        };
        let bar =
            if of.label == "idle" { "p50 ≤ 25 ms, p99 ≤ 80 ms" } else { "p50 ≤ 60 ms, p99 ≤ 250 ms" };
        goals.push(Goal {
            what,
            bar,
            measured: format!("p50 {p50:.1} ms, p99 {p99:.1} ms"),
            met: p50 <= of.bars.0 && p99 <= of.bars.1,
        });
    }
    let accepted = latencies.iter().map(|of| percentile(&of.accepted, 0.99)).fold(0.0, f64::max);
    goals.push(Goal {
        what: "B2 until the 202, worst p99",
        bar: "≤ 30 ms",
        measured: format!("{accepted:.1} ms"),
        met: accepted <= 30.0,
    });
    goals
}

pub(super) fn table(latencies: &[Latency]) -> (String, String) {
    let rows = latencies.iter().flat_map(|of| {
        [("202", &of.accepted), ("first finding", &of.first_finding), ("all ten findings, verdict", &of.done)]
            .map(|(what, times)| {
                [
                    format!("{}: {what}", of.label),
                    format!("{:.1}", percentile(times, 0.5)),
                    format!("{:.1}", percentile(times, 0.9)),
                    format!("{:.1}", percentile(times, 0.99)),
                ]
            })
    });
    let text = table::table(["until", "p50, ms", "p90, ms", "p99, ms"], rows);
    ("B2: one indicator, ten sources, 20 questions a second".to_owned(), text)
}
