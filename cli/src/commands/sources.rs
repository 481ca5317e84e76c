//! `aggregator sources`: who is asked and how they are, and asking one of them on trial.

mod list;
mod test;

use std::process::ExitCode;

use clap::{Args, Subcommand};

/// List the sources of a running server with how they are, or test one.
#[derive(Debug, Args)]
pub(crate) struct Sources {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    List(list::List),
    Test(test::Test),
}

#[derive(Debug, Args)]
struct How {
    /// JSON, one object a line, instead of words.
    #[arg(long)]
    json: bool,
    /// The server; http.listen of the settings when absent.
    #[arg(long, value_name = "URL")]
    server: Option<String>,
}

impl Sources {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        match self.action {
            Action::List(action) => action.run(),
            Action::Test(action) => action.run(),
        }
    }
}
