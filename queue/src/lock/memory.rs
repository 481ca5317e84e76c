//! Leases in this process's memory.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use tokio::time::Instant;

use super::Leases;
use crate::QueueError;

#[derive(Debug)]
struct Held {
    token: String,
    until: Instant,
}

/// All leases of one process.
#[derive(Debug, Default)]
pub(super) struct MemoryLeases {
    held: Mutex<HashMap<String, Held>>,
}

impl MemoryLeases {
    fn held(&self) -> MutexGuard<'_, HashMap<String, Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Leases for MemoryLeases {
    async fn claim(&self, name: &str, token: &str, ttl: Duration) -> Result<bool, QueueError> {
        let now = Instant::now();
        let mut held = self.held();
        // Leases left to run out are forgotten here, so the map is bounded by the names in use.
        held.retain(|_, lease| lease.until > now);
        if held.contains_key(name) {
            return Ok(false);
        }
        held.insert(name.to_owned(), Held { token: token.to_owned(), until: now + ttl });
        Ok(true)
    }

    async fn renew(&self, name: &str, token: &str, ttl: Duration) -> Result<bool, QueueError> {
        let now = Instant::now();
        match self.held().get_mut(name) {
            Some(lease) if lease.token == token && lease.until > now => {
                lease.until = now + ttl;
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    async fn release(&self, name: &str, token: &str) -> Result<(), QueueError> {
        let mut held = self.held();
        if held.get(name).is_some_and(|lease| lease.token == token) {
            held.remove(name);
        }
        Ok(())
    }
}
