//! Waiting between attempts: full jitter, doubling, with a low ceiling because recovery is promised in seconds.

use std::time::Duration;

const BASE: Duration = Duration::from_millis(50);
/// Also the longest a worker stands still once Redis is back. A process then asks a dead Redis about 20 times a second.
const CEILING: Duration = Duration::from_millis(500);

/// The pauses of one loop that talks to Redis.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The next pause: between half and all of 50 ms · 2ⁿ, at most 500 ms.
    pub(crate) fn next_pause(&mut self) -> Duration {
        let full = BASE.saturating_mul(1 << self.failures.min(16)).min(CEILING);
        self.failures = self.failures.saturating_add(1);
        // A random UUID is the randomness at hand; jitter needs no better.
        let random = u32::from(uuid::Uuid::new_v4().as_bytes()[0]);
        full / 2 + full / 2 * random / 255
    }

    /// Something worked: begin again with the shortest pause.
    pub(crate) fn reset(&mut self) {
        self.failures = 0;
    }

    /// How often it failed since it last worked.
    pub(crate) fn failures(&self) -> u32 {
        self.failures
    }
}

#[cfg(test)]
mod tests {
    use super::{BASE, Backoff, CEILING};

    #[test]
    fn pauses_grow_to_the_ceiling_and_begin_again() {
        let mut backoff = Backoff::default();
        for _ in 0..100 {
            let pause = backoff.next_pause();
            assert!(pause >= BASE / 2 && pause <= CEILING);
        }
        assert!(backoff.next_pause() >= CEILING / 2);
        backoff.reset();
        assert!(backoff.next_pause() <= BASE);
    }
}
