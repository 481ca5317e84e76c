//! The window in Redis: a list of payloads and a hash of live workers per queue, nothing per job.
//!
//! Taking is a plain `LPOP`: whoever popped an id and died leaves it to the row's offer to run out, so there is no
//! second bookkeeping of leases here that could disagree with the rows.

use std::sync::LazyLock;

use async_trait::async_trait;
use redis::{AsyncCommands, Script};
use uuid::Uuid;

use super::{PRESENCE_TTL, Presence, ServerFacts, Store};
use crate::{QueueDepth, QueueError, QueueName, Topic, redis_link::RedisLink};

/// Payloads per `RPUSH`: keeps one command far under a millisecond of Redis' time.
const PUSH_STEP: usize = 500;

/// Writes "alive until, slots, running" of one worker by Redis' own clock.
static ANNOUNCE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local time = redis.call('TIME')
         local until_ms = time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[2]
         redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f %d %d', until_ms, ARGV[3], ARGV[4]))
         return 1",
    )
});

/// Counts the list and the live workers, and forgets the dead ones.
static DEPTH: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local time = redis.call('TIME')
         local now = time[1] * 1000 + math.floor(time[2] / 1000)
         local running, slots, live = 0, 0, 0
         local workers = redis.call('HGETALL', KEYS[2])
         for i = 1, #workers, 2 do
           local until_ms, has, runs = string.match(workers[i + 1], '^(%d+) (%d+) (%d+)$')
           if until_ms and tonumber(until_ms) > now then
             running, slots, live = running + runs, slots + has, live + 1
           else
             redis.call('HDEL', KEYS[2], workers[i])
           end
         end
         return {redis.call('LLEN', KEYS[1]), running, slots, live}",
    )
});

/// All queues of an installation.
pub(crate) struct RedisStore {
    link: RedisLink,
    /// Sent with rings so that this process does not answer its own.
    sender: Uuid,
}

impl RedisStore {
    /// Uses a prepared connection; `sender` is the doorbell's.
    pub(crate) fn new(link: RedisLink, sender: Uuid) -> Self {
        Self { link, sender }
    }

    fn waiting(&self, queue: QueueName) -> String {
        self.link.queue_key(queue, "waiting")
    }

    fn workers(&self, queue: QueueName) -> String {
        self.link.queue_key(queue, "workers")
    }

    fn bell(&self, queue: QueueName) -> String {
        self.link.channel(&Topic::Ids(queue).to_string())
    }
}

#[async_trait]
impl Store for RedisStore {
    async fn push(&self, queue: QueueName, payloads: Vec<Vec<u8>>) -> Result<(), QueueError> {
        let key = self.waiting(queue);
        let mut pipeline = redis::pipe();
        for step in payloads.chunks(PUSH_STEP) {
            pipeline.rpush(&key, step).ignore();
        }
        pipeline.publish(self.bell(queue), self.sender.as_bytes()).ignore();
        Ok(pipeline.query_async(&mut self.link.connection.clone()).await?)
    }

    async fn take(&self, queue: QueueName, limit: usize) -> Result<Vec<Vec<u8>>, QueueError> {
        let mut command = redis::cmd("LPOP");
        command.arg(self.waiting(queue)).arg(limit);
        let taken: Option<Vec<Vec<u8>>> = command.query_async(&mut self.link.connection.clone()).await?;
        Ok(taken.unwrap_or_default())
    }

    async fn give_back(&self, queue: QueueName, payloads: Vec<Vec<u8>>) -> Result<(), QueueError> {
        let reversed: Vec<Vec<u8>> = payloads.into_iter().rev().collect();
        let mut pipeline = redis::pipe();
        pipeline.lpush(self.waiting(queue), reversed).ignore();
        pipeline.publish(self.bell(queue), self.sender.as_bytes()).ignore();
        Ok(pipeline.query_async(&mut self.link.connection.clone()).await?)
    }

    async fn depth(&self, queue: QueueName) -> Result<QueueDepth, QueueError> {
        let counts: (u64, u64, u64, u64) = DEPTH
            .key(self.waiting(queue))
            .key(self.workers(queue))
            .invoke_async(&mut self.link.connection.clone())
            .await?;
        let (waiting, in_flight, slots, workers) = counts;
        Ok(QueueDepth { waiting, in_flight, slots, workers })
    }

    async fn announce(&self, queue: QueueName, presence: &Presence) -> Result<(), QueueError> {
        let _: i64 = ANNOUNCE
            .key(self.workers(queue))
            .arg(&presence.worker)
            .arg(PRESENCE_TTL.as_millis().to_string())
            .arg(presence.slots)
            .arg(presence.running)
            .invoke_async(&mut self.link.connection.clone())
            .await?;
        Ok(())
    }

    async fn withdraw(&self, queue: QueueName, worker: &str) -> Result<(), QueueError> {
        Ok(self.link.connection.clone().hdel(self.workers(queue), worker).await?)
    }

    async fn facts(&self) -> Result<Option<ServerFacts>, QueueError> {
        let info: String = redis::cmd("INFO").query_async(&mut self.link.connection.clone()).await?;
        Ok(Some(facts(&info)))
    }

    async fn ping(&self) -> Result<(), QueueError> {
        Ok(redis::cmd("PING").exec_async(&mut self.link.connection.clone()).await?)
    }
}

/// Reads the text of `INFO`: `field:value` lines.
fn facts(info: &str) -> ServerFacts {
    let field =
        |name: &str| info.lines().find_map(|line| line.trim_end().strip_prefix(name)?.strip_prefix(':'));
    ServerFacts {
        version: field("redis_version").unwrap_or("of an unknown version").to_owned(),
        appends: field("aof_enabled") == Some("1"),
        eviction: field("maxmemory_policy").unwrap_or("unknown").to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{ServerFacts, facts};

    #[test]
    fn a_server_is_known_by_its_info() {
        let info = "# Server\r\nredis_version:7.0.15\r\n# Memory\r\nmaxmemory_policy:allkeys-lru\r\naof_enabled:1\r\n";
        let known =
            ServerFacts { version: "7.0.15".to_owned(), appends: true, eviction: "allkeys-lru".to_owned() };
        assert_eq!(facts(info), known);
        assert!(!facts("aof_enabled:0\r\n").appends);
    }
}
