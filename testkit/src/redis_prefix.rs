//! A prefix of one test's own on the shared Redis.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::StreamExt;

use crate::services::{HOW_TO_START, redis_url};

/// A prefix for keys and channels that nobody else uses. Dropping it deletes every key that begins with it.
#[derive(Debug)]
pub struct RedisPrefix {
    url: String,
    prefix: String,
}

impl RedisPrefix {
    /// A new prefix, `test:` and 32 hex digits and `:`, on the test server ([`redis_url`]).
    ///
    /// # Panics
    /// Where the server does not answer, with what to do.
    pub fn new() -> Self {
        let url = redis_url();
        if let Err(error) = keys(&url, "ping:*") {
            panic!("Redis does not answer at {url} ({error}): {HOW_TO_START}");
        }
        Self { url, prefix: format!("test:{}:", uuid::Uuid::new_v4().simple()) }
    }

    /// A `REDIS_URL`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What every key and channel of the test begins with.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The keys there are now, sorted.
    pub fn keys(&self) -> Vec<String> {
        let mut keys = keys(&self.url, &format!("{}*", self.prefix)).expect("Redis lists its keys");
        keys.sort();
        keys
    }
}

/// What is pushed into the queues of a prefix from the start of this on.
#[derive(Debug)]
pub struct Pushed {
    commands: Arc<Mutex<Vec<String>>>,
    watching: tokio::task::JoinHandle<()>,
}

impl Pushed {
    /// Every push into a queue so far, as `MONITOR` shows it; waits for the first.
    pub async fn into_queue(&self, queue: &str) -> Vec<String> {
        let key = format!("queue:{queue}}}");
        loop {
            let mut commands = self.commands.lock().unwrap_or_else(PoisonError::into_inner).clone();
            commands.retain(|command| command.contains(&key));
            if !commands.is_empty() {
                return commands;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

impl Drop for Pushed {
    fn drop(&mut self) {
        self.watching.abort();
    }
}

impl RedisPrefix {
    /// Begins to watch what is pushed.
    ///
    /// # Panics
    /// Where the server does not answer.
    pub async fn watch(&self) -> Pushed {
        let client = redis::Client::open(self.url.as_str()).expect("a URL of Redis");
        let monitor = client.get_async_monitor().await.expect("Redis answers");
        let commands = Arc::new(Mutex::new(Vec::new()));
        let (seen, prefix) = (Arc::clone(&commands), self.prefix.clone());
        let watching = tokio::spawn(async move {
            let mut all = monitor.into_on_message::<String>();
            while let Some(command) = all.next().await {
                if command.contains(&prefix) && command.contains("\"RPUSH\"") {
                    seen.lock().unwrap_or_else(PoisonError::into_inner).push(command);
                }
            }
        });
        Pushed { commands, watching }
    }
}

impl Default for RedisPrefix {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for RedisPrefix {
    fn drop(&mut self) {
        // The test has its answer already; keys that stay behind are nobody else's.
        let _ = keys(&self.url, &format!("{}*", self.prefix)).and_then(|keys| delete(&self.url, &keys));
    }
}

fn keys(url: &str, pattern: &str) -> redis::RedisResult<Vec<String>> {
    let mut connection = redis::Client::open(url)?.get_connection()?;
    redis::Commands::scan_match(&mut connection, pattern)?.collect()
}

fn delete(url: &str, keys: &[String]) -> redis::RedisResult<()> {
    if keys.is_empty() {
        return Ok(());
    }
    redis::Commands::del(&mut redis::Client::open(url)?.get_connection()?, keys)
}
