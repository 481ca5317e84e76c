//! B3: many indicators at five slow sources, and at a sixth that is far slower beside them.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use aggregator_testkit::{Reply, Upstream};

use super::{Ground, Mirror, addresses, known, parts};
use crate::options::Options;
use crate::progress::say;
use crate::report::{Goal, at_least};
use crate::table::table;

const LATENCY: Duration = Duration::from_millis(200);
const SLOW: Duration = Duration::from_secs(10);
const AT_ONCE: u32 = 200;
const SOURCES: [&str; 5] = ["one", "two", "three", "four", "five"];

/// What five sources did, alone and beside a slow one.
#[derive(Debug)]
pub(super) struct FanOut {
    /// Calls a second over the steady middle, by source.
    alone: BTreeMap<String, f64>,
    beside: BTreeMap<String, f64>,
    /// The same at half the concurrency: what turn-around costs where the processor does not.
    half: BTreeMap<String, f64>,
    worker_megabytes: u64,
    processor: [f64; 3],
}

pub(super) fn measure(options: &Options) -> anyhow::Result<FanOut> {
    let count = if options.quick { 1_000 } else { 10_000 };
    say("lookups: five sources, 200 ms, 200 at once");
    let (alone, megabytes, processor) = run(options, count, (AT_ONCE, false))?;
    say("lookups: beside a source that takes 10 s");
    let (beside, ..) = run(options, count, (AT_ONCE, true))?;
    say("lookups: 100 at once");
    let (half, ..) = run(options, count, (AT_ONCE / 2, false))?;
    Ok(FanOut { alone, beside, half, worker_megabytes: megabytes, processor })
}

type Rates = BTreeMap<String, f64>;

fn run(
    options: &Options,
    count: u32,
    (at_once, slow): (u32, bool),
) -> anyhow::Result<(Rates, u64, [f64; 3])> {
    let upstream = Upstream::start(|path, _| {
        let (source, address) = parts(path);
        Reply::json(200, known(address)).after(if source == "slow" { SLOW } else { LATENCY })
    });
    // The bulk lane leaves one slot of each source to those who wait.
    let mut mirrors: Vec<Mirror> = SOURCES.iter().map(|slug| Mirror::new(slug, at_once + 1)).collect();
    if slow {
        mirrors.push(Mirror::new("slow", at_once + 1));
    }
    let calls = at_once as usize * (SOURCES.len() + 1);
    let mut ground = Ground::start(options, &upstream, &mirrors, (calls, Duration::from_secs(30)))?;
    let file = addresses(options, "fan-out.txt", (0, count))?;
    let began = Instant::now();
    let (busy, _) = crate::machine::busy_and_stolen_seconds();
    let postgres = crate::process::family_cpu_seconds(options.servers.postgres_pid);
    ground.running.post(&file, "?playbook=keyless")?;
    // The slow one goes on long after the others have ended.
    let all = count as usize * SOURCES.len();
    let (mut known, mut fast) = (0, 0);
    ground.until("every call", Duration::from_mins(10), || {
        let new = upstream.seen_after(known);
        known += new.len();
        fast += new.iter().filter(|seen| parts(&seen.path).0 != "slow").count();
        fast >= all
    })?;
    let seconds = began.elapsed().as_secs_f64();
    let processor = [
        (crate::machine::busy_and_stolen_seconds().0 - busy) / seconds,
        (crate::process::family_cpu_seconds(options.servers.postgres_pid) - postgres) / seconds,
        ground.workers.first().map_or(0.0, |worker| worker.usage().cpu_seconds) / seconds,
    ];
    let megabytes = ground.worker_megabytes();
    ground.stop()?;
    Ok((rates(&upstream), megabytes, processor))
}

/// Calls a second over the middle 80 % of each source's calls.
pub(super) fn rates(upstream: &Upstream) -> Rates {
    let mut calls: BTreeMap<String, Vec<Instant>> = BTreeMap::new();
    for seen in upstream.seen() {
        calls.entry(parts(&seen.path).0.to_owned()).or_default().push(seen.at);
    }
    calls
        .into_iter()
        .filter(|(source, at)| source != "slow" && at.len() >= 10)
        .map(|(source, at)| {
            let (from, until) = (at.len() / 10, at.len() * 9 / 10);
            #[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
            let count = (until - from) as f64;
            (source, count / at[until - 1].duration_since(at[from]).as_secs_f64())
        })
        .collect()
}

fn slowest(rates: &Rates) -> f64 {
    rates.values().copied().fold(f64::INFINITY, f64::min)
}

fn mean(rates: &Rates) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a handful")]
    let count = rates.len() as f64;
    rates.values().sum::<f64>() / count
}

impl FanOut {
    fn share(rates: &Rates, at_once: u32) -> f64 {
        100.0 * slowest(rates) / (f64::from(at_once) / LATENCY.as_secs_f64())
    }

    pub(super) fn goals(&self) -> Vec<Goal> {
        let share = Self::share(&self.alone, AT_ONCE);
        let lost = 100.0 - 100.0 * mean(&self.beside) / mean(&self.alone);
        vec![
            Goal {
                measured: format!(
                    "{share:.1} % (at 100 at once {:.1} %)",
                    Self::share(&self.half, AT_ONCE / 2)
                ),
                ..at_least("B3 slowest of five sources, of its ideal, %", "≥ 95", share, 95.0)
            },
            Goal {
                what: "B3 what a source of 10 s costs the others",
                bar: "≤ 5 %",
                measured: format!("{lost:.1} %"),
                met: lost <= 5.0,
            },
            Goal {
                what: "B3 worker peak RSS",
                bar: "≤ 300 MB",
                measured: format!("{} MB", self.worker_megabytes),
                met: self.worker_megabytes <= 300,
            },
        ]
    }

    pub(super) fn table(&self) -> (String, String) {
        let rows = self.alone.iter().map(|(source, rate)| {
            let of = |rates: &Rates| rates.get(source).copied().unwrap_or(f64::NAN);
            [
                source.clone(),
                format!("{rate:.0}"),
                format!("{:.1} %", 100.0 * rate / (f64::from(AT_ONCE) / LATENCY.as_secs_f64())),
                format!("{:.0}", of(&self.beside)),
                format!("{:.0}", of(&self.half)),
            ]
        });
        let text = table(
            [
                "source",
                "calls/s, 200 at once",
                "of the ideal 1,000/s",
                "beside a 10 s source",
                "100 at once (ideal 500/s)",
            ],
            rows,
        );
        let [machine, postgres, worker] = self.processor;
        let text = format!(
            "{text}\nCores busy at 200 at once: {machine:.2} in all, PostgreSQL {postgres:.2}, the worker {worker:.2}; the rest is the \
             mock, Redis and the API.\n"
        );
        ("B3: 10,000 indicators × 5 sources that take 200 ms".to_owned(), text)
    }
}
