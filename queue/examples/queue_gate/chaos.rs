//! kill -9 of workers and of Redis, FLUSHALL, under load; the rows decide what was lost.

use std::{
    process::{Child, Command},
    sync::Arc,
    time::{Duration, Instant},
};

use aggregator_queue::{Envelope, QueueName};

use crate::{
    engine::{Engine, Process},
    ledger::{LEASE, Ledger},
    redis_server::RedisServer,
};

const ROWS: usize = 60_000;
const WINDOW: usize = 1_000;
const WORKERS: usize = 2;
const SLOTS: usize = 16;
/// An offer nobody claimed is made again after this time; 30 s in production.
const OFFER: Duration = LEASE;
const GIVE_UP: Duration = Duration::from_mins(3);

/// A child process: claim, work a little, finish.
pub(crate) async fn worker(engine: Engine, queue_url: &str, ledger_url: &str) -> anyhow::Result<()> {
    let (process, ledger) = (engine.connect(queue_url).await?, Ledger::connect(ledger_url).await?);
    let handler = move |envelope: Envelope| {
        let ledger = ledger.clone();
        async move {
            for id in envelope.ids {
                if let Ok(attempt @ 1..) = ledger.claim(id).await {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                    ledger.finish(id, attempt).await.ok();
                }
            }
        }
    };
    process.consume(QueueName::Lookup, SLOTS, (Arc::new(handler), std::future::pending())).await
}

#[derive(Clone, Copy)]
enum Row {
    Due,
    Offered(Instant),
    Done,
}

/// The feeder and what it saw.
struct Feeder {
    rows: Vec<Row>,
    next: usize,
    done: usize,
    visible_twice: usize,
    failed_pushes: usize,
    last_progress: Instant,
    longest_stall: Duration,
    /// The last fault of Redis and when it was over, until work goes on.
    waiting_since: Option<(&'static str, Instant)>,
    /// How long it took until the next result after each fault of Redis was over.
    recoveries: Vec<(&'static str, Duration)>,
}

impl Feeder {
    /// Notes what is finished, sweeps offers that ran out, fills the window.
    async fn turn(&mut self, ledger: &Ledger, process: &Process) -> anyhow::Result<()> {
        for id in ledger.finished().await? {
            let row = &mut self.rows[usize::try_from(id)?];
            self.visible_twice += usize::from(matches!(row, Row::Done));
            *row = Row::Done;
            self.done += 1;
            self.recoveries.extend(self.waiting_since.take().map(|(fault, over)| (fault, over.elapsed())));
            self.longest_stall = self.longest_stall.max(self.last_progress.elapsed());
            self.last_progress = Instant::now();
        }
        let mut offered = 0;
        for row in &mut self.rows {
            match row {
                Row::Offered(at) if at.elapsed() > OFFER => *row = Row::Due,
                Row::Offered(_) => offered += 1,
                _ => {}
            }
        }
        let mut ids = Vec::new();
        for _ in 0..self.rows.len() {
            if offered + ids.len() >= WINDOW || ids.len() == 500 {
                break;
            }
            if matches!(self.rows[self.next], Row::Due) {
                self.rows[self.next] = Row::Offered(Instant::now());
                ids.push(i64::try_from(self.next)?);
            }
            self.next = (self.next + 1) % self.rows.len();
        }
        // As in production: a failed push leaves the rows offered, and the sweep brings them back.
        if !ids.is_empty()
            && !matches!(tokio::time::timeout(OFFER, process.push(QueueName::Lookup, &ids)).await, Ok(Ok(())))
        {
            self.failed_pushes += 1;
        }
        Ok(())
    }
}

/// The faults, at fixed times.
struct Faults {
    engine: Engine,
    server: RedisServer,
    ledger: RedisServer,
    workers: Vec<Child>,
    begin: Instant,
    step: usize,
}

impl Faults {
    fn spawn(&self) -> anyhow::Result<Child> {
        let program = std::env::current_exe()?;
        let arguments = ["worker", self.engine.as_str(), &self.server.url(), &self.ledger.url()];
        Ok(Command::new(program).args(arguments).spawn()?)
    }

    /// Does what is due. 1–3: kill -9 a worker; 4: kill -9 Redis, back after a second; 5: FLUSHALL; then again.
    async fn turn(&mut self) -> anyhow::Result<Option<&'static str>> {
        let due = Duration::from_secs(2) * u32::try_from(self.step + 1)?;
        if self.step >= 10 || self.begin.elapsed() < due {
            return Ok(None);
        }
        let fault = match self.step % 5 {
            3 => {
                self.server.kill()?;
                tokio::time::sleep(Duration::from_secs(1)).await;
                self.server.restart().await?;
                Some("kill -9")
            }
            4 => {
                let _: String = self.server.run(&redis::cmd("FLUSHALL")).await?;
                Some("FLUSHALL")
            }
            _ => {
                let index = self.step % WORKERS;
                self.workers[index].kill()?;
                self.workers[index].wait()?;
                self.workers[index] = self.spawn()?;
                None
            }
        };
        self.step += 1;
        Ok(fault)
    }
}

/// One run to the end, or to the time limit.
pub(crate) async fn run(engine: Engine) -> anyhow::Result<String> {
    let (server, rows) = (RedisServer::start().await?, RedisServer::start().await?);
    let (process, ledger) = (engine.connect(&server.url()).await?, Ledger::connect(&rows.url()).await?);
    let begin = Instant::now();
    let mut faults = Faults { engine, server, ledger: rows, workers: Vec::new(), begin, step: 0 };
    for _ in 0..WORKERS {
        faults.workers.push(faults.spawn()?);
    }
    let mut feeder = Feeder {
        rows: vec![Row::Due; ROWS],
        next: 0,
        done: 0,
        visible_twice: 0,
        failed_pushes: 0,
        last_progress: begin,
        longest_stall: Duration::ZERO,
        waiting_since: None,
        recoveries: Vec::new(),
    };
    while feeder.done < ROWS && begin.elapsed() < GIVE_UP {
        feeder.turn(&ledger, &process).await?;
        if let Some(fault) = faults.turn().await? {
            // Results written before the fault was over are no recovery.
            feeder.turn(&ledger, &process).await?;
            feeder.waiting_since = Some((fault, Instant::now()));
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let took = begin.elapsed();
    for worker in &mut faults.workers {
        worker.kill()?;
        worker.wait()?;
    }
    Ok(format!(
        "{} faults, lost {}, visible twice {}, executions {} for {ROWS} rows, refused {}, stale {}, failed pushes {}, \
         longest stall {:?}, Redis faults over → next result {:?}, {:?} in all",
        faults.step,
        ROWS - feeder.done,
        feeder.visible_twice,
        ledger.counter("executions").await?,
        ledger.counter("refused").await?,
        ledger.counter("stale").await?,
        feeder.failed_pushes,
        feeder.longest_stall,
        feeder.recoveries,
        took
    ))
}
