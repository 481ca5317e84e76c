//! A prefix of one test's own on the shared Redis.

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
