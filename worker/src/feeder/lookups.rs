//! The feeder of the lookup queues: what each source has room for, interactive lookups first.

use std::sync::Arc;
use std::time::Duration;

use aggregator_entities::repositories::lookups::{self, Offered};
use aggregator_platform::Shutdown;
use aggregator_queue::{QueueName, Topic};

use crate::context::Context;
use crate::options::micros;

/// Most lookups offered or running at once, whatever the sources allow: far under what a queue holds without harm.
const WINDOW: u32 = 4_000;

/// Feeds both lookup queues until the wish to stop. Every process runs one; a lock in the offering transaction makes them
/// take turns.
pub(crate) async fn feed(context: Arc<Context>, shutdown: Shutdown) {
    let bell = context.backends.doorbell().subscribe(&Topic::Queue(QueueName::Lookup));
    let queues = [QueueName::LookupInteractive, QueueName::Lookup].map(|name| context.backends.queue(name));
    while !shutdown.is_requested() {
        let offer = lookups::offer(&context.database, WINDOW, micros(context.options.offer)).await;
        let pause = match offer {
            Ok(Some(Offered { interactive, bulk, again_in })) => {
                for (queue, ids) in queues.iter().zip([&interactive, &bulk]) {
                    if !ids.is_empty()
                        && let Err(error) = queue.push(ids).await
                    {
                        tracing::warn!(count = ids.len(), %error, "push failed; the offers run out and are made again");
                    }
                }
                let again = again_in.and_then(|again| u64::try_from(again).ok()).map(Duration::from_micros);
                again.map_or(context.options.poll, |again| again.min(context.options.poll))
            }
            Ok(None) => context.options.poll,
            Err(error) => {
                tracing::warn!(%error, "the feeder of lookups cannot read rows; it tries again");
                Duration::from_secs(1)
            }
        };
        tokio::select! {
            _ = bell.rung_within(pause) => {}
            () = shutdown.requested() => {}
        }
    }
}
