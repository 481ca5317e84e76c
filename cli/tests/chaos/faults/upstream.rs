//! Chaos 10: services that hang, limit, fail, reset and lie; and what that costs the ones that do not.

use std::io::Write;
use std::time::{Duration, Instant};

use aggregator_testkit::{Reply, Upstream};

use super::recovery::p99;
use super::{Figure, Outcome};
use crate::checker;
use crate::ground::Ground;
use crate::ledger::Ledger;
use crate::scale::Scale;
use crate::service::{addresses, ask, end_of, ended, known, parts, settings, unlimit};

const AT_ONCE: u32 = 20;
/// Of the well-behaved source.
const LATENCY: Duration = Duration::from_millis(100);
/// Most memory of the worker, MiB: beside bodies without end and bombs.
const MEMORY: u64 = 300;
/// What a registry says about every address here.
const NETWORK: &str = r#"{"objectClassName":"ip network","handle":"NET-9","startAddress":"9.0.0.0","endAddress":"9.255.255.255"}"#;
/// Names asked of the source that is down for good.
const DOWN: u32 = 200;
/// Calls that may be made of it: those under way when it broke, and a probe every five seconds and rarer.
const BUDGET: usize = 60;

/// What the faulty service does with an address: name, code of the outcome its lookup must have, and the reply.
const FAULTS: [(&str, u8); 8] = [
    ("well", 1),
    ("hangs 30 s", 6),
    ("429 with Retry-After, then well", 1),
    ("500", 5),
    ("resets", 5),
    ("garbage", 7),
    ("endless body", 7),
    ("gzip bomb", 7),
];

fn fault(address: &str) -> usize {
    let last: usize = address.rsplit('.').next().and_then(|part| part.parse().ok()).unwrap_or_default();
    // Half of them are well: a service that fails whatever it is asked is what the breaker is for.
    if last.is_multiple_of(2) { 0 } else { last / 2 % FAULTS.len() }
}

fn reply(address: &str, before: u32, bomb: &[u8]) -> Reply {
    match FAULTS[fault(address)].0 {
        "hangs 30 s" => Reply::json(200, known(address)).after(Duration::from_secs(30)),
        "429 with Retry-After, then well" if before == 0 => Reply::json(429, "{}").with("retry-after", "1"),
        "500" => Reply::json(500, "{}"),
        "resets" => Reply::Reset,
        "garbage" => Reply::json(200, vec![0xff; 4_096]),
        "endless body" => Reply::Endless,
        "gzip bomb" => Reply::json(200, bomb).with("content-encoding", "gzip"),
        _ => Reply::json(200, known(address)),
    }
}

/// Two gigabytes of zeros in two megabytes.
fn bomb() -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let zeros = vec![0; 1 << 20];
    for _ in 0..2_048 {
        gzip.write_all(&zeros).expect("memory takes it");
    }
    gzip.finish().expect("memory takes it")
}

pub(super) fn run() -> Outcome {
    let bomb = bomb();
    let upstream = Upstream::start(move |path, before| match parts(path) {
        ("internetdb", address) => reply(address, before, &bomb),
        ("rdap", _) => Reply::json(200, NETWORK).after(LATENCY),
        _ => Reply::json(500, "{}"),
    });
    let mut settings = settings(&upstream, 3 * AT_ONCE);
    let patience = if Scale::of_run().long { 30 } else { 2 };
    settings.push(("AGGREGATOR_SOURCES_PATIENCE_SECONDS", patience.to_string()));
    let ground = Ground::with(settings);
    let (_api, _) = ground.api();
    let mut worker = ground.worker();
    let mut rows = ground.rows();
    unlimit(&ground, &mut rows, AT_ONCE);
    let (client, ledger) = (ground.client(), Ledger::default());
    let limit = ground.scale.hang();
    let count = ground.scale.lookups / 3;

    let alone = ask(&client, &ledger, ("chaos-10-alone", "rdap"), addresses(0, count));
    end_of(&client, alone, &mut worker, limit);
    let began = Instant::now();
    let down = (0..DOWN).map(|n| format!("host{n}.example.com")).collect();
    let down = ask(&client, &ledger, ("chaos-10-down", "crtsh"), down);
    let beside = ask(&client, &ledger, ("chaos-10", "internetdb,rdap"), addresses(0x1_0000, count));
    end_of(&client, beside, &mut worker, limit);
    end_of(&client, down, &mut worker, limit);
    let took = began.elapsed();
    let verdict = checker::check(&client, &mut rows, &ledger, ground.scale.patience());

    let injected = addresses(0x1_0000, count);
    let mut wrong = 0;
    for outcome in [1, 5, 6, 7] {
        let expected = injected.iter().filter(|address| FAULTS[fault(address)].1 == outcome).count();
        let got = ended(&mut rows, beside, outcome)
            - if outcome == 1 { i64::try_from(rdap(&mut rows, beside).len()).unwrap_or(i64::MAX) } else { 0 };
        wrong += (i64::try_from(expected).unwrap_or(i64::MAX) - got).abs();
    }
    let (before, after) = (p99(&rdap(&mut rows, alone)), p99(&rdap(&mut rows, beside)));
    let more = 100.0 * (after.as_secs_f64() / before.as_secs_f64() - 1.0);
    let calls = upstream.seen().iter().filter(|seen| parts(&seen.path).0 == "crtsh").count();
    let given_up = ended(&mut rows, down, 5);
    let memory = worker.peak_mebibytes();
    let figures = vec![
        Figure::count(
            format!("{count} lookups at a faulty service, {wrong} with another outcome"),
            wrong == 0,
        ),
        Figure::time(
            format!("p99 of the other source {:.1} s alone, {more:+.0} % beside it", before.as_secs_f64()),
            more < 10.0,
        ),
        Figure::count(format!("worker peak {memory} MiB"), memory < MEMORY),
        Figure::count(
            format!(
                "{calls} calls of the source that was down in {:.0} s, {given_up} of {DOWN} lookups given up",
                took.as_secs_f64()
            ),
            calls <= BUDGET && given_up == i64::from(DOWN),
        ),
    ];
    Outcome { verdict, figures }
}

/// From the making to the end of each lookup of the well-behaved source, shortest first.
fn rdap(rows: &mut crate::rows::Rows, submission: i64) -> Vec<Duration> {
    let mut times: Vec<Duration> = rows
        .column(&format!(
            "SELECT l.finished_at - l.created_at FROM lookups l JOIN sources s ON s.id = l.source_id
             WHERE l.submission_id = {submission} AND s.slug = 'rdap' AND l.state = 6"
        ))
        .into_iter()
        .map(|micros| Duration::from_micros(u64::try_from(micros).unwrap_or_default()))
        .collect();
    times.sort_unstable();
    times
}
