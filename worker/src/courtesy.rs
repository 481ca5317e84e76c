//! Bulk gives way while somebody waits: it leaves the other core and the disk to them.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long after an interactive unit others are expected: a person reads, a script asks again.
const EXPECTED: Duration = Duration::from_millis(500);

/// How often bulk looks whether it may go on.
const LOOK: Duration = Duration::from_millis(50);

/// The longest pause of the bulk group that always goes on, before each of its commits: it has a quarter of a core then.
const PAUSE: Duration = Duration::from_millis(300);

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

    /// For a bulk group before it begins: waits until nobody waits. The first group goes on after a while all the same.
    pub(crate) async fn give_way(&self, is_first: bool) {
        let began = Instant::now();
        while self.is_due() && !(is_first && began.elapsed() >= PAUSE) {
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
        courtesy.give_way(false).await;
        courtesy.note();
        assert_eq!((courtesy.group(8), courtesy.group(1)), (SMALL_GROUP, 1));
        courtesy.give_way(true).await;
        assert_eq!(courtesy.group(8), SMALL_GROUP, "the first goes on although somebody waits");
        courtesy.give_way(false).await;
        assert_eq!(courtesy.group(8), 8);
    }
}
