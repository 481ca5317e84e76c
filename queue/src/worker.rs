//! The consumer's side: one worker per queue and process, run by apalis, fed only as slots become free.
//!
//! ```text
//! store ──LPOP free slots──► fetch ──deliveries──► apalis worker (Monitor) ──► body: its own task, deadline, panic caught
//!   ▲                          ▲ ring, safety poll                                 │
//!   └────── not started ───────┴────────────────── a free slot ◄───────────────────┘
//! ```
//! A Redis failure happens in `fetch` alone, so it can neither end the apalis worker nor touch a running body.

mod body;
mod engine;
mod fetch;
mod presence;

use std::{future::Future, sync::Arc, time::Duration};

use futures::future::BoxFuture;
use tokio::{
    sync::{Semaphore, mpsc, watch},
    task::JoinSet,
};
use tracing::{Instrument, info, info_span, warn};
use uuid::Uuid;

use self::{
    body::Bodies,
    engine::Deliveries,
    fetch::{Delivery, Fetch},
};
use crate::{Backends, Doorbell, Envelope, QueueName, SAFETY_POLL, Topic, store::Store};

/// How long an aborted body may take to notice, and apalis to wind up, beyond the drain time.
const ABORT_GRACE: Duration = Duration::from_secs(2);

/// What a worker does with an envelope. A plain `async fn(Envelope)` is one.
///
/// There is no result: whatever happened to the unit is written into its row by the handler. Delivery is usually once,
/// sometimes twice, sometimes never: claim the row first, and return when the claim changed nothing.
pub trait JobHandler: Send + Sync + 'static {
    /// Works on one envelope. May panic, and is dropped at the deadline or when the drain time is over.
    fn handle(&self, envelope: Envelope) -> BoxFuture<'static, ()>;
}

impl<F, Fut> JobHandler for F
where
    F: Fn(Envelope) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    fn handle(&self, envelope: Envelope) -> BoxFuture<'static, ()> {
        Box::pin(self(envelope))
    }
}

/// How a worker runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkerOptions {
    /// Bodies at once in this process, at least 1. Default 8.
    pub concurrency: usize,
    /// Time for one body; then it is dropped and its row's lease runs out. Default 5 minutes.
    pub deadline: Duration,
    /// Time for running bodies after the shutdown began; then they are dropped. Default 30 s.
    pub drain: Duration,
    /// Time to look again without a ring. Default [`SAFETY_POLL`].
    pub safety_poll: Duration,
}

impl Default for WorkerOptions {
    fn default() -> Self {
        Self {
            concurrency: 8,
            deadline: Duration::from_mins(5),
            drain: Duration::from_secs(30),
            safety_poll: SAFETY_POLL,
        }
    }
}

/// What a worker did from its start to its end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WorkerReport {
    /// Bodies that returned.
    pub finished: u64,
    /// Bodies that panicked.
    pub panicked: u64,
    /// Bodies dropped at their deadline.
    pub expired: u64,
    /// Payloads that were no envelope.
    pub undecodable: u64,
    /// Bodies dropped because the drain time was over.
    pub abandoned: u64,
    /// Envelopes taken but not started, put back into the queue.
    pub handed_back: u64,
}

/// A worker of one queue, not yet running.
pub struct Worker {
    store: Arc<dyn Store>,
    doorbell: Doorbell,
    queue: QueueName,
    options: WorkerOptions,
}

impl Worker {
    /// Prepares a worker.
    pub fn new(backends: &Backends, queue: QueueName, options: WorkerOptions) -> Self {
        let options =
            WorkerOptions { concurrency: options.concurrency.clamp(1, Semaphore::MAX_PERMITS), ..options };
        Self { store: Arc::clone(&backends.store), doorbell: backends.doorbell().clone(), queue, options }
    }

    /// Works until `shutdown` resolves, then takes nothing more, lets running bodies finish within the drain time and
    /// hands back what it had not started. Dropping this future stops the worker at once; bodies already
    /// running go on by themselves.
    pub async fn run(
        self,
        handler: Arc<dyn JobHandler>,
        shutdown: impl Future<Output = ()> + Send,
    ) -> WorkerReport {
        let name = unique_name(self.queue);
        let span = info_span!("worker", queue = %self.queue, worker = name);
        self.run_as(name, handler, shutdown).instrument(span).await
    }

