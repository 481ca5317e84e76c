//! `aggregator settings`: what can be decided, and whether it is decided well.

use std::process::ExitCode;

use aggregator_platform::{Environment, settings};

use crate::output;

/// Arguments of `aggregator settings`.
#[derive(Debug, clap::Args)]
pub(crate) struct Settings {
    /// Read file and environment as a start would, and tell every fault.
    #[arg(long)]
    check: bool,
}

impl Settings {
    /// Prints the commented defaults, a good start for a file of one's own; or checks the settings in force.
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        if self.check {
            settings::Settings::load(&Environment::process())?;
            output::text("the settings are good")?;
        } else {
            output::text(settings::DEFAULTS)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
