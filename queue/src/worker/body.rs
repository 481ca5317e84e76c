//! One body: decode, run with a deadline in a task of its own, catch its panic, free its slot.

use std::{
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use aggregator_platform::trace;
use futures::FutureExt;
use tokio::sync::watch;
use tracing::field::Empty;
use tracing::{Instrument, Span, error, info_span, warn};

use super::{JobHandler, WorkerReport, fetch::Delivery};
use crate::{Envelope, QueueName};

/// Runs bodies and counts how they ended.
pub(super) struct Bodies {
    queue: QueueName,
    deadline: Duration,
    handler: Arc<dyn JobHandler>,
    abandon: watch::Sender<bool>,
    counts: Counts,
}

#[derive(Debug, Default)]
struct Counts {
    finished: AtomicU64,
    panicked: AtomicU64,
    expired: AtomicU64,
    undecodable: AtomicU64,
    abandoned: AtomicU64,
}

impl Bodies {
    pub(super) fn new(queue: QueueName, deadline: Duration, handler: Arc<dyn JobHandler>) -> Self {
        Self { queue, deadline, handler, abandon: watch::Sender::new(false), counts: Counts::default() }
    }

    /// Runs one delivery to its end. The body is a task of its own: dropping this future does not stop it, and
    /// only its end frees the slot.
    pub(super) async fn run(self: Arc<Self>, delivery: Delivery) {
        let span = info_span!("job", queue = %self.queue, trace_id = Empty, span_id = Empty);
        // A join error is a runtime that shuts down: there is nobody to tell.
        let _ = tokio::spawn(self.body(delivery).instrument(span)).await;
    }

    async fn body(self: Arc<Self>, delivery: Delivery) {
        let Delivery { payload, slot } = delivery;
        let envelope = match Envelope::decode(&payload) {
            Ok(envelope) => envelope,
            Err(error) => {
                count(&self.counts.undecodable);
                return warn!(%error, size_bytes = payload.len(), "payload skipped");
            }
        };
        let ids = envelope.ids.clone();
        let traced = envelope.trace.map_or_else(Span::none, |parent| trace::job(parent, self.queue.as_str()));
        trace::note(&traced, &Span::current());
        let handler = Arc::clone(&self.handler);
        // `handle` itself is called inside, so that a panic before its first await is caught, too.
        let work = AssertUnwindSafe(async move { handler.handle(envelope).await }).catch_unwind();
        let work = work.instrument(traced.clone());
        let mut abandon = self.abandon.subscribe();
        tokio::select! {
            ended = tokio::time::timeout(self.deadline, work) => match ended {
                Ok(Ok(())) => count(&self.counts.finished),
                Ok(Err(panic)) => {
                    count(&self.counts.panicked);
                    trace::failed(&traced);
                    error!(?ids, panic = message(panic.as_ref()), "a job panicked; its row is tried again");
                }
                Err(_elapsed) => {
                    count(&self.counts.expired);
                    trace::failed(&traced);
                    warn!(?ids, deadline_ms = self.deadline.as_millis(), "a job passed its deadline and was dropped");
                }
            },
            _ = abandon.wait_for(|abandon| *abandon) => {
                count(&self.counts.abandoned);
                trace::failed(&traced);
                warn!(?ids, "a job was dropped because the drain time is over");
            }
        }
        drop(slot);
    }

    /// Drops every body at its next await.
    pub(super) fn abandon(&self) {
        self.abandon.send_replace(true);
    }

    /// How the bodies ended so far.
    pub(super) fn report(&self) -> WorkerReport {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        WorkerReport {
            finished: read(&self.counts.finished),
            panicked: read(&self.counts.panicked),
            expired: read(&self.counts.expired),
            undecodable: read(&self.counts.undecodable),
            abandoned: read(&self.counts.abandoned),
            handed_back: 0,
        }
    }
}

fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

/// The words of a panic, as far as it has any.
fn message(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("without a message")
}
