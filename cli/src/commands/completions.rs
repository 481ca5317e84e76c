//! `aggregator completions`: what a shell completes.

use std::process::ExitCode;

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::{Arguments, output};

/// Print the completions of a shell.
#[derive(Debug, Args)]
#[command(after_help = "\
Where it goes:
  bash        aggregator completions bash > ~/.local/share/bash-completion/completions/aggregator
  zsh         aggregator completions zsh > a folder of $fpath, as _aggregator
  fish        aggregator completions fish > ~/.config/fish/completions/aggregator.fish
  powershell  aggregator completions powershell >> $PROFILE
  elvish      aggregator completions elvish >> ~/.config/elvish/rc.elv")]
pub(crate) struct Completions {
    /// The shell.
    #[arg(value_enum)]
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Arguments::command(), "aggregator", &mut script);
        output::stream(|out| Ok(out.write_all(&script)?))?;
        Ok(ExitCode::SUCCESS)
    }
}
