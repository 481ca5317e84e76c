//! The chaos suite: real processes, a real fault, a ledger of what was accepted, and a checker that counts.
//!
//! Each scenario starts a PostgreSQL, a Redis and the product's own binary in a folder of its own, puts load on the public
//! HTTP API, does something terrible, and lets the checker compare the ledger with what the API and the rows say. What is
//! promised, and the figures of the last long run: `docs/RELIABILITY.md`.
//!
//! The short form runs with every other test. `make chaos` runs the long form (`AGGREGATOR_TEST_CHAOS=long`: default leases,
//! long outages) and then the negative controls: built with `chaos-without-fencing` or `chaos-without-sweep` the same
//! scenarios must make the checker go red, or it proves nothing.
#![expect(clippy::expect_used, reason = "a test suite: a panic is how it says that its ground is missing")]

mod checker;
mod client;
mod environment;
mod faults;
mod ground;
mod ledger;
mod load;
mod material;
mod report;
mod rows;
mod safety;
mod scale;
mod service;
mod wait;
