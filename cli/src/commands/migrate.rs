//! `aggregator migrate`: brings the database to this version's shape.

use std::io::Write;
use std::process::ExitCode;

use clap::Args;

use crate::{boot, process};

/// Bring the database to this version's shape; an SQLite file is copied first.
#[derive(Debug, Args)]
pub(crate) struct Migrate {}

impl Migrate {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let Self {} = self;
        boot::run("migrate", async |live, _shutdown| {
            let settings = live.settings();
            let database = process::connect(&settings).await?;
            let count = process::migrate(&database, &settings).await?;
            let mut out = std::io::stdout().lock();
            match count {
                0 => writeln!(out, "The database has this version's shape already.")?,
                count => writeln!(out, "{count} migrations done.")?,
            }
            Ok(())
        })
    }
}
