//! Rings on their way to Redis: a set of topics, sent in one pipeline, kept until they went out.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::Notify;
use tracing::{info, warn};
use uuid::Uuid;

use super::Topic;
use crate::{backoff::Backoff, redis_link::RedisLink};

/// Topics kept while Redis is away. Beyond it rings are dropped, which costs their listeners a safety poll.
const OUTBOX_LIMIT: usize = 10_000;
/// Pause after each send: the first ring goes out at once, a stream of them becomes 200 pipelines a second.
const GATHER: Duration = Duration::from_millis(5);

/// The topics to ring; each at most once, however often it was rung.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    topics: Mutex<BTreeSet<Topic>>,
    added: Notify,
}

impl Outbox {
    /// Adds a topic and wakes the sender.
    pub(super) fn add(&self, topic: Topic) {
        {
            let mut topics = self.topics.lock().unwrap_or_else(PoisonError::into_inner);
            if topics.len() < OUTBOX_LIMIT {
                topics.insert(topic);
            }
        }
        self.added.notify_one();
    }

    fn take(&self) -> BTreeSet<Topic> {
        std::mem::take(&mut self.topics.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Sends rings until aborted.
pub(super) async fn run(link: RedisLink, outbox: Arc<Outbox>, sender: Uuid) {
    let mut backoff = Backoff::default();
    loop {
        outbox.added.notified().await;
        let topics = outbox.take();
        if topics.is_empty() {
            continue;
        }
        let mut pipeline = redis::pipe();
        for topic in &topics {
            pipeline.publish(link.channel(&topic.to_string()), sender.as_bytes()).ignore();
        }
        let sent: Result<(), redis::RedisError> = pipeline.query_async(&mut link.connection.clone()).await;
        match sent {
            Ok(()) => {
                if backoff.failures() > 0 {
                    info!("rings reach the other processes again");
                }
                backoff.reset();
                tokio::time::sleep(GATHER).await;
            }
            Err(error) => {
                if backoff.failures() == 0 {
                    warn!(%error, "rings do not reach the other processes; they poll every few seconds instead");
                }
                for topic in topics {
                    outbox.add(topic);
                }
                tokio::time::sleep(backoff.next_pause()).await;
            }
        }
    }
}
