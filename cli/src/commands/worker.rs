//! `aggregator worker`: a worker process.

use std::process::ExitCode;

use anyhow::bail;
use clap::Args;

use crate::{boot, process};

/// Run a worker until SIGTERM, then drain; start as many as you like.
#[derive(Debug, Args)]
pub(crate) struct Worker {}

impl Worker {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let Self {} = self;
        boot::run(async |settings, shutdown| {
            if settings.redis.url.is_none() {
                bail!(
                    "a worker of its own needs Redis: set REDIS_URL, or use `aggregator up`, which holds a worker"
                );
            }
            let database = process::connect(&settings).await?;
            process::require_migrated(&database).await?;
            let backends = process::queues(&settings)?;
            aggregator_worker::run(process::worker(&settings, &database, &backends)?, shutdown).await;
            Ok(())
        })
    }
}
