//! Rings of the other processes: one subscription connection, opened again for ever.

use std::{sync::Arc, time::Duration};

use futures::StreamExt;
use redis::{Msg, aio::PubSubSink};
use tokio::time::{MissedTickBehavior, timeout};
use tracing::{info, warn};
use uuid::Uuid;

use super::{Listeners, Topic};
use crate::{
    backoff::Backoff,
    redis_link::{CONNECT_TIMEOUT, RESPONSE_TIMEOUT, RedisLink},
};

/// How often the silent connection is asked whether it lives: a vanished peer says nothing by itself.
const PING_EVERY: Duration = Duration::from_secs(15);

/// Why a subscription ended; every reason leads to the next attempt.
#[derive(Debug, thiserror::Error)]
enum Ended {
    #[error("{0}")]
    Redis(#[from] redis::RedisError),
    #[error("Redis did not answer in time")]
    Silent(#[from] tokio::time::error::Elapsed),
    #[error("Redis closed the subscription")]
    Closed,
}

/// Listens until aborted.
pub(super) async fn run(link: RedisLink, listeners: Arc<Listeners>, sender: Uuid) {
    let mut backoff = Backoff::default();
    loop {
        let ended = listen(&link, &listeners, sender, &mut backoff).await;
        if backoff.failures() == 0 {
            warn!(reason = %ended, "the doorbell's subscription broke; polling every few seconds until it is back");
        }
        tokio::time::sleep(backoff.next_pause()).await;
    }
}

/// One subscription from its begin to its end.
async fn listen(link: &RedisLink, listeners: &Listeners, sender: Uuid, backoff: &mut Backoff) -> Ended {
    let (mut sink, mut messages) = match subscribe(link).await {
        Ok(open) => open,
        Err(ended) => return ended,
    };
    if backoff.failures() > 0 {
        info!("the doorbell's subscription is back");
    }
    backoff.reset();
    // Whatever was rung while nobody listened: everybody looks once.
    listeners.ring_all();
    let prefix = link.channel_prefix();
    let mut ping = tokio::time::interval_at(tokio::time::Instant::now() + PING_EVERY, PING_EVERY);
    ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            message = messages.next() => match message {
                Some(message) => hear(&message, &prefix, listeners, sender),
                None => return Ended::Closed,
            },
            _ = ping.tick() => {
                if let Err(ended) = alive(&mut sink).await {
                    return ended;
                }
            }
        }
    }
}

async fn subscribe(link: &RedisLink) -> Result<(PubSubSink, redis::aio::PubSubStream), Ended> {
    let (mut sink, messages) = timeout(CONNECT_TIMEOUT, link.client.get_async_pubsub()).await??.split();
    timeout(RESPONSE_TIMEOUT, sink.psubscribe(glob(&link.channel_prefix()))).await??;
    Ok((sink, messages))
}

async fn alive(sink: &mut PubSubSink) -> Result<(), Ended> {
    let _: redis::Value = timeout(RESPONSE_TIMEOUT, sink.ping()).await??;
    Ok(())
}

/// A pattern for everything that begins with `prefix`, whatever characters an operator chose for it.
fn glob(prefix: &str) -> String {
    let mut pattern = String::with_capacity(prefix.len() + 8);
    for character in prefix.chars() {
        if matches!(character, '*' | '?' | '[' | ']' | '^' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('*');
    pattern
}

/// Passes a ring on, unless it is this process's own: that one rang here already.
fn hear(message: &Msg, prefix: &str, listeners: &Listeners, sender: Uuid) {
    if message.get_payload_bytes() == sender.as_bytes() {
        return;
    }
    let topic = message.get_channel_name().strip_prefix(prefix).and_then(Topic::parse);
    if let Some(topic) = topic {
        listeners.ring(&topic);
    }
}

#[cfg(test)]
mod tests {
    use super::glob;

    #[test]
    fn a_prefix_is_taken_literally() {
        assert_eq!(glob("a[1]*:bell:"), r"a\[1\]\*:bell:*");
    }
}
