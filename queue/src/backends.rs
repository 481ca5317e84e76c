//! Which form everything takes: decided once, from the settings.

use std::sync::Arc;

use uuid::Uuid;

use crate::{
    Doorbell, Locks, Queue, QueueError, QueueName,
    producer::StoredQueue,
    redis_link::RedisLink,
    store::{MemoryStore, RedisStore, ServerFacts, Store},
};

/// Queues, doorbell and locks of one process; cheap to clone.
#[derive(Clone)]
pub struct Backends {
    pub(crate) store: Arc<dyn Store>,
    doorbell: Doorbell,
    locks: Locks,
    shared: bool,
}

impl Backends {
    /// With an address: everything through that Redis, under `prefix` (one per installation, one per test).
    /// Without: everything in this process. Must be called within a Tokio runtime.
    ///
    /// Redis need not be up: connections are opened at first use and opened again for ever. Err
    /// [`QueueError::Misconfigured`] when the address is not one.
    pub fn connect(redis_url: Option<&str>, prefix: &str) -> Result<Self, QueueError> {
        let Some(url) = redis_url else { return Ok(Self::in_process()) };
        let link = RedisLink::new(url, prefix)?;
        let sender = Uuid::new_v4();
        Ok(Self {
            doorbell: Doorbell::through_redis(&link, sender),
            locks: Locks::through_redis(link.clone()),
            store: Arc::new(RedisStore::new(link, sender)),
            shared: true,
        })
    }

    /// Everything in this process: the embedded mode, and tests.
    pub fn in_process() -> Self {
        Self {
            store: Arc::new(MemoryStore::default()),
            doorbell: Doorbell::in_process(),
            locks: Locks::in_process(),
            shared: false,
        }
    }

    /// The producer of a queue.
    pub fn queue(&self, name: QueueName) -> Arc<dyn Queue> {
        Arc::new(StoredQueue { name, store: Arc::clone(&self.store), doorbell: self.doorbell.clone() })
    }

    /// The doorbell.
    pub fn doorbell(&self) -> &Doorbell {
        &self.doorbell
    }

    /// The leases.
    pub fn locks(&self) -> &Locks {
        &self.locks
    }

    /// Whether other processes share these queues (Redis), for `/readyz`, `doctor` and log lines.
    pub fn is_shared(&self) -> bool {
        self.shared
    }

    /// What kind of Redis it is, for `doctor`; `None` in process.
    pub async fn server_facts(&self) -> Result<Option<ServerFacts>, QueueError> {
        self.store.facts().await
    }

    /// Whether Redis answers; always fine in process.
    pub async fn ping(&self) -> Result<(), QueueError> {
        self.store.ping().await
    }
}
