//! The doors a user of `aggregator-sources` uses, on real data where it is there.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod artifacts;
mod data;
mod databases;
mod formats;
mod ignoring;
mod matching;
mod presets;
mod refreshing;
mod regressions;
mod remote;
