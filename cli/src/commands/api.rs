//! `aggregator api`: the HTTP API alone.

use std::process::ExitCode;

use aggregator_api::State;
use anyhow::bail;

use crate::{boot, process};

/// Arguments of `aggregator api`: none; the settings say the rest.
#[derive(Debug, clap::Args)]
pub(crate) struct Api {}

impl Api {
    /// Serves until SIGTERM or SIGINT, then finishes the requests under way.
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let Self {} = self;
        boot::run("api", async |live, shutdown| {
            let settings = live.settings();
            let listener = aggregator_api::bind(&settings)?;
            if settings.redis.url.is_none() {
                bail!(
                    "an API of its own needs Redis to reach its workers: set REDIS_URL, or use `aggregator up`"
                );
            }
            let database = process::connect(&settings).await?;
            process::require_migrated(&database).await?;
            process::read_stored(&live, &database).await?;
            let backends = process::queues(&settings)?;
            aggregator_api::serve(State::new(live, database, backends), listener, shutdown).await?;
            Ok(())
        })
    }
}
