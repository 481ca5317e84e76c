//! Waiting for conditions: every wait has a deadline and a name, and none is a bare sleep.

use std::thread;
use std::time::{Duration, Instant};

/// Time between two looks: short beside everything measured here.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Looks until there is an answer, or `limit` has passed.
pub(crate) fn within<T>(limit: Duration, mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let deadline = Instant::now() + limit;
    loop {
        if let Some(found) = look() {
            return Some(found);
        }
        if Instant::now() >= deadline {
            return None;
        }
        thread::sleep(LOOK_EVERY);
    }
}

/// Looks until there is an answer; the test fails with `what` when `limit` has passed.
#[track_caller]
pub(crate) fn until<T>(what: &str, limit: Duration, look: impl FnMut() -> Option<T>) -> T {
    within(limit, look).unwrap_or_else(|| panic!("waited {limit:?} in vain until {what}"))
}

/// Keeps a fault's own rhythm (an outage of so many seconds, a kill every so often); never waits for the product.
pub(crate) fn pass(time: Duration) {
    thread::sleep(time);
}
