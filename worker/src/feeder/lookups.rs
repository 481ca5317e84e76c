//! The feeder of the lookup queues: what each source has room for, interactive lookups first.

use std::sync::Arc;
use std::time::{Duration, Instant};

use aggregator_entities::repositories::lookups::{self, OfferTerms, Offered};
use aggregator_platform::Shutdown;
use aggregator_queue::{QueueName, Topic};

use crate::context::Context;
use crate::meters::Stage;
use crate::options::micros;

/// Most lookups offered or running at once, whatever the sources allow: far under what a queue holds without harm.
const WINDOW: u32 = 4_000;

/// The pause after a push that failed.
const PUSH_AGAIN: Duration = Duration::from_millis(500);

/// Looks that offered bulk are at least so far apart from the next.
const APART: Duration = Duration::from_millis(15);

/// Feeds both lookup queues until the wish to stop. Every process runs one; a lock in the offering transaction makes them
/// take turns.
pub(crate) async fn feed(context: Arc<Context>, shutdown: Shutdown) {
    let bell = context.backends.doorbell().subscribe(&Topic::Queue(QueueName::Lookup));
    let queues = [QueueName::LookupInteractive, QueueName::Lookup].map(|name| context.backends.queue(name));
    let terms = OfferTerms {
        window: WINDOW,
        offer_micros: micros(context.options.offer),
        patience_micros: micros(context.options.remote.patience),
    };
    while !shutdown.is_requested() {
        let looked = Instant::now();
        let mut is_busy = false;
        let offer = lookups::offer(&context.database, terms).await;
        let pause = match offer {
            Ok(Some(Offered { interactive, bulk, again_in })) => {
                if !interactive.is_empty() || !bulk.is_empty() {
                    context.meters.stage(QueueName::Lookup, Stage::Offer, looked);
                }
                is_busy = !bulk.is_empty();
                let mut pause = context.options.poll;
                for (queue, ids) in queues.iter().zip([&interactive, &bulk]) {
                    if !ids.is_empty()
                        && let Err(error) = queue.push(ids).await
                    {
                        tracing::warn!(count = ids.len(), %error, "push failed; the offers are taken back");
                        if let Err(error) = lookups::retract(&context.database, ids).await {
                            tracing::warn!(%error, "offers could not be taken back; they run out");
                        }
                        pause = PUSH_AGAIN;
                    }
                }
                let again = again_in.and_then(|again| u64::try_from(again).ok()).map(Duration::from_micros);
                again.map_or(pause, |again| again.min(pause))
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
        // Under load every commit rings; looks that come together are one. Whoever waits alone does not wait for that.
        if is_busy {
            tokio::time::sleep(APART.saturating_sub(looked.elapsed())).await;
        }
    }
}
