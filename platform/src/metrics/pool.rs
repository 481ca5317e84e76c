//! The connections of a process to the database.

use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::gauge::ConstGauge;

/// Connections by what they do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Connections {
    /// Somebody uses them.
    pub used: u32,
    /// They are open, and nobody uses them.
    pub idle: u32,
    /// They may still be opened.
    pub free: u32,
}

/// Read when it is asked for.
pub(super) struct Pool(pub(super) Box<dyn Fn() -> Connections + Send + Sync>);

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").finish_non_exhaustive()
    }
}

impl Collector for Pool {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let Connections { used, idle, free } = (self.0)();
        let help = "Connections of this process to the database: used, idle, and free to be opened";
        let mut metric =
            encoder.encode_descriptor("aggregator_database_connections", help, None, MetricType::Gauge)?;
        for (state, count) in [("used", used), ("idle", idle), ("free", free)] {
            ConstGauge::new(i64::from(count)).encode(metric.encode_family(&[("state", state)])?)?;
        }
        Ok(())
    }
}
