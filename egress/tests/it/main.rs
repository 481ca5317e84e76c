//! The outbound client against servers on this machine, and its rules against the addresses that get around such rules.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod downloads;
mod environment;
mod fetching;
mod headers;
mod hostile;
mod names;
mod payloads;
mod refusals;
mod rules;
mod server;
