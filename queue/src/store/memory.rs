//! The window in this process's memory: for the embedded mode, where rows are the outbox and nothing else listens.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;

use super::{Presence, Store};
use crate::{QueueDepth, QueueError, QueueName};

/// Payloads and workers of one queue.
#[derive(Debug, Default)]
struct Window {
    waiting: VecDeque<Vec<u8>>,
    workers: HashMap<String, Presence>,
}

/// All queues of one process. A worker here cannot die without its process, so presence has no expiry.
#[derive(Debug, Default)]
pub(crate) struct MemoryStore {
    windows: Mutex<HashMap<QueueName, Window>>,
}

impl MemoryStore {
    fn windows(&self) -> MutexGuard<'_, HashMap<QueueName, Window>> {
        // Nothing below can panic half-way through a change, so a poisoned lock still guards whole data.
        self.windows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn push(&self, queue: QueueName, payloads: Vec<Vec<u8>>) -> Result<(), QueueError> {
        self.windows().entry(queue).or_default().waiting.extend(payloads);
        Ok(())
    }

    async fn take(&self, queue: QueueName, limit: usize) -> Result<Vec<Vec<u8>>, QueueError> {
        let mut windows = self.windows();
        let waiting = &mut windows.entry(queue).or_default().waiting;
        let count = limit.min(waiting.len());
        Ok(waiting.drain(..count).collect())
    }

    async fn give_back(&self, queue: QueueName, payloads: Vec<Vec<u8>>) -> Result<(), QueueError> {
        let mut windows = self.windows();
        let waiting = &mut windows.entry(queue).or_default().waiting;
        for payload in payloads.into_iter().rev() {
            waiting.push_front(payload);
        }
        Ok(())
    }

    async fn depth(&self, queue: QueueName) -> Result<QueueDepth, QueueError> {
        let mut windows = self.windows();
        let window = windows.entry(queue).or_default();
        let sum = |count: fn(&Presence) -> usize| window.workers.values().map(count).sum::<usize>() as u64;
        Ok(QueueDepth {
            waiting: window.waiting.len() as u64,
            in_flight: sum(|worker| worker.running),
            slots: sum(|worker| worker.slots),
            workers: window.workers.len() as u64,
        })
    }

    async fn announce(&self, queue: QueueName, presence: &Presence) -> Result<(), QueueError> {
        let mut windows = self.windows();
        let workers = &mut windows.entry(queue).or_default().workers;
        workers.insert(presence.worker.clone(), presence.clone());
        Ok(())
    }

    async fn withdraw(&self, queue: QueueName, worker: &str) -> Result<(), QueueError> {
        self.windows().entry(queue).or_default().workers.remove(worker);
        Ok(())
    }

    async fn ping(&self) -> Result<(), QueueError> {
        Ok(())
    }
}
