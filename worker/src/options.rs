//! How much a worker does at once, and its clocks.

use std::path::PathBuf;
use std::time::Duration;

use aggregator_platform::LiveSettings;
use aggregator_sources::feeds::refresh::FetchLimits;

use crate::remote::RemoteOptions;

/// Options of one worker process.
#[derive(Debug, Clone)]
pub struct WorkerOptions {
    /// Where artifacts of feeds are kept on this machine.
    pub data_dir: PathBuf,
    /// Groups of chunks screened at once, at least 1.
    pub screen_groups: usize,
    /// Chunks committed together, at least 1. PostgreSQL wants few, SQLite many (docs/adr/0002-hot-schema.md).
    pub chunks_per_commit: usize,
    /// How long a claim lasts without being renewed.
    pub lease: Duration,
    /// How often claims are renewed.
    pub renew: Duration,
    /// How often expired offers and leases are looked for.
    pub sweep: Duration,
    /// How often the feeder looks although no doorbell rang.
    pub poll: Duration,
    /// Ids offered at once per slot.
    pub window_per_slot: u32,
    /// How long an offer stands before the id is offered again.
    pub offer: Duration,
    /// How long running units may take to finish when stopping.
    pub drain: Duration,
    /// What is changed on a running system: the schedule of feeds, the size of a download, the patience with sources, the hosts
    /// that are not asked.
    pub settings: LiveSettings,
    /// True where traces are sent: then what is pushed is looked up in them.
    pub traced: bool,
    /// The remote sources.
    pub remote: RemoteOptions,
    /// Feed definitions' local databases for addresses (mmdb or ip2asn), in order of preference.
    pub address_databases: Vec<PathBuf>,
}

impl WorkerOptions {
    /// Units of the screen lanes worked at once in this process.
    pub fn screen_slots(&self) -> usize {
        self.screen_groups.max(1) * self.chunks_per_commit.max(1)
    }

    /// Where artifacts of feeds are on this machine.
    pub fn generations_dir(&self) -> PathBuf {
        self.data_dir.join("generations")
    }

    /// Limits of a download.
    pub(crate) fn download_limits(&self) -> FetchLimits {
        FetchLimits { max_bytes: self.settings.settings().feeds.max_download_bytes, ..FetchLimits::default() }
    }

    /// How long a source may be broken before the lookups that wait for it are given up, microseconds.
    pub(crate) fn patience_micros(&self) -> i64 {
        micros(Duration::from_secs(self.settings.settings().sources.patience_seconds))
    }

    /// The lease in microseconds.
    pub(crate) fn lease_micros(&self) -> i64 {
        micros(self.lease)
    }
}

/// A duration in microseconds.
pub(crate) fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}
