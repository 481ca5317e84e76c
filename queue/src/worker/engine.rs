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
    future::BoxFuture,
    stream::{self, BoxStream},
};
use tokio::sync::{mpsc, watch};
use tracing::{error, warn};

use super::fetch::{Delivery, stopped};

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

/// What is done with a delivery; must not fail, and survives a restart of apalis.
pub(super) type Handle = Arc<dyn Fn(Delivery) -> BoxFuture<'static, ()> + Send + Sync>;

/// Runs apalis until stopped; starts it again, under a fresh name, whatever ends it before.
pub(super) async fn run(
    name: String,
    concurrency: usize,
    deliveries: Deliveries,
    (handle, mut stop): (Handle, watch::Receiver<bool>),
) {
    let incarnations = Arc::new(AtomicU64::new(0));
    loop {
        let monitor = monitor(&name, concurrency, (&deliveries, &handle), &incarnations);
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
    (deliveries, handle): (&Deliveries, &Handle),
    incarnations: &Arc<AtomicU64>,
) -> Monitor {
    let (name, deliveries, handle) = (name.to_owned(), deliveries.clone(), Arc::clone(handle));
    let incarnations = Arc::clone(incarnations);
    Monitor::new()
        .register(move |_restarts| {
            let incarnation = incarnations.fetch_add(1, Ordering::Relaxed);
            let handle = Arc::clone(&handle);
            WorkerBuilder::new(format!("{name}-{incarnation}"))
                .backend(deliveries.backend(incarnation))
                .concurrency(concurrency)
                .build(move |delivery: Delivery| {
                    let handle = Arc::clone(&handle);
                    // Called inside the future: apalis counts a task before the call, and a panic of the call
                    // itself would leave it counted, and the shutdown waiting for it, for ever.
                    async move { handle(delivery).await }
                })
        })
        .should_restart(|worker, error| {
            error!(%error, restarts = worker.restarts(), "the apalis worker failed and is started again");
            true
        })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use futures::FutureExt;
    use tokio::sync::{Semaphore, mpsc, watch};

    use super::{Deliveries, Delivery, Handle, run};

    /// Panics while apalis polls the worker itself: the Monitor must start the next incarnation on the same queue.
    #[tokio::test]
    async fn a_worker_that_dies_is_started_again_and_goes_on() {
        let (sender, receiver) = mpsc::channel(4);
        let (told, mut seen) = mpsc::unbounded_channel();
        let handle: Handle = Arc::new(move |delivery: Delivery| {
            assert_ne!(delivery.payload, b"bad", "dies with its worker");
            told.send(delivery.payload).unwrap();
            std::future::ready(()).boxed()
        });
        let (stop, stopped) = watch::channel(false);
        let deliveries = Deliveries::new(receiver);
        let engine = tokio::spawn(run("test".to_owned(), 1, deliveries, (handle, stopped)));
        let slots = Arc::new(Semaphore::new(4));
        for payload in ["one", "bad", "two", "bad", "three"] {
            let slot = Arc::clone(&slots).acquire_owned().await.unwrap();
            sender.send(Delivery { payload: payload.into(), slot }).await.unwrap();
        }
        for expected in ["one", "two", "three"] {
            let next = tokio::time::timeout(std::time::Duration::from_secs(30), seen.recv()).await;
            assert_eq!(next.expect("nobody goes on").unwrap(), expected.as_bytes());
        }
        // A lost worker takes its slot with it to nowhere.
        let all = slots.acquire_many(4).await.unwrap();
        drop(all);
        stop.send_replace(true);
        tokio::time::timeout(std::time::Duration::from_secs(30), engine)
            .await
            .expect("apalis does not end")
            .unwrap();
    }
}
