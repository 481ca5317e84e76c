//! Leases: "one process does this at a time", for what is merely wasteful when two do it.
//!
//! A lease can run out while its holder sleeps, so it never guards correctness: that is the rows' fencing.

mod memory;
mod redis;

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use uuid::Uuid;

use self::{memory::MemoryLeases, redis::RedisLeases};
use crate::{QueueError, redis_link::RedisLink};

/// Where leases are kept. `token` is the holder's secret: nobody else can renew or release.
#[async_trait]
trait Leases: Send + Sync {
    async fn claim(&self, name: &str, token: &str, ttl: Duration) -> Result<bool, QueueError>;
    async fn renew(&self, name: &str, token: &str, ttl: Duration) -> Result<bool, QueueError>;
    async fn release(&self, name: &str, token: &str) -> Result<(), QueueError>;
}

/// Hands out leases; cheap to clone.
#[derive(Clone)]
pub struct Locks {
    leases: Arc<dyn Leases>,
}

impl Locks {
    pub(crate) fn in_process() -> Self {
        Self { leases: Arc::new(MemoryLeases::default()) }
    }

    pub(crate) fn through_redis(link: RedisLink) -> Self {
        Self { leases: Arc::new(RedisLeases::new(link)) }
    }

    /// Takes the lease of that name for `ttl` (at least 1 ms); `None` when somebody holds it.
    pub async fn try_acquire(&self, name: &str, ttl: Duration) -> Result<Option<Lease>, QueueError> {
        let ttl = ttl.max(Duration::from_millis(1));
        let token = Uuid::new_v4().to_string();
        if !self.leases.claim(name, &token, ttl).await? {
            return Ok(None);
        }
        Ok(Some(Lease { name: name.to_owned(), token, ttl, leases: Some(Arc::clone(&self.leases)) }))
    }
}

/// A lease held. Renew it at a third of its time; dropping it gives it back in the background.
pub struct Lease {
    name: String,
    token: String,
    ttl: Duration,
    /// `None` once released.
    leases: Option<Arc<dyn Leases>>,
}

impl Lease {
    /// Prolongs the lease to a full `ttl` from now. False: it ran out, stop what it stood for.
    pub async fn renew(&self) -> Result<bool, QueueError> {
        match &self.leases {
            Some(leases) => leases.renew(&self.name, &self.token, self.ttl).await,
            None => Ok(false),
        }
    }

    /// Gives the lease back now. On an error it runs out by itself after its time.
    pub async fn release(mut self) -> Result<(), QueueError> {
        match self.leases.take() {
            Some(leases) => leases.release(&self.name, &self.token).await,
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Lease {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Lease")
            .field("name", &self.name)
            .field("ttl", &self.ttl)
            .finish_non_exhaustive()
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let (Some(leases), Ok(runtime)) = (self.leases.take(), tokio::runtime::Handle::try_current()) else {
            return;
        };
        let (name, token) = (std::mem::take(&mut self.name), std::mem::take(&mut self.token));
        runtime.spawn(async move {
            if let Err(error) = leases.release(&name, &token).await {
                tracing::debug!(%error, lock.name = name, "a dropped lease was not given back; it runs out by itself");
            }
        });
    }
}
