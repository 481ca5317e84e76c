//! The outbound client against a mock on this machine, and its rules against the addresses that get around such rules.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod downloads;
mod rules;
