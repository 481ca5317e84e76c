//! What a worker did since it started.

use aggregator_platform::Metrics;
use prometheus_client::metrics::counter::Counter;

/// Counters of one worker process; they go into its heartbeat and its metrics.
#[derive(Debug, Default)]
pub struct Counters {
    finished: Counter,
    stale_refused: Counter,
}

impl Counters {
    /// Tells them with these metrics.
    pub(crate) fn register(&self, metrics: &Metrics) {
        metrics.register("aggregator_worker_units_finished", "Units of work finished", self.finished.clone());
        metrics.register(
            "aggregator_worker_stale_writes_refused",
            "Units whose end the fence refused: somebody else had them by then",
            self.stale_refused.clone(),
        );
    }

    pub(crate) fn add_finished(&self, units: usize) {
        self.finished.inc_by(u64::try_from(units).unwrap_or_default());
    }

    pub(crate) fn add_stale(&self, units: usize) {
        self.stale_refused.inc_by(u64::try_from(units).unwrap_or_default());
    }

    /// Units finished.
    pub fn finished(&self) -> i64 {
        i64::try_from(self.finished.get()).unwrap_or(i64::MAX)
    }

    /// Units whose finish the fence refused: somebody else had them by then.
    pub fn stale_refused(&self) -> i64 {
        i64::try_from(self.stale_refused.get()).unwrap_or(i64::MAX)
    }
}
