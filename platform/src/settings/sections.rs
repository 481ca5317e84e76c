//! The sections of `default.toml` as types, one field for each key. What a key means and its default are told there.

use std::net::SocketAddr;
use std::path::PathBuf;

use super::changeable::Changes;
use super::reader::Reader;
use super::{
    DatabaseUrl, HostName, LogFilter, LogFormat, OtlpEndpoint, PrivateNetwork, ProxyUrl, RedisUrl,
    SampleRatio, SentryDsn, SourceBase,
};

/// Declares a section: `field: Type` or `field: Type as least..=most`, each read from the key `section.field`. One with `@live`
/// before it can be changed on a running system: what it takes, its limits and its description then reach the API from here
/// and from `default.toml`. Whoever uses such a field reads it anew each time.
macro_rules! section {
    (
        $(#[$doc:meta])* $name:ident = $section:literal {
            $($(#[$field_doc:meta])* $(@$live:ident)? $field:ident: $type:ty $(as $range:expr)?,)+
        }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $name { $($(#[$field_doc])* pub $field: $type,)+ }

        impl $name {
            pub(super) fn read(reader: &mut Reader) -> Option<Self> {
                // Read all before `?`, so that every fault is found.
                $(let $field = section!(@read reader, concat!($section, ".", stringify!($field)), $type $(, $range)?);)+
                Some(Self { $($field: $field?,)+ })
            }

            /// Lays rows over the fields that can be changed on a running system.
            pub(super) fn change(&mut self, changes: &mut Changes) {
                let Self { $($field,)+ } = self;
                $(section!(@change ($($live)?) changes, $field, concat!($section, ".", stringify!($field)) $(, $range)?);)+
            }
        }
    };
    (@change () $changes:ident, $field:ident, $key:expr $(, $range:expr)?) => {
        // Read at the start alone.
        let _ = (&$changes, $field);
    };
    (@change (live) $changes:ident, $field:ident, $key:expr) => { $changes.lay($key, $field, None) };
    (@change (live) $changes:ident, $field:ident, $key:expr, $range:expr) => {
        $changes.lay($key, $field, Some($range))
    };
    (@read $reader:ident, $key:expr, $type:ty) => { $reader.read::<$type>($key) };
    (@read $reader:ident, $key:expr, $type:ty, $range:expr) => { $reader.read_within::<$type>($key, $range) };
}

/// A day, seconds: more than any clock here is worth.
const DAY: u64 = 86_400;
/// One TiB: a limit above it is a typing error.
const TEBIBYTE: u64 = 1 << 40;

section! {
    /// The API's listener and whom it answers.
    Http = "http" {
        /// Address and port; port 0 takes a free one.
        listen: SocketAddr,
        /// Names answered to beside the loopback ones.
        allowed_hosts: Vec<HostName>,
        /// True allows an address that is not loopback.
        insecure: bool,
        /// Folder of the web app's files.
        web_folder: PathBuf,
        /// Threads that serve; 0 is one for each core.
        threads: u64 as 0..=1_024,
        /// Time for requests under way after a shutdown was asked for, seconds.
        drain_seconds: u64 as 0..=3_600,
    }
}

section! {
    /// Where rows are.
    Database = "database" {
        /// The database; `None` is the embedded one, see [`super::Settings::database_url`].
        url: Option<DatabaseUrl>,
        /// Connections in the pool.
        max_connections: u64 as 1..=1_000,
    }
}

section! {
    /// Where queues are.
    Redis = "redis" {
        /// The server; `None` runs them in the process.
        url: Option<RedisUrl>,
        /// Goes before every key.
        prefix: String,
    }
}

section! {
    /// How much a worker does at once, and its clocks.
    Worker = "worker" {
        /// Chunks screened at once; 0 is one for each core.
        screen_concurrency: u64 as 0..=1_024,
        /// Lookups under way at once.
        lookup_concurrency: u64 as 1..=10_000,
        /// How long a claim lasts, seconds.
        lease_seconds: u64 as 2..=3_600,
        /// How often a claim is renewed, seconds; at most half of the lease.
        renew_seconds: u64 as 1..=1_800,
        /// How often expired offers and leases are looked for, seconds.
        sweep_seconds: u64 as 1..=600,
        /// How often the feeder looks although nobody rang, seconds.
        poll_seconds: u64 as 1..=600,
        /// Ids offered at once for each slot; slots × this stays under 8,000 (queue.md).
        window_per_slot: u64 as 1..=32,
        /// Time for units under way after a shutdown was asked for, seconds.
        drain_seconds: u64 as 0..=3_600,
    }
}

section! {
    /// What a submission may be, and when the next one is refused.
    Intake = "intake" {
        /// Indicators in one submission.
        @live max_indicators: u64 as 1..=1_000_000,
        /// Body of one submission, bytes.
        @live max_body_bytes: u64 as 1_024..=TEBIBYTE,
        /// Submissions not yet done.
        @live max_open_submissions: u64 as 1..=100_000,
        /// Items not yet done.
        @live max_backlog_items: u64 as 1..=1_000_000_000,
        /// Free space the data folder must keep, bytes.
        @live min_free_disk_bytes: u64 as 0..=TEBIBYTE,
        /// How long a body may take to arrive, seconds.
        @live seal_seconds: u64 as 1..=DAY,
    }
}

section! {
    /// How feeds are kept fresh.
    Feeds = "feeds" {
        /// False keeps the schedule from downloading.
        @live refresh: bool,
        /// Largest download of one feed, bytes.
        @live max_download_bytes: u64 as 1_024..=TEBIBYTE,
    }
}

section! {
    /// How remote sources are asked.
    Sources = "sources" {
        /// The DNS server that sources over DNS ask; `None` is the system's.
        resolver: Option<SocketAddr>,
        /// Sources that are elsewhere than usual.
        bases: Vec<SourceBase>,
        /// How long a source may fail before what waits for it is given up, seconds.
        @live patience_seconds: u64 as 1..=DAY,
    }
}

section! {
    /// How the outside is reached.
    Egress = "egress" {
        /// The proxy everything goes through.
        proxy: Option<ProxyUrl>,
        /// PEM file with further certificate authorities.
        ca_file: Option<PathBuf>,
        /// Private networks that may be reached, some at one port alone.
        allow_private: Vec<PrivateNetwork>,
        /// Hosts that may not be asked, with their subdomains.
        @live deny_hosts: Vec<HostName>,
    }
}

section! {
    /// What is logged, and how; where traces go.
    Telemetry = "telemetry" {
        /// How a line looks.
        format: LogFormat,
        /// Which lines are written.
        @live filter: LogFilter,
        /// The collector of traces; `None` makes none.
        otlp_endpoint: Option<OtlpEndpoint>,
        /// The service's name in traces.
        service_name: String,
        /// How many of the requests that belong to no trace begin one.
        sample_ratio: SampleRatio,
    }
}

section! {
    /// Where a worker process tells its metrics.
    Metrics = "metrics" {
        /// Address and port; `None` tells nobody.
        listen: Option<SocketAddr>,
    }
}

section! {
    /// Where errors are reported.
    Sentry = "sentry" {
        /// The project; `None` reports nowhere.
        dsn: Option<SentryDsn>,
        /// Name of this installation.
        environment: String,
    }
}
