//! B1: runs of the product over lists, each on processes and rows of its own.

use std::path::{Path, PathBuf};

use crate::machine;
use crate::process::{Usage, family_cpu_seconds};
use crate::product::{Installation, Running, Submitted};
use crate::servers::Servers;
use crate::unload;

/// A measured submission.
#[derive(Debug, Clone)]
pub struct Run {
    /// What it was.
    pub label: String,
    /// Its figures.
    pub submitted: Submitted,
    /// What each process took; processor seconds of this run alone.
    pub usage: Vec<(&'static str, Usage)>,
    /// Processor seconds of PostgreSQL, all its processes.
    pub postgres_cpu_seconds: f64,
    /// Write-ahead log, bytes; 0 on SQLite.
    pub wal_bytes: u64,
    /// Findings in the database afterwards; 0 where nobody counted.
    pub findings: u64,
    /// Processor seconds of everything on the machine, of `cores × seconds`; and seconds stolen by the hypervisor.
    pub machine: (f64, f64),
}

impl Run {
    /// Lines a second.
    pub fn per_second(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
        let lines = self.submitted.lines as f64;
        lines / self.submitted.seconds
    }
}

/// Submits a list once and says what it took.
pub fn submit(
    label: &str,
    running: &mut Running,
    servers: Option<&Servers>,
    list: &Path,
) -> anyhow::Result<Run> {
    if let Some(servers) = servers {
        servers.checkpoint()?;
    }
    let wal = servers.map(Servers::wal_bytes).transpose()?;
    let postgres = servers.map_or(0.0, |servers| family_cpu_seconds(servers.postgres_pid));
    let (before, machine) = (running.usage(), machine::busy_and_stolen_seconds());
    let submitted = running.submit(list)?;
    let (busy, stolen) = machine::busy_and_stolen_seconds();
    let mut usage = running.usage();
    for ((_, now), (_, then)) in usage.iter_mut().zip(before) {
        now.cpu_seconds -= then.cpu_seconds;
    }
    Ok(Run {
        label: label.to_owned(),
        submitted,
        usage,
        postgres_cpu_seconds: servers.map_or(0.0, |servers| family_cpu_seconds(servers.postgres_pid))
            - postgres,
        wal_bytes: match (servers, wal) {
            (Some(servers), Some(wal)) => servers.wal_bytes()? - wal,
            _ => 0,
        },
        findings: 0,
        machine: (busy - machine.0, stolen - machine.1),
    })
}

/// Lists of a run, written beforehand.
#[derive(Debug)]
pub struct Lists {
    /// One line, to have every process loaded before the clock starts.
    pub one: PathBuf,
    /// The real list.
    pub real: PathBuf,
    /// The headline's list.
    pub headline: PathBuf,
    /// Small lists of values nothing else holds.
    pub small: Vec<PathBuf>,
    /// Lists that follow the headline's, when wanted: one submission holds a million at most.
    pub following: Vec<PathBuf>,
}

/// Everything B1 says about the production form.
#[derive(Debug)]
pub struct Bulk {
    /// Seconds from the API's readiness to the first verdict of a worker that loads its lists for it.
    pub first_verdict_seconds: f64,
    /// Small submissions, one after another.
    pub small: Vec<Run>,
    /// The real list.
    pub real: Run,
    /// The headline.
    pub headline: Run,
    /// The headline's list again: every indicator is known.
    pub again: Run,
    /// The lists that follow the headline's, into the same rows.
    pub following: Vec<Run>,
}

/// Runs the production form: `aggregator api` and one `aggregator worker`. The feeds are in the database `bench_ready`.
pub fn production(servers: &Servers, base: &Installation, lists: &Lists) -> anyhow::Result<Bulk> {
    let mut on = fresh(servers, base)?;
    let first_verdict_seconds = on.submit(&lists.one)?.seconds;
    let small = lists
        .small
        .iter()
        .map(|list| submit("small, cold (median)", &mut on, Some(servers), list))
        .collect::<anyhow::Result<_>>()?;
    on.stop()?;

    let mut on = warmed(servers, base, &lists.one)?;
    let mut real = submit("real list, cold", &mut on, Some(servers), &lists.real)?;
    real.findings = servers.number(DATABASE, "SELECT count(*) FROM findings")?;
    on.stop()?;

    let mut on = warmed(servers, base, &lists.one)?;
    let mut headline = submit("headline, cold", &mut on, Some(servers), &lists.headline)?;
    headline.findings = servers.number(DATABASE, "SELECT count(*) FROM findings")?;
    unload::unload(servers, DATABASE, headline.submitted.id)?;
    let again = submit("headline again", &mut on, Some(servers), &lists.headline)?;
    let following = lists
        .following
        .iter()
        .enumerate()
        .map(|(n, list)| submit(&format!("million {}, cold", n + 2), &mut on, Some(servers), list))
        .collect::<anyhow::Result<_>>()?;
    on.stop()?;

    servers.drop(DATABASE)?;
    Ok(Bulk { first_verdict_seconds, small, real, headline, again, following })
}

const DATABASE: &str = "bench_product";

fn fresh(servers: &Servers, base: &Installation) -> anyhow::Result<Running> {
    servers.create(DATABASE, Some("bench_ready"))?;
    servers.empty_redis(0)?;
    // The planner knows feeds and sources, nothing of what is to come.
    servers.sql(DATABASE, "ANALYZE")?;
    Installation { database: servers.database(DATABASE), ..base.clone() }.start(&["api", "worker"])
}

fn warmed(servers: &Servers, base: &Installation, one: &Path) -> anyhow::Result<Running> {
    let mut running = fresh(servers, base)?;
    running.submit(one)?;
    Ok(running)
}
