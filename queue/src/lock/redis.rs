//! Leases in Redis: `SET NX PX` with a token; renewal and release compare it in a script.

use std::{sync::LazyLock, time::Duration};

use async_trait::async_trait;
use redis::Script;

use super::Leases;
use crate::{QueueError, redis_link::RedisLink};

static RENEW: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
         return 0",
    )
});

static RELEASE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0",
    )
});

/// All leases of an installation.
pub(super) struct RedisLeases {
    link: RedisLink,
}

impl RedisLeases {
    pub(super) fn new(link: RedisLink) -> Self {
        Self { link }
    }
}

/// Milliseconds as Redis takes them.
fn milliseconds(ttl: Duration) -> u64 {
    u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX / 2)
}

#[async_trait]
impl Leases for RedisLeases {
    async fn claim(&self, name: &str, token: &str, ttl: Duration) -> Result<bool, QueueError> {
        let mut command = redis::cmd("SET");
        command.arg(self.link.lock_key(name)).arg(token).arg("NX").arg("PX").arg(milliseconds(ttl));
        let answer: Option<String> = command.query_async(&mut self.link.connection.clone()).await?;
        Ok(answer.is_some())
    }

    async fn renew(&self, name: &str, token: &str, ttl: Duration) -> Result<bool, QueueError> {
        let mut invocation = RENEW.key(self.link.lock_key(name));
        invocation.arg(token).arg(milliseconds(ttl));
        let renewed: i64 = invocation.invoke_async(&mut self.link.connection.clone()).await?;
        Ok(renewed == 1)
    }

    async fn release(&self, name: &str, token: &str) -> Result<(), QueueError> {
        let mut invocation = RELEASE.key(self.link.lock_key(name));
        let _: i64 = invocation.arg(token).invoke_async(&mut self.link.connection.clone()).await?;
        Ok(())
    }
}
