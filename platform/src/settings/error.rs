//! What is wrong with the settings, all of it at once.

use std::fmt;

/// One wrong setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The key, such as `http.listen`, or the name of a variable or file that is no setting.
    pub key: String,
    /// What was written there; `None` when it may be a secret or there is none.
    pub value: Option<String>,
    /// Where it was written: a variable, a file, or the built-in defaults.
    pub origin: String,
    /// What was expected, as the reader can act on it.
    pub advice: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, value, origin, advice } = self;
        match value {
            Some(value) => write!(f, "{key} = {value:?} (from {origin}): {advice}"),
            None => write!(f, "{key} (from {origin}): {advice}"),
        }
    }
}

/// The settings cannot be used. Holds every fault found, one line each when displayed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsError {
    /// The faults, in the order the settings are read; at least one.
    pub faults: Vec<Fault>,
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.faults.len() {
            1 => write!(f, "a setting is wrong")?,
            count => write!(f, "{count} settings are wrong")?,
        }
        self.faults.iter().try_for_each(|fault| write!(f, "\n  {fault}"))
    }
}

impl std::error::Error for SettingsError {}
