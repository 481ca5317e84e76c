//! The list of subcommands. One file each; adding one touches this file and its own.

mod api;
mod completions;
mod dead;
mod doctor;
mod extract;
mod feeds;
mod lookup;
mod man;
mod migrate;
mod openapi;
mod queues;
mod settings;
mod sources;
mod submit;
mod up;
mod worker;

use std::process::ExitCode;

use clap::Subcommand;

/// What `aggregator` can do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run everything in this process: the whole product, embedded.
    Up(up::Up),
    /// Run the HTTP API alone; workers run beside it.
    Api(api::Api),
    /// Run a worker alone; start as many as you like.
    Worker(worker::Worker),
    /// Import, refresh, list and switch the feeds that are matched locally.
    Feeds(feeds::Feeds),
    Submit(submit::Submit),
    Queues(queues::Queues),
    Sources(sources::Sources),
    Dead(dead::Dead),
    Doctor(doctor::Doctor),
    /// Bring the database to this version's shape; an SQLite file is copied first.
    Migrate(migrate::Migrate),
    Lookup(lookup::Lookup),
    Extract(extract::Extract),
    /// Print the OpenAPI 3.1 document of the HTTP API as JSON.
    Openapi(openapi::Openapi),
    Completions(completions::Completions),
    Man(man::Man),
    Settings(settings::Settings),
}

impl Command {
    /// Runs the chosen subcommand; an error ends the process with code 1 and its chain of causes on stderr.
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::Up(command) => command.run(),
            Self::Api(command) => command.run(),
            Self::Worker(command) => command.run(),
            Self::Feeds(command) => command.run(),
            Self::Submit(command) => command.run(),
            Self::Queues(command) => command.run(),
            Self::Sources(command) => command.run(),
            Self::Dead(command) => command.run(),
            Self::Doctor(command) => command.run(),
            Self::Migrate(command) => command.run(),
            Self::Lookup(command) => command.run(),
            Self::Extract(command) => command.run(),
            Self::Openapi(command) => command.run(),
            Self::Completions(command) => command.run(),
            Self::Man(command) => command.run(),
            Self::Settings(command) => command.run(),
        }
    }
}
