//! Lookups at a mock (B2, B3, B4, B10): real API, real workers with mirrors of a real source, calls counted where they arrive.

mod exact;
mod fan_out;
mod interactive;
mod limits;
mod scale_out;

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use aggregator_testkit::Upstream;
use anyhow::Context;
use serde_json::{Value, json};

use crate::options::{Options, Part};
use crate::process::Process;
use crate::product::{Installation, Running};
use crate::progress::say;
use crate::report::Goal;

/// What was measured; what was left out is `None`.
#[derive(Debug, Default)]
pub struct Remote {
    interactive: Option<Vec<interactive::Latency>>,
    fan_out: Option<fan_out::FanOut>,
    exact: Option<exact::Exact>,
    limits: Option<limits::Limits>,
    scale_out: Option<Vec<scale_out::Step>>,
}

/// Measures the parts asked for, each on rows and queues of its own.
pub fn measure(options: &Options) -> Remote {
    fn part<T>(options: &Options, part: Part, measure: impl Fn(&Options) -> anyhow::Result<T>) -> Option<T> {
        let measured = options.parts.contains(&part).then(|| measure(options))?;
        // One part that fails does not take the others' figures with it.
        measured.inspect_err(|error| say(&format!("NOT MEASURED: {part:?}: {error:#}"))).ok()
    }
    Remote {
        fan_out: part(options, Part::FanOut, fan_out::measure),
        exact: part(options, Part::Faults, exact::measure),
        scale_out: part(options, Part::ScaleOut, scale_out::measure),
        interactive: part(options, Part::Interactive, interactive::measure),
        limits: part(options, Part::Limits, limits::measure),
    }
}

impl Remote {
    /// The goals beside the figures.
    pub(crate) fn goals(&self) -> Vec<Goal> {
        let mut goals = Vec::new();
        goals.extend(self.interactive.iter().flat_map(|latencies| interactive::goals(latencies)));
        goals.extend(self.fan_out.iter().flat_map(fan_out::FanOut::goals));
        goals.extend(self.exact.iter().flat_map(exact::Exact::goals));
        goals.extend(self.limits.iter().flat_map(limits::Limits::goals));
        goals.extend(self.scale_out.iter().flat_map(|steps| scale_out::goals(steps)));
        goals
    }

    /// Titles and tables.
    pub(crate) fn tables(&self) -> Vec<(String, String)> {
        let mut tables = Vec::new();
        tables.extend(self.interactive.iter().map(|latencies| interactive::table(latencies)));
        tables.extend(self.fan_out.iter().map(fan_out::FanOut::table));
        tables.extend(self.exact.iter().map(exact::Exact::table));
        tables.extend(self.limits.iter().map(limits::Limits::table));
        tables.extend(self.scale_out.iter().map(|steps| scale_out::table(steps)));
        tables
    }
}

/// A source of the mock's.
#[derive(Debug, Clone)]
struct Mirror {
    slug: &'static str,
    concurrency: u32,
    /// Calls and seconds.
    limit: Option<(u32, u32)>,
}

impl Mirror {
    const fn new(slug: &'static str, concurrency: u32) -> Self {
        Self { slug, concurrency, limit: None }
    }
}

/// An API, workers that ask the mock, and nothing in the rows.
struct Ground {
    running: Running,
    installation: Installation,
    program: PathBuf,
    plan: Value,
    workers: Vec<Process>,
}

impl Ground {
    /// Starts an API and one worker. `calls` is how many calls one worker has under way at most.
    fn start(
        options: &Options,
        upstream: &Upstream,
        mirrors: &[Mirror],
        (calls, deadline): (usize, Duration),
    ) -> anyhow::Result<Self> {
        options.servers.create("bench_remote", None)?;
        options.servers.empty_redis(1)?;
        let installation = Installation {
            binary: options.binary.clone(),
            data: options.work.join("remote"),
            database: options.servers.database("bench_remote"),
            redis: options.servers.redis_database(1),
            logs: options.work.clone(),
        };
        installation.migrate()?;
        options.servers.checkpoint()?;
        let sources: Vec<Value> = mirrors
            .iter()
            .map(|mirror| {
                json!({ "slug": mirror.slug, "concurrency": mirror.concurrency, "limit": mirror.limit })
            })
            .collect();
        let deadline_ms = u64::try_from(deadline.as_millis())?;
        let plan =
            json!({ "base": upstream.url(), "calls": calls, "deadline_ms": deadline_ms, "sources": sources });
        let program = options.binary.with_file_name("examples").join("mock_worker");
        let running = installation.start(&["api"])?;
        let mut ground = Self { running, installation, program, plan, workers: Vec::new() };
        ground.add_worker()?;
        Ok(ground)
    }

    fn add_worker(&mut self) -> anyhow::Result<()> {
        let log = format!("mock-worker-{}.log", self.workers.len());
        let worker = self
            .installation
            .start_other(&self.program, &self.plan.to_string(), &log)
            .context("build the workspace's examples first: bench/run does")?;
        self.workers.push(worker);
        Ok(())
    }

    /// An error when a process has ended by itself.
    fn check(&mut self) -> anyhow::Result<()> {
        self.running.check()?;
        self.workers.iter_mut().try_for_each(Process::check)
    }

    /// Waits until something is so; an error after this time, or when a process ends.
    fn until(&mut self, what: &str, most: Duration, mut is_so: impl FnMut() -> bool) -> anyhow::Result<()> {
        let began = Instant::now();
        while !is_so() {
            self.check()?;
            anyhow::ensure!(began.elapsed() < most, "{what}: not within {} s", most.as_secs());
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    /// Peak RSS of the first worker, MB.
    fn worker_megabytes(&self) -> u64 {
        self.workers.first().map_or(0, |worker| worker.usage().peak_kib / 1_000)
    }

    fn stop(self) -> anyhow::Result<()> {
        self.workers.into_iter().try_for_each(Process::stop)?;
        self.running.stop()
    }
}

/// Writes distinct public addresses from `first` on into a file.
fn addresses(options: &Options, name: &str, (first, count): (u32, u32)) -> anyhow::Result<PathBuf> {
    let path = options.work.join(name);
    let lines: Vec<String> =
        (0..count).map(|n| std::net::Ipv4Addr::from(0x0800_0000 + first + n).to_string()).collect();
    fs::write(&path, lines.join("\n")).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(path)
}

/// An answer of the service about an address it knows.
fn known(address: &str) -> String {
    format!(r#"{{"cpes":[],"hostnames":[],"ip":"{address}","ports":[22,443],"tags":[],"vulns":[]}}"#)
}

/// Source and address of a call's path.
fn parts(path: &str) -> (&str, &str) {
    path.trim_start_matches('/').split_once('/').unwrap_or_default()
}
