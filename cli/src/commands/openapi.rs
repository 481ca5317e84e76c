//! `aggregator openapi`: the contract, on stdout.

use std::process::ExitCode;

use crate::output;

/// Arguments of `aggregator openapi`: none.
#[derive(Debug, clap::Args)]
pub(crate) struct Openapi {}

impl Openapi {
    /// Prints the document the server answers at `/api/v1/openapi.json`.
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let Self {} = self;
        output::text(&aggregator_api::document::pretty_json()?)?;
        Ok(ExitCode::SUCCESS)
    }
}
