//! The feeder: the only one that pushes. It keeps the window of a lane full, and the window is all Redis ever holds.

pub(crate) mod lookups;

use std::sync::Arc;
use std::time::{Duration, Instant};

use aggregator_entities::StoreError;
use aggregator_entities::repositories::units::{self, Lane, Offer};
use aggregator_entities::repositories::workers;
use aggregator_platform::Shutdown;

use crate::context::Context;
use crate::lanes::{due, queue_of};
use crate::meters::Stage;
use crate::options::micros;
use crate::traces;

/// How long a count of worker slots is used.
const SLOTS_FRESH: Duration = Duration::from_secs(2);

/// Feeds one lane until the wish to stop. Every process runs one; a lock in the offering transaction makes them take turns.
pub(crate) async fn feed(context: Arc<Context>, lane: Lane, shutdown: Shutdown) {
    let bell = context.backends.doorbell().subscribe(&due(lane));
    let queue = context.backends.queue(queue_of(lane));
    let mut window = Window::default();
    while !shutdown.is_requested() {
        let began = Instant::now();
        match offer(&context, lane, &mut window).await {
            Ok(Offer::Offered(ids)) if !ids.is_empty() => {
                context.meters.stage(queue_of(lane), Stage::Offer, began);
                tracing::debug!(queue = %queue_of(lane), count = ids.len(), "offered");
                let push = traces::push(&context, queue_of(lane), &ids).await;
                if let Err(error) = queue.push_envelopes(&push.envelopes).await {
                    tracing::warn!(queue = %queue_of(lane), count = ids.len(), %error, "push failed; the offers run out and are made again");
                    pause(&shutdown, Duration::from_millis(500)).await;
                }
            }
            Ok(Offer::Offered(_) | Offer::NotOurTurn) => {
                tokio::select! {
                    _ = bell.rung_within(context.options.poll) => {}
                    () = shutdown.requested() => {}
                }
            }
            Err(error) => {
                tracing::warn!(queue = %queue_of(lane), %error, "the feeder cannot read rows; it tries again");
                pause(&shutdown, Duration::from_secs(1)).await;
            }
        }
    }
}

async fn pause(shutdown: &Shutdown, time: Duration) {
    tokio::select! {
        () = tokio::time::sleep(time) => {}
        () = shutdown.requested() => {}
    }
}

async fn offer(context: &Context, lane: Lane, window: &mut Window) -> Result<Offer, StoreError> {
    let slots = window.slots(context, lane).await?;
    let room = slots.saturating_mul(context.options.window_per_slot).max(1);
    units::offer(&context.database, lane, room, micros(context.options.offer)).await
}

/// Slots of all live workers, counted now and then.
#[derive(Debug, Default)]
struct Window {
    counted: Option<(Instant, u32)>,
}

impl Window {
    async fn slots(&mut self, context: &Context, lane: Lane) -> Result<u32, StoreError> {
        if lane == Lane::Task {
            return Ok(4);
        }
        if let Some((at, slots)) = self.counted
            && at.elapsed() < SLOTS_FRESH
        {
            return Ok(slots);
        }
        let own = i64::try_from(context.options.screen_slots()).unwrap_or(1);
        let all = workers::slots(&context.database, workers::FRESH).await?.max(own);
        let slots = u32::try_from(all).unwrap_or(u32::MAX);
        self.counted = Some((Instant::now(), slots));
        Ok(slots)
    }
}
