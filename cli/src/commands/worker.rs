//! `aggregator worker`: a worker process.

use std::process::ExitCode;

use aggregator_platform::Metrics;
use aggregator_platform::metrics::{self, Connections};
use anyhow::{Context as _, bail};
use clap::Args;

use crate::{boot, process};

/// Run a worker until SIGTERM, then drain; start as many as you like.
#[derive(Debug, Args)]
pub(crate) struct Worker {}

impl Worker {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let Self {} = self;
        boot::run("worker", async |live, shutdown| {
            let settings = live.settings();
            if settings.redis.url.is_none() {
                bail!(
                    "a worker of its own needs Redis: set REDIS_URL, or use `aggregator up`, which holds a worker"
                );
            }
            let database = process::connect(&settings).await?;
            process::require_migrated(&database).await?;
            process::read_stored(&live, &database).await?;
            let backends = process::queues(&settings)?;
            let context = process::worker(&live, &database, &backends, None)?;
            let listener = metrics::bind(&settings).with_context(
                || "cannot listen on metrics.listen (AGGREGATOR_METRICS_LISTEN); choose another address",
            )?;
            let told = listener.map(|listener| {
                let metrics = Metrics::new();
                context.register(&metrics);
                metrics.register_pool(move || {
                    let pool = database.pool();
                    Connections { used: pool.used(), idle: pool.idle, free: pool.free() }
                });
                tokio::spawn(metrics::serve(listener, metrics, shutdown.clone()))
            });
            aggregator_worker::run(context, shutdown).await;
            match told {
                Some(told) => Ok(told.await??),
                None => Ok(()),
            }
        })
    }
}
