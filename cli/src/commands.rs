//! The list of subcommands. One file each; adding one touches this file and its own.

mod openapi;

use std::process::ExitCode;

use clap::Subcommand;

/// What `aggregator` can do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Print the OpenAPI 3.1 document of the HTTP API as JSON.
    Openapi(openapi::Openapi),
}

impl Command {
    /// Runs the chosen subcommand; an error ends the process with code 1 and its chain of causes on stderr.
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::Openapi(command) => command.run(),
        }
    }
}
