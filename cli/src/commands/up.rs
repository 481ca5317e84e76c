//! `aggregator up`: the whole product in one process.

use std::process::ExitCode;

use super::api::Api;

/// Arguments of `aggregator up`: none; the settings say the rest.
#[derive(Debug, clap::Args)]
pub(crate) struct Up {}

impl Up {
    /// Runs what there is so far, the API; the worker joins it in the same process.
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let Self {} = self;
        Api {}.run()
    }
}
