//! What handlers share: passed in, never global.

use std::sync::Arc;

use aggregator_entities::domain::{CustomKinds, KindName};
use aggregator_entities::repositories::queues::{self, Figures};
use aggregator_entities::repositories::stats::{self, Stats};
use aggregator_entities::{Database, StoreError};
use aggregator_openapi::KindName as Named;
use aggregator_platform::metrics::Connections;
use aggregator_platform::{LiveSettings, Metrics, Settings, Shutdown};
use aggregator_queue::{Backends, Doorbell};

use crate::failure::Failure;
use crate::figures::Reading;
use crate::kinds::{self, Kinds};
use crate::live::Live;
use crate::meters::Meters;
use crate::readiness::{Check, DatabaseCheck, QueuesCheck};

/// The settings and the parts handlers need. Cheap to clone; every clone is the same state.
#[derive(Clone)]
pub struct State {
    settings: LiveSettings,
    database: Database,
    backends: Backends,
    checks: Vec<Arc<dyn Check>>,
    live: Arc<Live>,
    queues: Arc<Reading<(), Figures>>,
    stats: Arc<Reading<i64, Stats>>,
    metrics: Metrics,
    meters: Meters,
    kinds: Arc<Kinds>,
}

impl State {
    /// A state over rows and queues; `/readyz` asks both.
    pub fn new(settings: impl Into<LiveSettings>, database: Database, backends: Backends) -> Self {
        let checks: Vec<Arc<dyn Check>> =
            vec![Arc::new(DatabaseCheck(database.clone())), Arc::new(QueuesCheck(backends.clone()))];
        let live = Live::new(database.clone(), backends.doorbell().clone());
        let (queues, stats) = (Reading::new(), Reading::new());
        let metrics = Metrics::new();
        let meters = Meters::new(&metrics);
        let rows = database.clone();
        metrics.register_pool(move || connections(&rows));
        let (settings, kinds) = (settings.into(), Arc::default());
        Self { settings, database, backends, checks, live, queues, stats, metrics, meters, kinds }
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

    /// The custom kinds, as they are read with at this moment.
    pub(crate) fn kinds(&self) -> CustomKinds {
        self.kinds.now()
    }

    /// The kind a filter names.
    pub(crate) fn asked_kind(&self, name: Option<&Named>) -> Result<Option<KindName>, Failure> {
        name.map(|name| self.kinds.asked(name)).transpose()
    }

    /// Looks at the rows of the custom kinds: what was changed just now is in effect here afterwards.
    pub(crate) async fn refresh_kinds(&self) -> Result<(), StoreError> {
        self.kinds.refresh(&self.database).await
    }

    /// Looks at the custom kinds from now on.
    pub(crate) async fn keep_kinds(&self, shutdown: Shutdown) {
        kinds::keep(Arc::clone(&self.kinds), self.database.clone(), self.doorbell(), shutdown).await;
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

    /// What the operator decided, as it is in force now.
    pub fn settings(&self) -> Arc<Settings> {
        self.settings.settings()
    }

    /// The settings, with what can be changed of them.
    pub(crate) const fn live_settings(&self) -> &LiveSettings {
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
