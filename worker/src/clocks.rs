//! The timers of a worker process: heartbeat and renewal, sweep, schedule.

use std::sync::Arc;
use std::time::{Duration, Instant};

use aggregator_entities::repositories::units::{self, Lane};
use aggregator_entities::repositories::workers::{self, WorkerBeat};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

use crate::context::Context;
use crate::lanes::due;
use crate::tasks;

/// How often a worker says that it lives.
const BEAT: Duration = Duration::from_secs(5);

/// How often the schedule is looked at.
const SCHEDULE: Duration = Duration::from_secs(5);

/// Starts every timer; dropping the set stops them.
pub(crate) fn start(context: &Arc<Context>) -> JoinSet<()> {
    let mut clocks = JoinSet::new();
    clocks.spawn(beats(Arc::clone(context)));
    clocks.spawn(renewals(Arc::clone(context)));
    clocks.spawn(sweeps(Arc::clone(context)));
    clocks.spawn(schedule(Arc::clone(context)));
    clocks
}

fn ticks(every: Duration) -> tokio::time::Interval {
    let mut ticks = interval(every.max(Duration::from_millis(10)));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

async fn beats(context: Arc<Context>) {
    let mut ticks = ticks(BEAT);
    loop {
        ticks.tick().await;
        beat(&context).await;
    }
}

/// Says that this worker lives; a failure costs only slots in the window.
pub(crate) async fn beat(context: &Context) {
    let (chunks, tasks) = context.held();
    let beat = WorkerBeat {
        name: context.name.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        slots: i32::try_from(context.options.screen_slots()).unwrap_or(i32::MAX),
        running: i32::try_from(chunks.len() + tasks.len()).unwrap_or(i32::MAX),
        finished: context.counters.finished(),
        stale_refused: context.counters.stale_refused(),
    };
    if let Err(error) = workers::beat(&context.database, &beat).await {
        tracing::warn!(%error, "the heartbeat was not written");
    }
}

async fn renewals(context: Arc<Context>) {
    let mut ticks = ticks(context.options.renew);
    loop {
        ticks.tick().await;
        let (chunks, tasks) = context.held();
        let renewal =
            units::renew(&context.database, &context.name, (&chunks, &tasks), context.options.lease_micros());
        if let Err(error) = renewal.await {
            tracing::warn!(%error, "leases were not renewed");
        }
    }
}

/// Sweeps, but only after one full lease of uninterrupted contact with the database: after an outage every worker's lease
/// has run out, and their holders deserve the time to say that they live.
async fn sweeps(context: Arc<Context>) {
    let mut ticks = ticks(context.options.sweep);
    let mut contact_since: Option<Instant> = None;
    loop {
        ticks.tick().await;
        let gap = context.options.sweep * 3;
        let tick_started = Instant::now();
        if context.database.ping().await.is_err() || tick_started.elapsed() > gap {
            contact_since = None;
            continue;
        }
        let since = *contact_since.get_or_insert(tick_started);
        if since.elapsed() < context.options.lease {
            continue;
        }
        match units::sweep(&context.database).await {
            Ok(swept) if swept.offers + swept.leases + swept.dead > 0 => {
                tracing::warn!(?swept, "took back expired work");
                for lane in Lane::ALL {
                    context.backends.doorbell().ring(&due(lane));
                }
            }
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(%error, "the sweep failed");
                contact_since = None;
            }
        }
    }
}

async fn schedule(context: Arc<Context>) {
    let mut ticks = ticks(SCHEDULE);
    loop {
        ticks.tick().await;
        if let Err(error) = tasks::schedule(&context).await {
            tracing::warn!(%error, "the schedule could not be read");
        }
    }
}
