//! `aggregator man`: manual pages.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, CommandFactory};
use clap_mangen::Man as Page;

use crate::{Arguments, output};

/// Print the manual page, or write the page of every subcommand into a folder.
#[derive(Debug, Args)]
#[command(after_help = "\
Read it:     aggregator man | man -l -
Install it:  aggregator man --dir ~/.local/share/man/man1")]
pub(crate) struct Man {
    /// Write aggregator.1 and a page for each subcommand here; made when missing.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

impl Man {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        if let Some(folder) = self.dir {
            let cannot = || format!("cannot write manual pages to {}", folder.display());
            fs::create_dir_all(&folder).with_context(cannot)?;
            clap_mangen::generate_to(Arguments::command(), &folder).with_context(cannot)?;
            return Ok(ExitCode::SUCCESS);
        }
        let mut page = Vec::new();
        Page::new(Arguments::command()).render(&mut page)?;
        output::stream(|out| Ok(out.write_all(&page)?))?;
        Ok(ExitCode::SUCCESS)
    }
}
