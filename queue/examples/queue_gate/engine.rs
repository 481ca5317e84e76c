//! The two engines behind one face: push ids, consume ids.

use std::{future::Future, sync::Arc};

use aggregator_queue::{Backends, JobHandler, Queue, QueueName, Worker, WorkerOptions};
use anyhow::bail;

use crate::stock::Stock;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    /// The crate's own backend.
    Own,
    /// apalis-redis 1.0 with the workarounds of the design.
    Stock,
}

impl Engine {
    pub(crate) fn parse(name: &str) -> anyhow::Result<Self> {
        match name {
            "own" => Ok(Self::Own),
            "stock" => Ok(Self::Stock),
            other => bail!("unknown engine {other}: own or stock"),
        }
    }

    pub(crate) fn chosen(name: &str) -> anyhow::Result<Vec<Self>> {
        if name == "both" { Ok(vec![Self::Own, Self::Stock]) } else { Ok(vec![Self::parse(name)?]) }
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Stock => "stock",
        }
    }

    /// Connects a process.
    pub(crate) async fn connect(self, url: &str) -> anyhow::Result<Process> {
        let backends = Backends::connect(Some(url), "gate")?;
        Ok(match self {
            Self::Own => Process::Own(backends),
            Self::Stock => Process::Stock(Stock::connect(url, backends).await?),
        })
    }
}

/// One connected process of an engine.
#[derive(Clone)]
pub(crate) enum Process {
    Own(Backends),
    Stock(Stock),
}

impl Process {
    /// Pushes ids.
    pub(crate) async fn push(&self, queue: QueueName, ids: &[i64]) -> anyhow::Result<()> {
        match self {
            Self::Own(backends) => {
                let queue: Arc<dyn Queue> = backends.queue(queue);
                Ok(queue.push(ids).await?)
            }
            Self::Stock(stock) => stock.push(queue, ids).await,
        }
    }

    /// Consumes until the shutdown.
    pub(crate) async fn consume(
        &self,
        queue: QueueName,
        concurrency: usize,
        (handler, shutdown): (Arc<dyn JobHandler>, impl Future<Output = ()> + Send),
    ) -> anyhow::Result<()> {
        match self {
            Self::Own(backends) => {
                let options = WorkerOptions { concurrency, ..WorkerOptions::default() };
                Worker::new(backends, queue, options).run(handler, shutdown).await;
                Ok(())
            }
            Self::Stock(stock) => stock.consume(queue, concurrency, (handler, shutdown)).await,
        }
    }
}
