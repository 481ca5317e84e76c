//! What handlers share: passed in, never global.

use std::sync::Arc;

use aggregator_entities::repositories::queues::{self, Figures};
use aggregator_entities::repositories::stats::{self, Stats};
use aggregator_entities::{Database, StoreError};
use aggregator_platform::metrics::Connections;
use aggregator_platform::{Metrics, Settings};
use aggregator_queue::{Backends, Doorbell};

use crate::figures::Reading;
use crate::live::Live;
use crate::meters::Meters;
use crate::readiness::{Check, DatabaseCheck, QueuesCheck};

/// The settings and the parts handlers need. Cheap to clone; every clone is the same state.
#[derive(Clone)]
pub struct State {
    settings: Arc<Settings>,
    database: Database,
    backends: Backends,
    checks: Vec<Arc<dyn Check>>,
    live: Arc<Live>,
    queues: Arc<Reading<(), Figures>>,
    stats: Arc<Reading<i64, Stats>>,
    metrics: Metrics,
    meters: Meters,
}

impl State {
    /// A state over rows and queues; `/readyz` asks both.
    pub fn new(settings: Settings, database: Database, backends: Backends) -> Self {
        let checks: Vec<Arc<dyn Check>> =
            vec![Arc::new(DatabaseCheck(database.clone())), Arc::new(QueuesCheck(backends.clone()))];
        let live = Live::new(database.clone(), backends.doorbell().clone());
        let (queues, stats) = (Reading::new(), Reading::new());
        let metrics = Metrics::new();
        let meters = Meters::new(&metrics);
        let rows = database.clone();
        metrics.register_pool(move || connections(&rows));
        Self {
            settings: Arc::new(settings),
            database,
            backends,
            checks,
            live,
            queues,
            stats,
            metrics,
            meters,
        }
    }

    /// The rows.
    pub(crate) fn database(&self) -> &Database {
        &self.database
    }

    /// The queues.
    pub(crate) fn backends(&self) -> &Backends {
        &self.backends
    }

    /// The doorbell.
    pub(crate) fn doorbell(&self) -> &Doorbell {
        self.backends.doorbell()
    }

    /// What happens to submissions, as it happens.
    pub(crate) fn live(&self) -> &Arc<Live> {
        &self.live
    }

    /// The figures of queues and sources, as they were a moment ago.
    pub(crate) async fn figures(&self) -> Result<Arc<Figures>, StoreError> {
        let database = self.database.clone();
        self.queues.figures((), async move { queues::figures(&database).await }).await
    }

    /// What happened within so many microseconds, as it was a moment ago.
    pub(crate) async fn stats(&self, range_micros: i64) -> Result<Arc<Stats>, StoreError> {
        let database = self.database.clone();
        self.stats.figures(range_micros, async move { stats::stats(&database, range_micros).await }).await
    }

    /// Adds a part that `/readyz` asks before it answers `ready`.
    #[must_use]
    pub fn with_check(mut self, check: impl Check) -> Self {
        self.checks.push(Arc::new(check));
        self
    }

    /// What the operator decided.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What this process measures; register here what is to be told on `/metrics`.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    pub(crate) fn meters(&self) -> &Meters {
        &self.meters
    }

    pub(crate) fn checks(&self) -> &[Arc<dyn Check>] {
        &self.checks
    }
}

fn connections(database: &Database) -> Connections {
    let pool = database.pool();
    Connections { used: pool.used(), idle: pool.idle, free: pool.free() }
}
