//! What a process measures about itself, told to Prometheus when it asks (OpenMetrics text).
//!
//! Who measures something makes it, keeps a clone and registers it here; docs/METRICS.md lists all there is. A label's values
//! are few and known: names of queues, sources and routes, never an indicator, a path or an id.

mod listener;
mod pool;
mod process;

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use prometheus_client::encoding::text::{encode_eof, encode_registry};
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Metric, Registry};

pub use listener::{bind, serve};
pub use pool::Connections;

/// The media type of [`Metrics::text`].
pub const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Labels with their values.
pub type Labels<const N: usize> = [(&'static str, Cow<'static, str>); N];

/// Everything a process measures. Cheap to clone; every clone is the same.
#[derive(Clone)]
pub struct Metrics(Arc<RwLock<Registry>>);

impl Metrics {
    /// What every process measures: its memory and its version.
    pub fn new() -> Self {
        let mut registry = Registry::default();
        registry.register_collector(Box::new(process::Process));
        Self(Arc::new(RwLock::new(registry)))
    }

    /// Adds a metric. A counter's name is given without the `_total` it is told with, a help without its final full stop.
    pub fn register(&self, name: &str, help: &str, metric: impl Metric) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).register(name, help, metric);
    }

    /// Tells of this process's connections to the database, read when somebody asks.
    pub fn register_pool(&self, read: impl Fn() -> Connections + Send + Sync + 'static) {
        let pool = Box::new(pool::Pool(Box::new(read)));
        self.0.write().unwrap_or_else(PoisonError::into_inner).register_collector(pool);
    }

    /// All of it as OpenMetrics text, and what `others` holds beside it.
    pub fn text(&self, others: &Registry) -> Result<String, fmt::Error> {
        let mut text = String::new();
        encode_registry(&mut text, &self.0.read().unwrap_or_else(PoisonError::into_inner))?;
        encode_registry(&mut text, others)?;
        encode_eof(&mut text)?;
        Ok(text)
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

/// A histogram of durations in seconds, from a millisecond to a minute.
pub fn durations() -> Histogram {
    Histogram::new([0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0])
}
