//! From the store to the engine: takes no more than there are free slots, waits for a ring, outlives every failure.

use std::{ops::ControlFlow, sync::Arc, time::Duration};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};
use tracing::{info, warn};

use crate::{Bell, QueueName, backoff::Backoff, store::Store};

/// Most payloads per take: bounds what one lost answer can delay.
const TAKE_LIMIT: usize = 256;

/// A payload and the slot it will run in.
#[derive(Debug)]
pub(super) struct Delivery {
    pub(super) payload: Vec<u8>,
    pub(super) slot: OwnedSemaphorePermit,
}

/// The loop that takes.
pub(super) struct Fetch {
    pub(super) store: Arc<dyn Store>,
    pub(super) queue: QueueName,
    pub(super) slots: Arc<Semaphore>,
    pub(super) sender: mpsc::Sender<Delivery>,
    pub(super) bell: Bell,
    pub(super) safety_poll: Duration,
    pub(super) stopped: watch::Receiver<bool>,
}

impl Fetch {
    /// Takes until stopped. A take once sent is always awaited: its ids would be lost for the time of their offer.
    pub(super) async fn run(mut self) {
        let mut backoff = Backoff::default();
        while let Some(slots) = self.free_slots().await {
            let flow = match self.store.take(self.queue, slots.len()).await {
                Ok(payloads) => {
                    if backoff.failures() > 0 {
                        info!(failures = backoff.failures(), "taking from the queue works again");
                    }
                    backoff.reset();
                    self.deliver(payloads, slots).await
                }
                Err(error) => {
                    drop(slots);
                    if backoff.failures() == 0 {
                        warn!(%error, "nothing can be taken from the queue; running work goes on");
                    }
                    self.pause(backoff.next_pause()).await
                }
            };
            if flow.is_break() {
                return;
            }
        }
    }

    /// Hands payloads to the engine, or waits for a ring when there are none.
    async fn deliver(&mut self, payloads: Vec<Vec<u8>>, slots: Vec<OwnedSemaphorePermit>) -> ControlFlow<()> {
        if payloads.is_empty() {
            drop(slots);
            return self.wait_for_ring().await;
        }
        for (payload, slot) in payloads.into_iter().zip(slots) {
            // The channel is as long as there are slots, so this never waits; it fails only when the engine is gone.
            if self.sender.send(Delivery { payload, slot }).await.is_err() {
                return ControlFlow::Break(());
            }
        }
        ControlFlow::Continue(())
    }

    /// Waits for one free slot and takes all that are free with it; `None` when stopped.
    async fn free_slots(&mut self) -> Option<Vec<OwnedSemaphorePermit>> {
        let first = tokio::select! {
            biased;
            () = stopped(&mut self.stopped) => return None,
            slot = Arc::clone(&self.slots).acquire_owned() => slot.ok()?,
        };
        let mut slots = vec![first];
        while slots.len() < TAKE_LIMIT
            && let Ok(slot) = Arc::clone(&self.slots).try_acquire_owned()
        {
            slots.push(slot);
        }
        Some(slots)
    }

    async fn wait_for_ring(&mut self) -> ControlFlow<()> {
        tokio::select! {
            () = stopped(&mut self.stopped) => ControlFlow::Break(()),
            _ = self.bell.rung_within(self.safety_poll) => ControlFlow::Continue(()),
        }
    }

    async fn pause(&mut self, pause: Duration) -> ControlFlow<()> {
        tokio::select! {
            () = stopped(&mut self.stopped) => ControlFlow::Break(()),
            () = tokio::time::sleep(pause) => ControlFlow::Continue(()),
        }
    }
}

/// Resolves when the worker shuts down, also when its owner is gone.
pub(super) async fn stopped(signal: &mut watch::Receiver<bool>) {
    // Err = the sender was dropped with the worker's future: that is a stop, too.
    let _ = signal.wait_for(|stop| *stop).await;
}
