//! `aggregator api`: the HTTP API alone.

use std::process::ExitCode;

use crate::boot;

/// Arguments of `aggregator api`: none; the settings say the rest.
#[derive(Debug, clap::Args)]
pub(crate) struct Api {}

impl Api {
    /// Serves until SIGTERM or SIGINT, then finishes the requests under way.
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let Self {} = self;
        boot::run(async |settings, shutdown| {
            let listener = aggregator_api::bind(&settings)?;
            aggregator_api::serve(aggregator_api::State::new(settings), listener, shutdown).await?;
            Ok(())
        })
    }
}
