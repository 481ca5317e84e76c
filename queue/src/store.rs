//! Where the window of ids is kept: the one seam between Redis and the process's own memory.

mod memory;
mod redis;

use std::time::Duration;

use async_trait::async_trait;

pub(crate) use self::{memory::MemoryStore, redis::RedisStore};
use crate::{QueueDepth, QueueError, QueueName};

/// How long a worker counts as alive after it last announced itself.
pub(crate) const PRESENCE_TTL: Duration = Duration::from_secs(30);

/// One worker's sign of life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Presence {
    /// Unique per start: host, process id, random part.
    pub(crate) worker: String,
    /// Its concurrency.
    pub(crate) slots: usize,
    /// Slots in use.
    pub(crate) running: usize,
}

/// What matters about a Redis server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerFacts {
    /// Its version.
    pub version: String,
    /// True when it keeps an append-only file.
    pub appends: bool,
    /// What it does when its memory is full, e.g. `noeviction`.
    pub eviction: String,
}

/// Lists of payloads, first in, first out.
#[async_trait]
pub(crate) trait Store: Send + Sync + 'static {
    /// Appends payloads and rings [`Topic::Ids`](crate::Topic::Ids) for the other processes.
    async fn push(&self, queue: QueueName, payloads: Vec<Vec<u8>>) -> Result<(), QueueError>;

    /// Removes and returns up to `limit` payloads, oldest first; empty when there is none. Does not wait.
    async fn take(&self, queue: QueueName, limit: usize) -> Result<Vec<Vec<u8>>, QueueError>;

    /// Puts payloads taken but never started back to the front, in their order, and rings.
    async fn give_back(&self, queue: QueueName, payloads: Vec<Vec<u8>>) -> Result<(), QueueError>;

    /// Counts the window and the live workers.
    async fn depth(&self, queue: QueueName) -> Result<QueueDepth, QueueError>;

    /// Says that a worker lives, for [`PRESENCE_TTL`].
    async fn announce(&self, queue: QueueName, presence: &Presence) -> Result<(), QueueError>;

    /// Says that a worker is gone.
    async fn withdraw(&self, queue: QueueName, worker: &str) -> Result<(), QueueError>;

    /// Whether the store answers.
    async fn ping(&self) -> Result<(), QueueError>;

    /// What kind of server it is; `None` in process.
    async fn facts(&self) -> Result<Option<ServerFacts>, QueueError> {
        Ok(None)
    }
}
