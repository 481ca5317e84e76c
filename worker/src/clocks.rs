//! The timers of a worker process: heartbeat and renewal, sweep, schedule, settings.

use std::sync::Arc;
use std::time::Duration;

use aggregator_entities::StoreError;
use aggregator_entities::repositories::contact;
use aggregator_entities::repositories::units::{self, Lane};
use aggregator_entities::repositories::workers::{self, WorkerBeat};
use aggregator_queue::{QueueName, Topic};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

use crate::context::Context;
use crate::lanes::due;
use crate::options::micros;
use crate::{settings, tasks};

/// How often a worker says that it lives.
const BEAT: Duration = Duration::from_secs(5);

/// When leases are renewed again that could not be.
const RENEW_AGAIN: Duration = Duration::from_secs(1);

/// How often the schedule is looked at.
const SCHEDULE: Duration = Duration::from_secs(5);

/// Starts every timer; dropping the set stops them.
pub(crate) fn start(context: &Arc<Context>) -> JoinSet<()> {
    let mut clocks = JoinSet::new();
    clocks.spawn(beats(Arc::clone(context)));
    clocks.spawn(renewals(Arc::clone(context)));
    clocks.spawn(sweeps(Arc::clone(context)));
    clocks.spawn(schedule(Arc::clone(context)));
    clocks.spawn(settings::follow(Arc::clone(context)));
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
        say_alive(&context).await;
    }
}

/// Says that this worker lives; a failure costs only slots in the window.
pub(crate) async fn say_alive(context: &Context) {
    if let Err(error) = beat(context).await {
        tracing::warn!(%error, "the heartbeat was not written");
    }
}

/// Writes a heartbeat.
pub(crate) async fn beat(context: &Context) -> Result<(), StoreError> {
    let (chunks, lookups, tasks) = context.held();
    let beat = WorkerBeat {
        name: context.name.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        slots: i32::try_from(context.options.screen_slots()).unwrap_or(i32::MAX),
        running: i32::try_from(chunks.len() + lookups.len() + tasks.len()).unwrap_or(i32::MAX),
        finished: context.counters.finished(),
        stale_refused: context.counters.stale_refused(),
        alone: context.company().is_alone(),
    };
    workers::beat(&context.database, &beat).await
}

async fn renewals(context: Arc<Context>) {
    let mut ticks = ticks(context.options.renew);
    loop {
        ticks.tick().await;
        let (chunks, lookups, tasks) = context.held();
        let renewal = units::renew(
            &context.database,
            &context.name,
            (&chunks, &lookups, &tasks),
            context.options.lease_micros(),
        );
        if let Err(error) = renewal.await {
            tracing::warn!(%error, "leases were not renewed");
            ticks.reset_after(RENEW_AGAIN.min(context.options.renew));
        }
    }
}

/// Sweeps, but only after one full lease of uninterrupted contact with the database: after an outage every worker's lease
/// has run out, and their holders deserve the time to say that they live. The contact is everybody's, not this process's:
/// workers that die before a lease is over would never sweep.
async fn sweeps(context: Arc<Context>) {
    let mut ticks = ticks(context.options.sweep);
    let gap = micros(context.options.sweep * 3);
    let mut after = None;
    loop {
        ticks.tick().await;
        match contact::note(&context.database, gap).await {
            Ok(held) if held >= context.options.lease_micros() => {}
            Ok(_) => continue,
            Err(error) => {
                tracing::debug!(%error, "no contact with the database");
                continue;
            }
        }
        match units::sweep(&context.database, after).await {
            Ok(swept) => {
                after = swept.next;
                if swept.offers + swept.leases + swept.dead == 0 {
                    continue;
                }
                tracing::warn!(?swept, "took back expired work");
                for lane in Lane::ALL {
                    context.backends.doorbell().ring(&due(lane));
                }
                context.backends.doorbell().ring(&Topic::Queue(QueueName::Lookup));
            }
            Err(error) => {
                tracing::warn!(%error, "the sweep failed");
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
