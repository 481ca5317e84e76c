//! A worker's sign of life, from which a feeder learns how many slots there are.

use std::{sync::Arc, time::Duration};

use tokio::sync::{Semaphore, watch};
use tracing::debug;

use super::fetch::stopped;
use crate::{
    QueueName,
    store::{Presence, Store},
};

/// How often a change of the running count is written.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Looks after which an unchanged count is written again: a third of its time to live.
const REFRESH_AFTER: u32 = 10;

/// Where to announce.
pub(super) struct Place {
    pub(super) store: Arc<dyn Store>,
    pub(super) queue: QueueName,
}

/// Announces until stopped, then withdraws. Failures are only noted: presence guides the window, nothing more.
pub(super) async fn run(
    place: Place,
    worker: String,
    (slots, concurrency): (Arc<Semaphore>, usize),
    mut stop: watch::Receiver<bool>,
) {
    let mut announced: Option<Presence> = None;
    let mut looks = 0;
    loop {
        let running = concurrency.saturating_sub(slots.available_permits());
        let presence = Presence { worker: worker.clone(), slots: concurrency, running };
        looks += 1;
        if announced.as_ref() != Some(&presence) || looks >= REFRESH_AFTER {
            looks = 0;
            match place.store.announce(place.queue, &presence).await {
                Ok(()) => announced = Some(presence),
                Err(error) => {
                    announced = None;
                    debug!(%error, "the worker could not announce itself");
                }
            }
        }
        tokio::select! {
            () = stopped(&mut stop) => break,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
    if let Err(error) = place.store.withdraw(place.queue, &worker).await {
        debug!(%error, "the worker could not withdraw; it counts as alive for half a minute");
    }
}
