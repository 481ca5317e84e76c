//! The producer's side of a queue: only the feeder pushes (docs/ARCHITECTURE.md).

use std::sync::Arc;

use async_trait::async_trait;

use crate::{Doorbell, Envelope, QueueError, QueueName, Topic, store::Store};

/// A queue as its feeder sees it; object-safe, so a feeder does not know which form it feeds.
#[async_trait]
pub trait Queue: Send + Sync {
    /// Which queue this is.
    fn name(&self) -> QueueName;

    /// Appends one envelope per id, in this order, and wakes the workers.
    ///
    /// An error means that none, some or all of the ids may have arrived: leave the rows offered and let their
    /// offers run out. Keep the window small: nothing here refuses a push for size.
    async fn push(&self, ids: &[i64]) -> Result<(), QueueError> {
        let envelopes: Vec<Envelope> = ids.iter().map(|id| Envelope::of(*id)).collect();
        self.push_envelopes(&envelopes).await
    }

    /// [`Queue::push`] for ids that are part of traces.
    async fn push_envelopes(&self, envelopes: &[Envelope]) -> Result<(), QueueError>;

    /// What is in the queue and who works on it.
    async fn depth(&self) -> Result<QueueDepth, QueueError>;
}

/// The window of a queue, counted over all processes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct QueueDepth {
    /// Envelopes no worker has taken yet; exact.
    pub waiting: u64,
    /// Envelopes being worked on, as the workers said at most a second ago; a killed worker's count
    /// stands for up to 30 s.
    pub in_flight: u64,
    /// Slots of all live workers: the sum of their concurrency. 0 = nobody is listening.
    pub slots: u64,
    /// Live workers (processes) on this queue.
    pub workers: u64,
}

/// A queue in a store.
pub(crate) struct StoredQueue {
    pub(crate) name: QueueName,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) doorbell: Doorbell,
}

#[async_trait]
impl Queue for StoredQueue {
    fn name(&self) -> QueueName {
        self.name
    }

    async fn push_envelopes(&self, envelopes: &[Envelope]) -> Result<(), QueueError> {
        if envelopes.is_empty() {
            return Ok(());
        }
        let payloads = envelopes.iter().map(Envelope::encode).collect();
        self.store.push(self.name, payloads).await?;
        // Workers of other processes were rung by the push itself.
        self.doorbell.ring_here(&Topic::Ids(self.name));
        Ok(())
    }

    async fn depth(&self) -> Result<QueueDepth, QueueError> {
        self.store.depth(self.name).await
    }
}
