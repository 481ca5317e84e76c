//! `aggregator up`: the whole product in one process.

use std::process::ExitCode;

use aggregator_api::State;

use crate::boot;
use crate::process::{self, Alone};

/// Arguments of `aggregator up`: none; the settings say the rest.
#[derive(Debug, clap::Args)]
pub(crate) struct Up {}

impl Up {
    /// Serves and works until SIGTERM or SIGINT, then drains both.
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let Self {} = self;
        boot::run("up", async |live, shutdown| {
            let settings = live.settings();
            // The port first: a second `up` says so before it touches anything.
            let listener = aggregator_api::bind(&settings)?;
            let database = process::connect(&settings).await?;
            // PostgreSQL may be shared with other processes; an SQLite file is this one's alone.
            let alone = if database.is_postgres() { None } else { Some(Alone::take(&settings)?) };
            process::migrate(&database, &settings).await?;
            if let Some(alone) = &alone {
                alone.recover(&database).await?;
            }
            process::read_stored(&live, &database).await?;
            let backends = process::queues(&settings)?;
            let context = process::worker(&live, &database, &backends, listener.local_addr().ok())?;
            let state = State::new(live, database.clone(), backends);
            context.register(state.metrics());
            let worker = tokio::spawn(aggregator_worker::run(context, shutdown.clone()));
            let served = aggregator_api::serve(state, listener, shutdown.clone()).await;
            // When serving failed the worker must stop too.
            shutdown.request();
            worker.await?;
            database.close().await?;
            drop(alone);
            Ok(served?)
        })
    }
}
