//! The feeder of the lookup queues: what each source has room for, interactive lookups first.

use std::sync::Arc;
use std::time::{Duration, Instant};

use aggregator_entities::repositories::lookups::{self, OfferTerms, Offered};
use aggregator_platform::Shutdown;
use aggregator_queue::{QueueName, Topic};

use crate::context::Context;
use crate::meters::Stage;
use crate::options::micros;
use crate::traces;

/// Most lookups offered or running at once, whatever the sources allow: far under what a queue holds without harm.
const WINDOW: u32 = 4_000;

/// The pause after rows that could not be read.
const READ_AGAIN: Duration = Duration::from_secs(1);

/// The pause after a push that failed.
const PUSH_AGAIN: Duration = Duration::from_millis(500);

/// Looks that offered bulk are at least so far apart from the next, and three times as long as they took: the reserves of the
/// sources last longer than that.
const APART: Duration = Duration::from_millis(15);

/// The longest pause between looks that offer bulk.
const APART_MOST: Duration = Duration::from_millis(100);

/// Feeds both lookup queues until the wish to stop. Every process runs one; a lock in the offering transaction makes them
/// take turns.
pub(crate) async fn feed(context: Arc<Context>, shutdown: Shutdown) {
    let subscribe = |name| context.backends.doorbell().subscribe(&Topic::Queue(name));
    let bells = [QueueName::LookupInteractive, QueueName::Lookup].map(subscribe);
    let [waited_for, bell] = bells;
    let mut bulk_from = Instant::now();
    while !shutdown.is_requested() {
        let looked = Instant::now();
        let with_bulk = looked >= bulk_from;
        let look = look(&context, with_bulk).await;
        if look.offered_bulk {
            bulk_from = looked + (looked.elapsed() * 3).clamp(APART, APART_MOST);
        }
        // Under load every commit rings; looks that come together are one. Whoever waits alone does not wait for that.
        let rest = bulk_from.saturating_duration_since(Instant::now());
        let ring = async {
            tokio::time::sleep(rest).await;
            // A look at the interactive lane alone has left bulk to this one.
            let pause = if with_bulk { look.pause.saturating_sub(rest) } else { Duration::ZERO };
            bell.rung_within(pause).await;
        };
        tokio::select! {
            _ = waited_for.rung_within(context.options.poll) => {}
            () = ring => {}
            () = shutdown.requested() => {}
        }
    }
}

/// What a look came to.
struct Look {
    offered_bulk: bool,
    /// How long to wait for a ring at most.
    pause: Duration,
}

/// Offers what is due, and pushes it.
async fn look(context: &Context, with_bulk: bool) -> Look {
    let began = Instant::now();
    let terms = OfferTerms {
        window: WINDOW,
        with_bulk,
        offer_micros: micros(context.options.offer),
        patience_micros: context.options.patience_micros(),
    };
    let poll = context.options.poll;
    match lookups::offer(&context.database, terms).await {
        Ok(Some(offered)) => {
            if !offered.interactive.is_empty() || !offered.bulk.is_empty() {
                context.meters.stage(QueueName::Lookup, Stage::Offer, began);
            }
            let again =
                offered.again_in.and_then(|again| u64::try_from(again).ok()).map(Duration::from_micros);
            let is_pushed = push(context, &offered).await;
            let pause = if is_pushed { poll } else { PUSH_AGAIN };
            let pause = again.map_or(pause, |again| again.min(pause));
            Look { offered_bulk: !offered.bulk.is_empty(), pause }
        }
        Ok(None) => Look { offered_bulk: false, pause: poll },
        Err(error) => {
            tracing::warn!(%error, "the feeder of lookups cannot read rows; it tries again");
            tokio::time::sleep(READ_AGAIN).await;
            Look { offered_bulk: false, pause: Duration::ZERO }
        }
    }
}

/// Pushes what was offered; false where some could not be and were taken back.
async fn push(context: &Context, offered: &Offered) -> bool {
    let mut is_pushed = true;
    let lanes = [(QueueName::LookupInteractive, &offered.interactive), (QueueName::Lookup, &offered.bulk)];
    for (name, ids) in lanes.into_iter().filter(|(_, ids)| !ids.is_empty()) {
        let traced = traces::push(context, name, ids).await;
        let Err(error) = context.backends.queue(name).push_envelopes(&traced.envelopes).await else {
            continue;
        };
        tracing::warn!(count = ids.len(), %error, "push failed; the offers are taken back");
        if let Err(error) = lookups::retract(&context.database, ids).await {
            tracing::warn!(%error, "offers could not be taken back; they run out");
        }
        is_pushed = false;
    }
    is_pushed
}
