//! The rows of the gate: claims with leases and fencing in a second Redis that nobody kills.

use std::{sync::LazyLock, time::Duration};

use redis::{AsyncCommands, Script, aio::MultiplexedConnection};

/// How long a claim holds. Production has 30 s; the gate is impatient.
pub(crate) const LEASE: Duration = Duration::from_secs(3);

static CLAIM: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local row = redis.call('HGET', 'rows', ARGV[1])
         local time = redis.call('TIME')
         local now = time[1] * 1000 + math.floor(time[2] / 1000)
         local attempt = 0
         if row == 'done' then redis.call('INCR', 'refused') return 0 end
         if row then
           local had, until_ms = string.match(row, '^(%d+) (%d+)$')
           if tonumber(until_ms) > now then redis.call('INCR', 'refused') return 0 end
           attempt = had
         end
         redis.call('HSET', 'rows', ARGV[1], string.format('%d %.0f', attempt + 1, now + ARGV[2]))
         redis.call('INCR', 'executions')
         return attempt + 1",
    )
});

static FINISH: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local row = redis.call('HGET', 'rows', ARGV[1])
         local attempt = row and string.match(row, '^(%d+) ')
         if not attempt or tonumber(attempt) ~= tonumber(ARGV[2]) then redis.call('INCR', 'stale') return 0 end
         redis.call('HSET', 'rows', ARGV[1], 'done')
         redis.call('RPUSH', 'finished', ARGV[1])
         return 1",
    )
});

/// A connection to the rows.
#[derive(Clone)]
pub(crate) struct Ledger {
    connection: MultiplexedConnection,
}

impl Ledger {
    pub(crate) async fn connect(url: &str) -> anyhow::Result<Self> {
        let client = redis::Client::open(url)?;
        Ok(Self { connection: client.get_multiplexed_async_connection().await? })
    }

    /// The attempt, or 0 when the row is somebody else's or done.
    pub(crate) async fn claim(&self, id: i64) -> anyhow::Result<i64> {
        let mut invocation = CLAIM.arg(id);
        invocation.arg(LEASE.as_millis().to_string());
        Ok(invocation.invoke_async(&mut self.connection.clone()).await?)
    }

    /// Writes the result, if the claim still stands.
    pub(crate) async fn finish(&self, id: i64, attempt: i64) -> anyhow::Result<bool> {
        let mut invocation = FINISH.arg(id);
        let written: i64 = invocation.arg(attempt).invoke_async(&mut self.connection.clone()).await?;
        Ok(written == 1)
    }

    /// Results written since the last time, in the order of their commits.
    pub(crate) async fn finished(&self) -> anyhow::Result<Vec<i64>> {
        let ids: Option<Vec<i64>> =
            redis::cmd("LPOP").arg("finished").arg(5_000).query_async(&mut self.connection.clone()).await?;
        Ok(ids.unwrap_or_default())
    }

    /// A counter: `executions`, `refused`, `stale`.
    pub(crate) async fn counter(&self, name: &str) -> anyhow::Result<u64> {
        let count: Option<u64> = self.connection.clone().get(name).await?;
        Ok(count.unwrap_or(0))
    }
}
