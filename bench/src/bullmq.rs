//! The `BullMQ` baselines: `bench/bullmq/run.mjs` against a fresh database of our tables.

use std::path::Path;
use std::process::Command;

use anyhow::Context;
use serde_json::Value;

use crate::servers::{Servers, run};

/// A baseline's figures.
#[derive(Debug, Clone)]
pub struct Baseline {
    /// Values screened.
    pub values: u64,
    /// From the first `addBulk` to the last commit.
    pub seconds: f64,
    /// Values a second.
    pub per_second: f64,
    /// Peak resident memory of its worker, KiB.
    pub worker_peak_kib: u64,
    /// Versions of Node and the packages.
    pub versions: String,
}

/// Installs what the lock file pins. Not `npm ci`: that refuses a lock that lacks optional packages of other platforms,
/// and a registry mirror may not have them.
pub fn install(folder: &Path) -> anyhow::Result<()> {
    let words = ["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
    run(Command::new("npm").args(words).current_dir(folder)).map(drop)
}

/// Runs one mode, `batched` or `single`, over a list; what is known of each line is in its worker's memory.
pub fn measure(
    servers: &Servers,
    folder: &Path,
    mode: &str,
    (list, judged): (&Path, &Path),
) -> anyhow::Result<Baseline> {
    servers.create("bench_bullmq", Some("bench_migrated"))?;
    servers.checkpoint()?;
    let text = run(Command::new("node")
        .arg("run.mjs")
        .arg(mode)
        .args([list, judged])
        .env("DATABASE_URL", servers.database("bench_bullmq"))
        .env("REDIS_URL", servers.redis_database(1))
        .current_dir(folder))?;
    let result: Value = serde_json::from_str(text.trim()).context("run.mjs printed no JSON")?;
    servers.drop("bench_bullmq")?;
    let number = |name: &str| result[name].as_f64().with_context(|| format!("run.mjs printed no `{name}`"));
    let versions = result["versions"].as_object().into_iter().flatten();
    Ok(Baseline {
        values: result["values"].as_u64().context("run.mjs printed no `values`")?,
        seconds: number("seconds")?,
        per_second: number("per_second")?,
        worker_peak_kib: result["worker_peak_rss_kb"].as_u64().unwrap_or_default(),
        versions: versions
            .map(|(name, version)| format!("{name} {}", version.as_str().unwrap_or("?")))
            .collect::<Vec<_>>()
            .join(", "),
    })
}
