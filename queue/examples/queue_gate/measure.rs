//! Latency, throughput with memory, and what idling costs.

use std::{
    process::{Child, Command},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, AtomicU8, Ordering},
    },
    time::{Duration, Instant},
};

use aggregator_queue::{Envelope, QueueName};

use crate::{engine::Engine, redis_server::RedisServer};

const SAMPLES: i64 = 500;
const JOBS: i64 = 1_000_000;
/// Ids offered at once: far under the 8,000 at which apalis-redis wedges.
const WINDOW: i64 = 5_000;
const IDLERS: usize = 10;
const IDLE_TIME: Duration = Duration::from_mins(1);

/// Push → start of an idle worker, one id at a time, between two connected processes.
pub(crate) async fn latency(engine: Engine) -> anyhow::Result<String> {
    let server = RedisServer::start().await?;
    let (producer, consumer) = (engine.connect(&server.url()).await?, engine.connect(&server.url()).await?);
    let started = Arc::new(Mutex::new(Vec::new()));
    let handler = {
        let started = Arc::clone(&started);
        move |envelope: Envelope| {
            started.lock().unwrap_or_else(PoisonError::into_inner).push((envelope.ids[0], Instant::now()));
            std::future::ready(())
        }
    };
    let worker = tokio::spawn(async move {
        consumer.consume(QueueName::Lookup, 8, (Arc::new(handler), std::future::pending())).await
    });
    tokio::time::sleep(Duration::from_secs(2)).await;
    let mut pushed = Vec::new();
    for id in 0..SAMPLES {
        pushed.push(Instant::now());
        producer.push(QueueName::Lookup, &[id]).await?;
        // Irregular, so that no timer of an engine falls into step.
        tokio::time::sleep(Duration::from_millis(30 + (id.unsigned_abs() * 7_919) % 40)).await;
    }
    tokio::time::sleep(Duration::from_secs(6)).await;
    worker.abort();
    let started = started.lock().unwrap_or_else(PoisonError::into_inner);
    let mut waits: Vec<Duration> =
        started.iter().map(|(id, at)| *at - pushed[usize::try_from(*id).unwrap_or(0)]).collect();
    waits.sort_unstable();
    let at = |part: usize| waits.get((waits.len() * part / 100).min(waits.len().saturating_sub(1)));
    Ok(format!(
        "{} of {SAMPLES} started, p50 {:?}, p99 {:?}, max {:?}",
        waits.len(),
        at(50),
        at(99),
        waits.last()
    ))
}

/// Jobs that do nothing through a window, one producer and one worker process, and what Redis keeps of them.
pub(crate) async fn throughput(engine: Engine) -> anyhow::Result<String> {
    let server = RedisServer::start().await?;
    let before = server.info("memory", "used_memory_rss").await?;
    let (producer, consumer) = (engine.connect(&server.url()).await?, engine.connect(&server.url()).await?);
    let done = Arc::new(AtomicI64::new(0));
    // Every id is counted by itself: a total alone would not show one id run twice and another never.
    let runs: Arc<Vec<AtomicU8>> = Arc::new((0..JOBS).map(|_| AtomicU8::new(0)).collect());
    let handler = {
        let (done, runs) = (Arc::clone(&done), Arc::clone(&runs));
        move |envelope: Envelope| {
            for id in envelope.ids {
                if let Some(run) = usize::try_from(id).ok().and_then(|id| runs.get(id)) {
                    run.fetch_add(1, Ordering::Relaxed);
                }
                done.fetch_add(1, Ordering::Relaxed);
            }
            std::future::ready(())
        }
    };
    let worker = tokio::spawn(async move {
        consumer.consume(QueueName::Screen, 256, (Arc::new(handler), std::future::pending())).await
    });
    let begin = Instant::now();
    let mut pushed = 0;
    let mut pushing = Duration::ZERO;
    while pushed < JOBS {
        if pushed - done.load(Ordering::Relaxed) > WINDOW - 500 {
            tokio::time::sleep(Duration::from_millis(1)).await;
            continue;
        }
        let ids: Vec<i64> = (pushed..pushed + 500).collect();
        let one = Instant::now();
        producer.push(QueueName::Screen, &ids).await?;
        pushing += one.elapsed();
        pushed += 500;
    }
    let last = loop {
        let now = done.load(Ordering::Relaxed);
        tokio::time::sleep(Duration::from_millis(200)).await;
        if now >= JOBS || (begin.elapsed() > Duration::from_mins(5) && now == done.load(Ordering::Relaxed)) {
            break begin.elapsed();
        }
    };
    tokio::time::sleep(Duration::from_secs(6)).await;
    worker.abort();
    let after = server.info("memory", "used_memory_rss").await?;
    let kept = server.info("memory", "used_memory").await?;
    let done = done.load(Ordering::Relaxed);
    let once = runs.iter().filter(|run| run.load(Ordering::Relaxed) == 1).count();
    println!("  {}", server.command_counts().await?);
    Ok(format!(
        "{done} of {JOBS} jobs, {once} ids exactly once, last after {last:?}, {:.0} jobs/s end to end, {:.0} ids/s pushed; RSS {} → {} MiB, used {} KiB",
        rate(done, last),
        rate(JOBS, pushing),
        before >> 20,
        after >> 20,
        kept >> 10
    ))
}

#[expect(clippy::cast_precision_loss, reason = "a rate for a table")]
fn rate(count: i64, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64()
}

/// Commands per second of idle worker processes, each on all queues, those inside scripts included.
pub(crate) async fn idle(engine: Engine) -> anyhow::Result<String> {
    let server = RedisServer::start().await?;
    let mut children: Vec<Child> = Vec::new();
    for _ in 0..IDLERS {
        let program = std::env::current_exe()?;
        children.push(Command::new(program).args(["idler", engine.as_str(), &server.url()]).spawn()?);
    }
    tokio::time::sleep(Duration::from_secs(10)).await;
    let before = server.commands().await?;
    tokio::time::sleep(IDLE_TIME).await;
    let commands = server.commands().await? - before;
    println!("  {}", server.command_counts().await?);
    for mut child in children {
        child.kill()?;
        child.wait()?;
    }
    Ok(format!(
        "{IDLERS} processes × 5 queues: {:.1} commands/s in all",
        rate(commands.cast_signed(), IDLE_TIME)
    ))
}

/// A child process that waits on every queue.
pub(crate) async fn idler(engine: Engine, url: &str) -> anyhow::Result<()> {
    let process = engine.connect(url).await?;
    let workers = QueueName::ALL.map(|queue| {
        let process = process.clone();
        tokio::spawn(async move {
            let handler = Arc::new(|_: Envelope| std::future::ready(()));
            process.consume(queue, 8, (handler, std::future::pending())).await
        })
    });
    for worker in workers {
        worker.await??;
    }
    Ok(())
}
