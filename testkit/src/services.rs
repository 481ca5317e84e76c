//! Where the real servers are.

use std::sync::OnceLock;

/// PostgreSQL for tests: `AGGREGATOR_TEST_POSTGRES_URL`, or the local server. Its role may create databases.
pub fn postgres_url() -> String {
    variable("AGGREGATOR_TEST_POSTGRES_URL", "postgres://postgres@127.0.0.1:5432/postgres")
}

/// Redis for tests: `AGGREGATOR_TEST_REDIS_URL`, or the local server.
pub fn redis_url() -> String {
    variable("AGGREGATOR_TEST_REDIS_URL", "redis://127.0.0.1:6379")
}

/// What to do when a server does not answer.
pub(crate) const HOW_TO_START: &str =
    "start it with `eval \"$(bash .ci/services start)\"`, or run the tests with `make nextest`";

/// The same in every process of one test run: nextest's run id, else one of this process.
pub(crate) fn run_id() -> &'static str {
    static RUN: OnceLock<String> = OnceLock::new();
    RUN.get_or_init(|| {
        let run = variable("NEXTEST_RUN_ID", "");
        let run = if run.is_empty() { uuid::Uuid::new_v4().to_string() } else { run };
        run.chars().filter(char::is_ascii_alphanumeric).take(16).collect()
    })
}

/// A variable's value, or the fallback where it is unset or empty.
#[expect(
    clippy::disallowed_methods,
    reason = "platform reads the product's settings; these belong to the tests"
)]
pub(crate) fn variable(name: &str, fallback: &str) -> String {
    std::env::var(name).ok().filter(|value| !value.is_empty()).unwrap_or_else(|| fallback.to_owned())
}
