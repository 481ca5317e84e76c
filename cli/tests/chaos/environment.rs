//! What the suite reads from its environment.

use std::path::PathBuf;

/// `AGGREGATOR_TEST_CHAOS=long`: default leases, long outages, figures into `docs/RELIABILITY.md`.
pub(crate) fn is_long() -> bool {
    match variable("AGGREGATOR_TEST_CHAOS").as_deref() {
        None | Some("short") => false,
        Some("long") => true,
        Some(other) => panic!("AGGREGATOR_TEST_CHAOS is `{other}`; it may be `short` or `long`"),
    }
}

/// The binary under test: the one built with these tests, or another build named by `AGGREGATOR_TEST_BINARY`.
pub(crate) fn binary() -> PathBuf {
    variable("AGGREGATOR_TEST_BINARY").map_or_else(|| env!("CARGO_BIN_EXE_aggregator").into(), PathBuf::from)
}

/// The page whose tables take the figures, `AGGREGATOR_TEST_CHAOS_REPORT`; none is written without it.
pub(crate) fn report() -> Option<PathBuf> {
    variable("AGGREGATOR_TEST_CHAOS_REPORT").map(PathBuf::from)
}

/// Where programs are looked for.
pub(crate) fn search_path() -> String {
    variable("PATH").unwrap_or_default()
}

#[expect(
    clippy::disallowed_methods,
    reason = "platform reads the product's settings; these belong to the tests"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
