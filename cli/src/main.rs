//! The binary `aggregator`: one subcommand per file under `commands`.

mod boot;
mod client;
mod commands;
mod input;
mod lists;
mod output;
mod process;

use std::process::ExitCode;

use clap::Parser;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What the world knows about an indicator: ask every source, keep each answer, explain one verdict.
///
/// Settings come from an optional file (`AGGREGATOR_CONFIG`) and the environment; `aggregator settings` prints the
/// commented defaults.
#[derive(Debug, Parser)]
#[command(name = "aggregator", version, max_term_width = 110)]
struct Arguments {
    #[command(subcommand)]
    command: commands::Command,
}

fn main() -> ExitCode {
    match Arguments::parse().command.run() {
        Ok(code) => code,
        Err(error) => output::fail(&error),
    }
}
