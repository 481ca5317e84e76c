//! The queue through the door its users use: one conformance set for both forms, and what only Redis can do to us.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking, in its helpers, too"
)]

mod conformance;
mod redis_faults;
mod redis_server;
mod support;
