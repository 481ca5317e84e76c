//! The domain through its public door: real data, conformance suites, properties.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on stops; clippy excuses test functions alone"
)]

mod bulk;
mod custom;
mod data;
mod facts;
mod identity;
mod idna;
mod properties;
mod public_suffix;
mod ssdeep;
mod vectors;
mod verdict;
mod whatwg_url;
mod yeti;
