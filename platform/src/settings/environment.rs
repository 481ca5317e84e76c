//! The environment as a value, so that tests need no process environment.

use std::collections::BTreeMap;

/// A set of environment variables.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// The variables of this process. Names and values that are not UTF-8 are read with replacement characters, so
    /// that a wrong one is reported and not skipped.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn process() -> Self {
        let text = |word: std::ffi::OsString| word.to_string_lossy().into_owned();
        Self(std::env::vars_os().map(|(name, value)| (text(name), text(value))).collect())
    }

    /// No variables at all: the defaults.
    pub fn empty() -> Self {
        Self::default()
    }

    /// The given variables alone.
    pub fn of<N: Into<String>, V: Into<String>>(variables: impl IntoIterator<Item = (N, V)>) -> Self {
        Self(variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }

    /// The value of a variable; an empty one counts as not set.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The variables that claim to be ours, without the ones Kubernetes and the test suite put beside them.
    pub(crate) fn ours(&self) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .filter(|(name, value)| name.starts_with("AGGREGATOR_") && !is_foreign(name, value))
            .map(|(name, _)| name.as_str())
    }
}

// Values may be secrets.
impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// Kubernetes gives every pod `<SERVICE>_SERVICE_HOST`, `<SERVICE>_PORT=tcp://…` and relatives for each service beside
/// it; one named `aggregator` or `aggregator-api` lands in our prefix. `AGGREGATOR_TEST_…` belongs to the test suites.
fn is_foreign(name: &str, value: &str) -> bool {
    let service_link = name.contains("_SERVICE_HOST")
        || name.contains("_SERVICE_PORT")
        || (name.ends_with("_PORT") && value.contains("://"))
        || (name.contains("_PORT_") && (name.contains("_TCP") || name.contains("_UDP")));
    service_link || name.starts_with("AGGREGATOR_TEST_")
}
