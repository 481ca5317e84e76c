//! What handlers share: passed in, never global.

use std::sync::Arc;

use aggregator_platform::Settings;

use crate::readiness::Check;

/// The settings and the parts handlers need. Cheap to clone; every clone is the same state.
#[derive(Clone)]
pub struct State {
    settings: Arc<Settings>,
    checks: Vec<Arc<dyn Check>>,
}

impl State {
    /// A state that needs nothing but its settings: ready as soon as it serves.
    pub fn new(settings: Settings) -> Self {
        Self { settings: Arc::new(settings), checks: Vec::new() }
    }

    /// Adds a part that `/readyz` asks before it answers `ready`.
    #[must_use]
    pub fn with_check(mut self, check: impl Check) -> Self {
        self.checks.push(Arc::new(check));
        self
    }

    /// What the operator decided.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    pub(crate) fn checks(&self) -> &[Arc<dyn Check>] {
        &self.checks
    }
}
