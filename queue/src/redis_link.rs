//! The way to Redis: one shared, reconnecting connection per process, and the names of all keys.

use std::time::Duration;

use redis::{
    Client,
    aio::{ConnectionManager, ConnectionManagerConfig},
};

use crate::{QueueError, QueueName};

/// A slow Redis (a fork for AOF, a stalled disk) is waited for; the driver's own default is half a second.
pub(crate) const RESPONSE_TIMEOUT: Duration = Duration::from_secs(10);
/// Time to open a connection.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// A client, a shared connection and the prefix that keeps installations and tests apart.
#[derive(Clone)]
pub(crate) struct RedisLink {
    pub(crate) client: Client,
    pub(crate) connection: ConnectionManager,
    pub(crate) prefix: String,
}

impl RedisLink {
    /// Checks the address and prepares the connection; it is opened by its first use, so that a process can start
    /// while Redis is down. Must be called within a Tokio runtime.
    pub(crate) fn new(url: &str, prefix: &str) -> Result<Self, QueueError> {
        let client = Client::open(url)?;
        let config = ConnectionManagerConfig::new()
            .set_response_timeout(Some(RESPONSE_TIMEOUT))
            .set_connection_timeout(Some(CONNECT_TIMEOUT))
            // Callers wait and try again themselves: a command must not hang through a long outage.
            .set_number_of_retries(1)
            .set_max_delay(Duration::from_millis(200));
        let connection = client.get_connection_manager_lazy(config)?;
        Ok(Self { client, connection, prefix: prefix.to_owned() })
    }

    /// A key of a queue. The braces put all keys of a queue into one slot of a cluster.
    pub(crate) fn queue_key(&self, queue: QueueName, part: &str) -> String {
        format!("{{{}:queue:{queue}}}:{part}", self.prefix)
    }

    /// The key of a lease.
    pub(crate) fn lock_key(&self, name: &str) -> String {
        format!("{}:lock:{name}", self.prefix)
    }

    /// The channel of a topic.
    pub(crate) fn channel(&self, topic: &str) -> String {
        format!("{}{topic}", self.channel_prefix())
    }

    /// What all channels of this installation begin with.
    pub(crate) fn channel_prefix(&self) -> String {
        format!("{}:bell:", self.prefix)
    }
}
