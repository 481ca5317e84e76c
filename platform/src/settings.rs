//! Typed settings: built-in defaults, then an optional file, then the environment; over some of them, rows that are changed on
//! a running system ([`changeable`](Changeable), [`LiveSettings`]).
//!
//! Adding a key touches two places: `platform/default.toml` (comment and default) and a field in
//! `settings/sections.rs`. The name in the environment follows from the key.

mod changeable;
mod comments;
mod environment;
mod error;
mod kind;
mod live;
mod reader;
mod sections;
mod urls;
mod value;

use std::collections::BTreeMap;
use std::path::PathBuf;

pub use changeable::{Changeable, InForce, Origin, Row, is_known};
pub use environment::Environment;
pub use error::{Fault, SettingsError};
pub use kind::SettingKind;
pub use live::LiveSettings;
pub use sections::{
    Database, Egress, Feeds, Http, Intake, Metrics, Redis, Sentry, Sources, Telemetry, Worker,
};
pub use urls::{DatabaseKind, DatabaseUrl, OtlpEndpoint, ProxyUrl, RedisUrl, SentryDsn};
pub use value::{HostName, LogFilter, LogFormat, PrivateNetwork, SampleRatio, SourceBase};

use reader::Reader;

/// The built-in defaults with their comments: the documentation of every setting.
pub const DEFAULTS: &str = include_str!("../default.toml");

/// Everything an operator can decide. Debug output shows no password.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where files live.
    pub data_dir: PathBuf,
    /// The API's listener and whom it answers.
    pub http: Http,
    /// Where rows are.
    pub database: Database,
    /// Where queues are.
    pub redis: Redis,
    /// How much a worker does at once, and its clocks.
    pub worker: Worker,
    /// What a submission may be.
    pub intake: Intake,
    /// How feeds are kept fresh.
    pub feeds: Feeds,
    /// How remote sources are asked.
    pub sources: Sources,
    /// How the outside is reached.
    pub egress: Egress,
    /// What is logged, and how; where traces go.
    pub telemetry: Telemetry,
    /// Where a worker process tells its metrics.
    pub metrics: Metrics,
    /// Where errors are reported.
    pub sentry: Sentry,
    /// Where each key was written that does not have its default.
    origins: BTreeMap<String, Origin>,
}

impl Settings {
    /// Reads the defaults, the file named by `AGGREGATOR_CONFIG`, and the environment.
    ///
    /// Every fault is collected, so one wrong value hides no other; nothing starts on a half-understood setting.
    pub fn load(environment: &Environment) -> Result<Self, SettingsError> {
        let mut reader = Reader::new(environment);
        let mut settings = Self::read(&mut reader);
        if let Some(settings) = &mut settings {
            settings.check_together(&mut reader);
            settings.origins = reader.origins();
        }
        reader.finish(settings)
    }

    /// Where rows are: the configured database, or the embedded one in [`Settings::data_dir`].
    pub fn database_url(&self) -> DatabaseUrl {
        self.database
            .url
            .clone()
            .unwrap_or_else(|| DatabaseUrl::sqlite_file(&self.data_dir.join("aggregator.db")))
    }

    fn read(reader: &mut Reader) -> Option<Self> {
        // Each line reads all its keys even when one of them is wrong: a fault is noted and the default stands in.
        Some(Self {
            data_dir: reader.read("data_dir")?,
            http: Http::read(reader)?,
            database: Database::read(reader)?,
            redis: Redis::read(reader)?,
            worker: Worker::read(reader)?,
            intake: Intake::read(reader)?,
            feeds: Feeds::read(reader)?,
            sources: Sources::read(reader)?,
            egress: Egress::read(reader)?,
            telemetry: Telemetry::read(reader)?,
            metrics: Metrics::read(reader)?,
            sentry: Sentry::read(reader)?,
            origins: BTreeMap::new(),
        })
    }

    fn check_together(&self, reader: &mut Reader) {
        if self.metrics.listen.is_some_and(|listen| !listen.ip().is_loopback()) && !self.http.insecure {
            let advice = "nobody is asked who they are: choose a loopback address, or, only inside a container, set \
                          AGGREGATOR_INSECURE=1";
            reader.refuse("metrics.listen", advice.to_owned());
        }
        let worker = &self.worker;
        if worker.renew_seconds * 2 > worker.lease_seconds {
            let lease = worker.lease_seconds;
            reader.refuse(
                "worker.renew_seconds",
                format!("expected at most half of worker.lease_seconds, which is {lease}"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Environment, Settings, reader::Reader};

    #[test]
    fn every_default_is_valid_and_has_a_reader() {
        let mut reader = Reader::new(&Environment::empty());
        let settings = Settings::read(&mut reader);
        assert_eq!(reader.never_read(), Vec::<String>::new(), "keys of default.toml that no section reads");
        assert!(reader.finish(settings).is_ok());
    }
}
