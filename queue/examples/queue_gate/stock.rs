//! apalis-redis 1.0 as the design would use it, with all its workarounds.
//!
//! Locks off, results on, batches of the concurrency, a poll strategy rung by the doorbell with a safety poll, JSON
//! arguments decoded in the handler, bodies in tasks of their own, restarts under fresh names after a pause, and a
//! trimmer of finished jobs.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use aggregator_queue::{Backends, Bell, Envelope, JobHandler, QueueName, SAFETY_POLL, Topic};
use apalis::prelude::{
    BackendExt, Monitor, PollSnapshot, PollStrategy, TaskSink, WorkerBuilder, WorkerBuilderExt,
};
use apalis_redis::{Config, RedisStorage};
use futures::{FutureExt, future::BoxFuture};
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use serde_json::Value;

/// After a ring, a second look: the fetch under way when it came may have been too early to see the push.
const ECHO: Duration = Duration::from_millis(20);
/// Finished jobs trimmed per step.
const TRIM_STEP: usize = 500;

/// One process on apalis-redis.
#[derive(Clone)]
pub(crate) struct Stock {
    connection: ConnectionManager,
    backends: Backends,
}

impl Stock {
    pub(crate) async fn connect(url: &str, backends: Backends) -> anyhow::Result<Self> {
        let config = ConnectionManagerConfig::new()
            .set_response_timeout(Some(Duration::from_secs(10)))
            .set_connection_timeout(Some(Duration::from_secs(5)));
        let client = redis::Client::open(url)?;
        Ok(Self { connection: client.get_connection_manager_with_config(config).await?, backends })
    }

    fn storage(&self, queue: QueueName, batch: usize) -> RedisStorage<Value> {
        let config = Config::default().queue(format!("stock:{queue}")).batch_size(batch).lock_tasks(false);
        RedisStorage::new(self.connection.clone()).with_config(config.emit_events(false))
    }

    pub(crate) async fn push(&self, queue: QueueName, ids: &[i64]) -> anyhow::Result<()> {
        let mut storage = self.storage(queue, 10);
        storage.push_bulk(ids.iter().map(|id| serde_json::json!({ "ids": [id] })).collect()).await?;
        self.backends.doorbell().ring(&Topic::Ids(queue));
        Ok(())
    }

    pub(crate) async fn consume(
        &self,
        queue: QueueName,
        concurrency: usize,
        (handler, shutdown): (Arc<dyn JobHandler>, impl Future<Output = ()> + Send),
    ) -> anyhow::Result<()> {
        let stock = self.clone();
        let trimmer =
            tokio::spawn(trim(self.connection.clone(), self.storage(queue, 1).get_config().clone()));
        let monitor = Monitor::new()
            .register(move |restarts| {
                let bell = stock.backends.doorbell().subscribe(&Topic::Ids(queue));
                let pause = Duration::from_millis(if restarts == 0 { 0 } else { 500 });
                let backend = stock
                    .storage(queue, concurrency)
                    .poll_with_strategy(Rung::new(bell))
                    .before_start(move |_| tokio::time::sleep(pause).map(Ok));
                let handler = Arc::clone(&handler);
                WorkerBuilder::new(format!(
                    "{queue}-{}-{}",
                    std::process::id(),
                    uuid::Uuid::new_v4().simple()
                ))
                .backend(backend)
                .concurrency(concurrency)
                .build(move |payload: Value| run(Arc::clone(&handler), payload))
            })
            .should_restart(|_, _| true);
        let context = monitor.context();
        let mut running = std::pin::pin!(monitor.run());
        tokio::select! {
            ended = &mut running => ended?,
            () = shutdown => { context.shutdown()?; running.await? }
        }
        trimmer.abort();
        Ok(())
    }
}

async fn run(handler: Arc<dyn JobHandler>, payload: Value) {
    if let Ok(envelope) = serde_json::from_value::<Envelope>(payload) {
        tokio::spawn(async move { handler.handle(envelope).await }).await.ok();
    }
}

/// Removes finished jobs for ever.
async fn trim(mut connection: ConnectionManager, config: Config) {
    loop {
        let done: Vec<String> = redis::cmd("SPOP")
            .arg(config.done_jobs_set())
            .arg(TRIM_STEP)
            .query_async(&mut connection)
            .await
            .unwrap_or_default();
        if !done.is_empty() {
            let mut pipeline = redis::pipe();
            pipeline.hdel(config.job_data_hash(), &done).ignore();
            for id in &done {
                pipeline.del(format!("{}:{id}", config.job_meta_hash())).ignore();
            }
            pipeline.exec_async(&mut connection).await.ok();
        }
        // A full step means there is more; otherwise finished jobs may wait for the next safety poll.
        tokio::time::sleep(if done.len() == TRIM_STEP { Duration::ZERO } else { SAFETY_POLL }).await;
    }
}

/// Polls on a ring, once more shortly after it, and whenever the safety poll is due.
struct Rung {
    wait: BoxFuture<'static, (Bell, bool)>,
    echo: Option<Pin<Box<tokio::time::Sleep>>>,
}

impl Rung {
    fn new(bell: Bell) -> Self {
        Self { wait: wait(bell), echo: None }
    }
}

fn wait(bell: Bell) -> BoxFuture<'static, (Bell, bool)> {
    async move {
        let rung = bell.rung_within(SAFETY_POLL).await;
        (bell, rung)
    }
    .boxed()
}

impl PollStrategy for Rung {
    fn poll_drive(&mut self, context: &mut Context<'_>, _: &PollSnapshot) -> Poll<Option<()>> {
        let mut due = false;
        while let Poll::Ready((bell, rung)) = self.wait.poll_unpin(context) {
            due = true;
            self.wait = wait(bell);
            if rung {
                self.echo = Some(Box::pin(tokio::time::sleep(ECHO)));
            }
        }
        if let Some(echo) = &mut self.echo
            && echo.as_mut().poll(context).is_ready()
        {
            due = true;
            self.echo = None;
        }
        if due { Poll::Ready(Some(())) } else { Poll::Pending }
    }
}
