//! `aggregator settings`: what can be decided, whether it is decided well, and what is changed on a running system.

mod stored;

use std::process::ExitCode;

use aggregator_platform::{Environment, settings};
use clap::{Args, Subcommand};

use crate::output;

/// Print every setting with its default and its comment, check the ones in force, or change those of a running server.
///
/// Without a subcommand it prints the commented defaults, a good start for a file of one's own. The subcommands ask a running
/// server: a few settings can be changed there, for every process and without a restart.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Settings {
    /// Read file and environment as a start would, and tell every fault.
    #[arg(long)]
    check: bool,
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, Subcommand)]
enum Action {
    List(stored::List),
    Get(stored::Get),
    Set(stored::Set),
    Reset(stored::Reset),
}

impl Settings {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        match self.action {
            Some(Action::List(action)) => return action.run(),
            Some(Action::Get(action)) => return action.run(),
            Some(Action::Set(action)) => return action.run(),
            Some(Action::Reset(action)) => return action.run(),
            None if self.check => {
                settings::Settings::load(&Environment::process())?;
                output::text("the settings are good")?;
            }
            None => output::text(settings::DEFAULTS)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}
