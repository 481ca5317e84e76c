//! Ten workers with nothing to do: what they cost Redis and the processor.

use std::time::{Duration, Instant};

use anyhow::Context;

use crate::options::Options;
use crate::product::Installation;
use crate::report::Goal;

const WORKERS: usize = 10;

/// Commands a second that ten idle workers may cost Redis, all together (issue 4).
const BAR: f64 = 50.0;

/// What nothing costs.
#[derive(Debug)]
pub struct Idle {
    redis_commands: f64,
    transactions: f64,
    worker_percent: f64,
}

/// Starts an API and ten workers, lets them come to rest, and counts.
pub fn measure(options: &Options) -> anyhow::Result<Idle> {
    let servers = &options.servers;
    servers.create("bench_idle", None)?;
    servers.empty_redis(3)?;
    let installation = Installation {
        binary: options.binary.clone(),
        data: options.work.join("idle"),
        database: servers.database("bench_idle"),
        redis: servers.redis_database(3),
        logs: options.work.clone(),
    };
    installation.migrate()?;
    let mut running = installation.start(&["api"])?;
    for _ in 0..WORKERS {
        running.add(&installation, "worker")?;
    }
    let (settle, watch) = if options.quick { (5, 10) } else { (30, 60) };
    std::thread::sleep(Duration::from_secs(settle));
    let transactions = || {
        servers.number(
            "postgres",
            "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = 'bench_idle'",
        )
    };
    let cpu = |running: &crate::product::Running| {
        let workers = running.usage().into_iter().filter(|(name, _)| *name == "worker");
        workers.map(|(_, usage)| usage.cpu_seconds).sum::<f64>()
    };
    let before = (servers.redis_commands()?, transactions()?, cpu(&running));
    let since = Instant::now();
    std::thread::sleep(Duration::from_secs(watch));
    let seconds = since.elapsed().as_secs_f64();
    // The count of the first reading is one of them.
    let redis = servers.redis_commands()?.checked_sub(before.0 + 1).context("Redis was restarted")?;
    let rows = transactions()?.checked_sub(before.1).context("PostgreSQL was restarted")?;
    running.check()?;
    let worker_cpu = cpu(&running) - before.2;
    running.stop()?;
    servers.drop("bench_idle")?;
    #[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
    let per_second = |count: u64| count as f64 / seconds;
    #[expect(clippy::cast_precision_loss, reason = "ten")]
    let worker_percent = 100.0 * worker_cpu / seconds / WORKERS as f64;
    Ok(Idle { redis_commands: per_second(redis), transactions: per_second(rows), worker_percent })
}

impl Idle {
    pub(crate) fn goals(&self) -> Vec<Goal> {
        vec![
            Goal {
                what: "ten idle workers, Redis commands/s in all",
                bar: "< 50",
                measured: format!("{:.1}", self.redis_commands),
                met: self.redis_commands < BAR,
            },
            Goal {
                what: "B9 an idle worker, of a core",
                bar: "≤ 1 %",
                measured: format!(
                    "{:.2} % ({:.1} transactions/s of all eleven)",
                    self.worker_percent, self.transactions
                ),
                met: self.worker_percent <= 1.0,
            },
        ]
    }
}
