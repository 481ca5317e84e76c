//! The apalis worker under its Monitor: the only place that names apalis.
//!
//! Its backend is a stream of deliveries (apalis-core implements `Backend` for streams), so nothing apalis polls
//! can fail. Handlers always return: outcomes are rows.

use std::{
    convert::Infallible,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use apalis::prelude::{Monitor, WorkerBuilder, WorkerBuilderExt};
use futures::{
    StreamExt,
    stream::{self, BoxStream},
};
use tokio::sync::{mpsc, watch};
use tracing::{error, warn};

use super::{
    body::Bodies,
    fetch::{Delivery, stopped},
};

/// Before a failed worker starts again.
const RESTART_PAUSE: Duration = Duration::from_millis(500);

/// The receiving end, shared by all incarnations of the apalis worker.
#[derive(Clone)]
pub(super) struct Deliveries {
    receiver: Arc<Mutex<mpsc::Receiver<Delivery>>>,
}

impl Deliveries {
    pub(super) fn new(receiver: mpsc::Receiver<Delivery>) -> Self {
        Self { receiver: Arc::new(Mutex::new(receiver)) }
    }

    /// What apalis has not taken.
    pub(super) fn take_rest(&self) -> Vec<Delivery> {
        let mut receiver = self.receiver.lock().unwrap_or_else(PoisonError::into_inner);
        std::iter::from_fn(|| receiver.try_recv().ok()).collect()
    }

    /// The backend of one incarnation: a restarted one pauses first.
    fn backend(&self, incarnation: u64) -> BoxStream<'static, Result<Delivery, Infallible>> {
        let receiver = Arc::clone(&self.receiver);
        let rest = stream::poll_fn(move |context| {
            receiver.lock().unwrap_or_else(PoisonError::into_inner).poll_recv(context)
        });
        let pause = stream::once(async move {
            if incarnation > 0 {
                tokio::time::sleep(RESTART_PAUSE).await;
            }
        });
        pause.filter_map(|()| async { None }).chain(rest.map(Ok)).boxed()
    }
}

/// Runs apalis until stopped; starts it again, under a fresh name, whatever ends it before.
pub(super) async fn run(
    name: String,
    concurrency: usize,
    deliveries: Deliveries,
    (bodies, mut stop): (Arc<Bodies>, watch::Receiver<bool>),
) {
    let incarnations = Arc::new(AtomicU64::new(0));
    loop {
        let monitor = monitor(&name, concurrency, (&deliveries, &bodies), &incarnations);
        let context = monitor.context();
        let mut running = std::pin::pin!(monitor.run());
        let ended = tokio::select! {
            ended = &mut running => ended,
            () = stopped(&mut stop) => {
                if let Err(error) = context.shutdown() {
                    warn!(%error, "apalis does not shut down");
                }
                running.await
            }
        };
        if *stop.borrow() || stop.has_changed().is_err() {
            return;
        }
        error!(?ended, "apalis stopped by itself and is started again");
        tokio::time::sleep(RESTART_PAUSE).await;
    }
}

fn monitor(
    name: &str,
    concurrency: usize,
    (deliveries, bodies): (&Deliveries, &Arc<Bodies>),
    incarnations: &Arc<AtomicU64>,
) -> Monitor {
    let (name, deliveries, bodies) = (name.to_owned(), deliveries.clone(), Arc::clone(bodies));
    let incarnations = Arc::clone(incarnations);
    Monitor::new()
        .register(move |_restarts| {
            let incarnation = incarnations.fetch_add(1, Ordering::Relaxed);
            let bodies = Arc::clone(&bodies);
            WorkerBuilder::new(format!("{name}-{incarnation}"))
                .backend(deliveries.backend(incarnation))
                .concurrency(concurrency)
                .build(move |delivery: Delivery| Arc::clone(&bodies).run(delivery))
        })
        .should_restart(|worker, error| {
            error!(%error, restarts = worker.restarts(), "the apalis worker failed and is started again");
            true
        })
}
