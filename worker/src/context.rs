//! What every job of a worker process needs; handed in, never global.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use aggregator_egress::Egress;
use aggregator_entities::Database;
use aggregator_platform::Metrics;
use aggregator_queue::Backends;

use crate::company::Company;
use crate::counters::Counters;
use crate::courtesy::Courtesy;
use crate::intelligence::IntelligenceCache;
use crate::meters::Meters;
use crate::options::WorkerOptions;
use crate::remote::Remote;

/// The surroundings of a worker process.
pub struct Context {
    /// The rows.
    pub database: Database,
    /// Queues, doorbell and locks.
    pub backends: Backends,
    /// How much, how long.
    pub options: WorkerOptions,
    /// Unique for this start of this process: `host-pid-random`.
    pub name: String,
    /// The way out.
    pub egress: Egress,
    /// The lists and databases to screen against.
    pub intelligence: IntelligenceCache,
    /// The remote sources.
    pub(crate) remote: Remote,
    /// What was done.
    pub counters: Counters,
    /// What is measured.
    pub meters: Meters,
    held: Held,
    company: Company,
    courtesy: Courtesy,
}

/// Ids of the units in hand: what leases are renewed for.
#[derive(Debug, Default)]
struct Held {
    chunks: Mutex<HashSet<i64>>,
    lookups: Mutex<HashSet<i64>>,
    tasks: Mutex<HashSet<i64>>,
}

impl Context {
    /// Surroundings with nothing in hand.
    pub fn new(database: Database, backends: Backends, egress: Egress, options: WorkerOptions) -> Arc<Self> {
        let intelligence =
            IntelligenceCache::new(options.generations_dir(), options.address_databases.clone());
        let remote = Remote::new(options.remote.clone());
        Arc::new(Self {
            remote,
            database,
            backends,
            options,
            egress,
            name: unique_name(),
            intelligence,
            counters: Counters::default(),
            meters: Meters::default(),
            held: Held::default(),
            company: Company::default(),
            courtesy: Courtesy::default(),
        })
    }

    /// Tells what this worker measures with these metrics; once for each of them.
    pub fn register(&self, metrics: &Metrics) {
        self.counters.register(metrics);
        let sources: Vec<&str> =
            self.remote.options.sources.iter().map(|source| source.info().slug).collect();
        self.meters.register(metrics, &sources);
    }

    /// Whether bulk is to give way.
    pub(crate) const fn courtesy(&self) -> &Courtesy {
        &self.courtesy
    }

    /// Who works beside whom.
    pub(crate) const fn company(&self) -> &Company {
        &self.company
    }

    pub(crate) fn hold_chunks(&self, ids: &[i64]) -> Hold<'_> {
        Hold::new(&self.held.chunks, ids)
    }

    pub(crate) fn hold_lookup(&self, id: i64) -> Hold<'_> {
        Hold::new(&self.held.lookups, &[id])
    }

    pub(crate) fn hold_task(&self, id: i64) -> Hold<'_> {
        Hold::new(&self.held.tasks, &[id])
    }

    /// Ids of the chunks, of the lookups and of the tasks in hand.
    pub(crate) fn held(&self) -> (Vec<i64>, Vec<i64>, Vec<i64>) {
        let ids = |of: &Mutex<HashSet<i64>>| {
            of.lock().unwrap_or_else(PoisonError::into_inner).iter().copied().collect()
        };
        (ids(&self.held.chunks), ids(&self.held.lookups), ids(&self.held.tasks))
    }
}

/// Units in hand until it is dropped.
pub(crate) struct Hold<'a> {
    held: &'a Mutex<HashSet<i64>>,
    ids: Vec<i64>,
}

impl<'a> Hold<'a> {
    fn new(held: &'a Mutex<HashSet<i64>>, ids: &[i64]) -> Self {
        held.lock().unwrap_or_else(PoisonError::into_inner).extend(ids);
        Self { held, ids: ids.to_vec() }
    }
}

impl Drop for Hold<'_> {
    fn drop(&mut self) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        for id in &self.ids {
            held.remove(id);
        }
    }
}

fn unique_name() -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let host = if host.trim().is_empty() { "host" } else { host.trim() };
    format!("{host}-{}-{}", std::process::id(), uuid::Uuid::new_v4().simple())
}
