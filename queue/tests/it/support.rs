//! What the tests share: a form to test, a handler that tells what it sees, a worker that can be stopped.

use std::{future::Future, sync::Arc, time::Duration};

use aggregator_queue::{Backends, JobHandler, QueueName, Worker, WorkerOptions, WorkerReport};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
};

use crate::redis_server::RedisServer;

/// Far beyond anything that works: only a failing test ever waits that long.
const PATIENCE: Duration = Duration::from_secs(30);

/// A form under test, with the server it needs.
pub(crate) struct Form {
    pub(crate) backends: Backends,
    pub(crate) server: Option<RedisServer>,
}

/// Everything in this process.
pub(crate) async fn in_process() -> Form {
    Form { backends: Backends::in_process(), server: None }
}

/// A Redis of the test's own.
pub(crate) async fn through_redis() -> Form {
    let server = RedisServer::start().await;
    let backends = Backends::connect(Some(&server.url()), "test").unwrap();
    Form { backends, server: Some(server) }
}

/// A worker running in the background.
pub(crate) struct Running {
    stop: oneshot::Sender<()>,
    task: JoinHandle<WorkerReport>,
}

impl Running {
    /// Begins the shutdown without waiting for it.
    pub(crate) fn stop(self) -> JoinHandle<WorkerReport> {
        self.stop.send(()).unwrap();
        self.task
    }

    /// Shuts down and returns what was done.
    pub(crate) async fn finish(self) -> WorkerReport {
        soon(self.stop()).await.unwrap()
    }
}

/// Starts a worker on [`QueueName::Lookup`].
pub(crate) fn start(backends: &Backends, options: WorkerOptions, handler: Arc<dyn JobHandler>) -> Running {
    let worker = Worker::new(backends, QueueName::Lookup, options);
    let (stop, stopped) = oneshot::channel::<()>();
    let task = tokio::spawn(worker.run(handler, async {
        stopped.await.ok();
    }));
    Running { stop, task }
}

/// A handler that reports every id it is given.
pub(crate) fn telling() -> (Arc<dyn JobHandler>, mpsc::UnboundedReceiver<i64>) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let handler = move |envelope: aggregator_queue::Envelope| {
        for id in envelope.ids {
            sender.send(id).unwrap();
        }
        std::future::ready(())
    };
    (Arc::new(handler), receiver)
}

/// Receives that many ids.
pub(crate) async fn receive(receiver: &mut mpsc::UnboundedReceiver<i64>, count: usize) -> Vec<i64> {
    let mut ids = Vec::with_capacity(count);
    while ids.len() < count {
        ids.push(soon(receiver.recv()).await.expect("the handler is gone"));
    }
    ids
}

/// Awaits what must happen; fails the test when it does not.
pub(crate) async fn soon<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(PATIENCE, future).await.expect("what should happen soon did not happen at all")
}

/// Asks again until the answer satisfies; fails the test when it never does.
pub(crate) async fn until(mut satisfied: impl AsyncFnMut() -> bool) {
    soon(async {
        while !satisfied().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
}

/// Options that never look without a ring: what arrives, arrived by the doorbell.
pub(crate) fn by_ring_alone(concurrency: usize) -> WorkerOptions {
    WorkerOptions { concurrency, safety_poll: Duration::from_hours(24), ..WorkerOptions::default() }
}
