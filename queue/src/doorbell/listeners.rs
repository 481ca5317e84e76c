//! Who in this process waits for which topic.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::Notify;

use super::Topic;

/// The bells of this process by topic.
#[derive(Debug, Default)]
pub(super) struct Listeners {
    bells: Mutex<HashMap<Topic, Vec<Arc<Notify>>>>,
}

impl Listeners {
    fn bells(&self) -> MutexGuard<'_, HashMap<Topic, Vec<Arc<Notify>>>> {
        self.bells.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Rings the bells of one topic.
    pub(super) fn ring(&self, topic: &Topic) {
        if let Some(bells) = self.bells().get(topic) {
            for bell in bells {
                bell.notify_one();
            }
        }
    }

    /// Rings everybody: after a gap in which rings may have been missed.
    pub(super) fn ring_all(&self) {
        for bell in self.bells().values().flatten() {
            bell.notify_one();
        }
    }
}

/// One subscription. Dropping it ends the subscription.
#[derive(Debug)]
pub struct Bell {
    topic: Topic,
    notify: Arc<Notify>,
    listeners: Arc<Listeners>,
}

impl Bell {
    pub(super) fn new(topic: Topic, listeners: Arc<Listeners>) -> Self {
        let notify = Arc::new(Notify::new());
        listeners.bells().entry(topic.clone()).or_default().push(Arc::clone(&notify));
        Self { topic, notify, listeners }
    }

    /// Waits for a ring; returns at once when one came since the last time. Cancel-safe.
    pub async fn rung(&self) {
        self.notify.notified().await;
    }

    /// Waits for a ring, but no longer than `limit` (see [`SAFETY_POLL`](super::SAFETY_POLL)). True when rung.
    pub async fn rung_within(&self, limit: Duration) -> bool {
        tokio::time::timeout(limit, self.rung()).await.is_ok()
    }

    /// The topic this bell listens to.
    pub fn topic(&self) -> &Topic {
        &self.topic
    }
}

impl Drop for Bell {
    fn drop(&mut self) {
        let mut bells = self.listeners.bells();
        if let Some(of_topic) = bells.get_mut(&self.topic) {
            of_topic.retain(|bell| !Arc::ptr_eq(bell, &self.notify));
            if of_topic.is_empty() {
                bells.remove(&self.topic);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Bell, Listeners, Topic};

    #[test]
    fn a_dropped_bell_leaves_nothing_behind() {
        let listeners = Arc::<Listeners>::default();
        let first = Bell::new(Topic::Policy, Arc::clone(&listeners));
        let second = Bell::new(Topic::Policy, Arc::clone(&listeners));
        drop(first);
        assert_eq!(listeners.bells().get(&Topic::Policy).map(Vec::len), Some(1));
        drop(second);
        assert!(listeners.bells().is_empty());
    }
}
