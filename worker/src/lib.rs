//! The work: a feeder per lane, one file per job, timers, and the local intelligence jobs screen against.
//!
//! [`run`] is a whole worker process. What is registered with which queue stands in `jobs`, what a task can be in
//! `tasks`.

mod claimer;
mod clocks;
mod company;
mod context;
mod counters;
mod courtesy;
mod feeder;
pub mod feeds;
pub mod intelligence;
mod jobs;
pub mod judge;
mod lanes;
mod meters;
mod options;
mod planner;
mod remote;
mod retry;
mod screener;
mod settings;
mod slots;
mod tasks;
mod traces;
mod writer;

pub use context::Context;
pub use counters::Counters;
pub use meters::{Meters, Stage};
pub use options::WorkerOptions;
pub use remote::RemoteOptions;

use std::sync::Arc;

use aggregator_entities::repositories::units::{self, Lane};
use aggregator_entities::repositories::workers;
use aggregator_platform::Shutdown;
use tokio::task::JoinSet;

/// Runs a worker until the wish to stop, then drains and hands back what is left.
pub async fn run(context: Arc<Context>, shutdown: Shutdown) {
    settings::read(&context).await;
    clocks::say_alive(&context).await;
    let mut tasks = JoinSet::new();
    for lane in Lane::ALL {
        tasks.spawn(feeder::feed(Arc::clone(&context), lane, shutdown.clone()));
        tasks.spawn(jobs::work(Arc::clone(&context), lane, shutdown.clone()));
    }
    if !context.options.remote.sources.is_empty() {
        tasks.spawn(remote::make_known(Arc::clone(&context), shutdown.clone()));
        tasks.spawn(feeder::lookups::feed(Arc::clone(&context), shutdown.clone()));
        tasks.spawn(jobs::work_lookups(Arc::clone(&context), shutdown.clone()));
    }
    // Leases are renewed until the last body has ended, so these clocks outlive the wish to stop.
    let mut clocks = clocks::start(&context);
    while tasks.join_next().await.is_some() {}
    clocks.abort_all();
    match units::hand_back(&context.database, &context.name).await {
        Ok(0) => {}
        Ok(count) => tracing::info!(count, "handed back units that were not finished"),
        Err(error) => tracing::warn!(%error, "could not hand back; the leases run out instead"),
    }
    if let Err(error) = workers::leave(&context.database, &context.name).await {
        tracing::warn!(%error, "could not sign off");
    }
}