    async fn run_as(
        self,
        name: String,
        handler: Arc<dyn JobHandler>,
        shutdown: impl Future<Output = ()> + Send,
    ) -> WorkerReport {
        let slots = Arc::new(Semaphore::new(self.options.concurrency));
        let (stop, stopped) = watch::channel(false);
        let (sender, receiver) = mpsc::channel(self.options.concurrency);
        let deliveries = Deliveries::new(receiver);
        let bodies = Arc::new(Bodies::new(self.queue, self.options.deadline, handler));

        let mut tasks = JoinSet::new();
        let fetch = Fetch {
            store: Arc::clone(&self.store),
            queue: self.queue,
            slots: Arc::clone(&slots),
            sender,
            bell: self.doorbell.subscribe(&Topic::Ids(self.queue)),
            safety_poll: self.options.safety_poll,
            stopped: stopped.clone(),
        };
        let fetching = tasks.spawn(fetch.run().in_current_span());
        let handle: engine::Handle = {
            let bodies = Arc::clone(&bodies);
            Arc::new(move |delivery| Box::pin(Arc::clone(&bodies).run(delivery)))
        };
        let to_engine = (handle, stopped.clone());
        let engine = engine::run(name.clone(), self.options.concurrency, deliveries.clone(), to_engine);
        tasks.spawn(engine.in_current_span());
        let presence = presence::run(
            presence::Place { store: Arc::clone(&self.store), queue: self.queue },
            name,
            (Arc::clone(&slots), self.options.concurrency),
            stopped,
        );
        tasks.spawn(presence.in_current_span());
        info!(concurrency = self.options.concurrency, "worker started");

        shutdown.await;
        // `send_replace` cannot fail; the receivers are ours.
        stop.send_replace(true);
        if tokio::time::timeout(self.options.drain, ended(&mut tasks, fetching.id())).await.is_err() {
            warn!("a take is still unanswered; what it took is offered again later");
        }
        let handed_back = self.hand_back(deliveries.take_rest()).await;
        self.drain(&slots, &bodies).await;
        if tokio::time::timeout(ABORT_GRACE, async { while tasks.join_next().await.is_some() {} })
            .await
            .is_err()
        {
            warn!("the worker did not wind up in time and is stopped");
        }
        let report = WorkerReport { handed_back, ..bodies.report() };
        info!(?report, "worker stopped");
        report
    }

    /// Puts back what was taken and not started; on failure the rows' offers run out instead.
    async fn hand_back(&self, rest: Vec<Delivery>) -> u64 {
        if rest.is_empty() {
            return 0;
        }
        let count = rest.len() as u64;
        let payloads = rest.into_iter().map(|delivery| delivery.payload).collect();
        match self.store.give_back(self.queue, payloads).await {
            Ok(()) => {
                self.doorbell.ring_here(&Topic::Ids(self.queue));
                count
            }
            Err(error) => {
                warn!(%error, count, "ids not started could not be handed back; they are offered again later");
                0
            }
        }
    }

    /// Waits until every slot is free, at most the drain time; then drops what still runs.
    async fn drain(&self, slots: &Semaphore, bodies: &Bodies) {
        let all = u32::try_from(self.options.concurrency).unwrap_or(u32::MAX);
        if tokio::time::timeout(self.options.drain, slots.acquire_many(all)).await.is_ok() {
            return;
        }
        warn!(
            drain_ms = self.options.drain.as_millis(),
            "bodies still run after the drain time and are dropped"
        );
        bodies.abandon();
        if tokio::time::timeout(ABORT_GRACE, slots.acquire_many(all)).await.is_err() {
            warn!("a body does not yield and cannot be dropped");
        }
    }
}

/// Waits for one task of the set.
async fn ended(tasks: &mut JoinSet<()>, wanted: tokio::task::Id) {
    while let Some(ended) = tasks.join_next_with_id().await {
        if ended.map_or_else(|error| error.id(), |(id, ())| id) == wanted {
            return;
        }
    }
}

/// Host, process and a random part: never used twice, so no name is ever "still active".
fn unique_name(queue: QueueName) -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let host = if host.trim().is_empty() { "host" } else { host.trim() };
    format!("{queue}-{host}-{}-{}", std::process::id(), Uuid::new_v4().simple())
}
