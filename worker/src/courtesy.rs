//! Bulk gives way while somebody waits: it leaves the other core and the disk to them.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long after an interactive unit others are expected: a person reads, a script asks again.
const EXPECTED: Duration = Duration::from_millis(500);

/// How often bulk looks whether it may go on.
const LOOK: Duration = Duration::from_millis(50);

/// Chunks that bulk commits together meanwhile: whoever waits also waits for the disk.
const SMALL_GROUP: usize = 2;

/// When somebody last waited for this process.
#[derive(Debug, Default)]
pub(crate) struct Courtesy {
    asked: Mutex<Option<Instant>>,
}

impl Courtesy {
    /// Somebody waits.
    pub(crate) fn note(&self) {
        *self.asked.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    fn is_due(&self) -> bool {
        let asked = *self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.is_some_and(|asked| asked.elapsed() < EXPECTED)
    }

    /// Chunks a bulk group may have, of as many as usual.
    pub(crate) fn group(&self, usual: usize) -> usize {
        if self.is_due() { usual.min(SMALL_GROUP) } else { usual }
    }

    /// For every bulk group but the first, which always goes on: waits until nobody waits.
    pub(crate) async fn give_way(&self) {
        while self.is_due() {
            tokio::time::sleep(LOOK).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Courtesy, SMALL_GROUP};

    #[tokio::test]
    async fn bulk_is_small_and_alone_only_while_somebody_waits() {
        let courtesy = Courtesy::default();
        assert_eq!(courtesy.group(8), 8);
        courtesy.give_way().await;
        courtesy.note();
        assert_eq!((courtesy.group(8), courtesy.group(1)), (SMALL_GROUP, 1));
        courtesy.give_way().await;
        assert_eq!(courtesy.group(8), 8);
    }
}
