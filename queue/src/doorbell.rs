//! The doorbell: "look again", and never what for.
//!
//! A ring reaches this process's subscribers at once and, with Redis, those of the other processes through one
//! subscription per process. Rings are coalesced: a subscriber that was rung five times while it worked looks once
//! more. A ring that is lost costs a [`SAFETY_POLL`].

mod listeners;
mod publisher;
mod subscription;
mod topic;

use std::{sync::Arc, time::Duration};

use tokio::task::AbortHandle;
use uuid::Uuid;

pub use self::{listeners::Bell, topic::Topic};
use self::{listeners::Listeners, publisher::Outbox};
use crate::redis_link::RedisLink;

/// How long anybody who waits for a ring may wait at most before looking without one.
pub const SAFETY_POLL: Duration = Duration::from_secs(5);

/// Rings and listens; cheap to clone. The last clone's drop ends the background tasks.
#[derive(Clone)]
pub struct Doorbell {
    inner: Arc<Inner>,
}

struct Inner {
    listeners: Arc<Listeners>,
    remote: Option<Remote>,
}

/// The Redis half: rings on their way out, and the tasks that carry rings both ways.
struct Remote {
    outbox: Arc<Outbox>,
    tasks: [AbortHandle; 2],
}

impl Drop for Remote {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl Doorbell {
    /// A doorbell of this process alone.
    pub(crate) fn in_process() -> Self {
        Self { inner: Arc::new(Inner { listeners: Arc::default(), remote: None }) }
    }

    /// A doorbell that also rings and hears the other processes; `sender` is this process's mark on its rings.
    pub(crate) fn through_redis(link: &RedisLink, sender: Uuid) -> Self {
        let listeners = Arc::<Listeners>::default();
        let outbox = Arc::<Outbox>::default();
        let publish = tokio::spawn(publisher::run(link.clone(), Arc::clone(&outbox), sender));
        let listen = tokio::spawn(subscription::run(link.clone(), Arc::clone(&listeners), sender));
        let tasks = [publish.abort_handle(), listen.abort_handle()];
        Self { inner: Arc::new(Inner { listeners, remote: Some(Remote { outbox, tasks }) }) }
    }

    /// Rings a topic everywhere: after the commit, never before it. Never waits and never fails; when Redis is
    /// down the ring is kept and delivered once it is back.
    pub fn ring(&self, topic: &Topic) {
        self.ring_here(topic);
        if let Some(remote) = &self.inner.remote {
            remote.outbox.add(topic.clone());
        }
    }

    /// Rings this process's subscribers only.
    pub(crate) fn ring_here(&self, topic: &Topic) {
        self.inner.listeners.ring(topic);
    }

    /// Subscribes: every ring from now on is kept (as one) until the bell is asked. Subscribe before the first
    /// look, then nothing is missed.
    pub fn subscribe(&self, topic: &Topic) -> Bell {
        Bell::new(topic.clone(), Arc::clone(&self.inner.listeners))
    }
}
