//! What a worker did since it started.

use std::sync::atomic::{AtomicI64, Ordering};

/// Counters of one worker process; they go into its heartbeat.
#[derive(Debug, Default)]
pub struct Counters {
    finished: AtomicI64,
    stale_refused: AtomicI64,
}

impl Counters {
    pub(crate) fn add_finished(&self, units: usize) {
        self.finished.fetch_add(i64::try_from(units).unwrap_or_default(), Ordering::Relaxed);
    }

    pub(crate) fn add_stale(&self, units: usize) {
        self.stale_refused.fetch_add(i64::try_from(units).unwrap_or_default(), Ordering::Relaxed);
    }

    /// Units finished.
    pub fn finished(&self) -> i64 {
        self.finished.load(Ordering::Relaxed)
    }

    /// Units whose finish the fence refused: somebody else had them by then.
    pub fn stale_refused(&self) -> i64 {
        self.stale_refused.load(Ordering::Relaxed)
    }
}
