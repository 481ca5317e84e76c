//! What a scenario stands on: a folder, a PostgreSQL and a Redis of its own, and the product's processes. Everything is
//! killed and removed when it is dropped, also by a panic.

mod lists;
mod postgres;
mod program;
mod redis;

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use tempfile::TempDir;

pub(crate) use self::postgres::Postgres;
pub(crate) use self::program::Program;
pub(crate) use self::redis::Redis;
use crate::client::Client;
use crate::environment;
use crate::material::Material;
use crate::rows::Rows;
use crate::scale::Scale;
use crate::wait::until;

/// The product on PostgreSQL and Redis.
pub(crate) struct Ground {
    /// Sizes of this run.
    pub(crate) scale: Scale,
    /// The rows' server.
    pub(crate) postgres: Postgres,
    /// The queues' server.
    pub(crate) redis: Redis,
    place: Place,
    /// Settings of the scenario's own.
    own: Vec<(&'static str, String)>,
}

impl Ground {
    /// Starts both servers, migrates and imports the lists.
    pub(crate) fn new() -> Self {
        Self::with(Vec::new())
    }

    /// The same, with settings of the scenario's own, and a Redis that keeps a log.
    pub(crate) fn with(own: Vec<(&'static str, String)>) -> Self {
        let scale = Scale::of_run();
        let place = Place::new();
        let postgres = Postgres::start(place.path(), scale.long);
        let redis = Redis::start(place.path(), !own.is_empty());
        let ground = Self { scale, postgres, redis, place, own };
        ground.place.prepare(&ground.settings());
        ground
    }

    /// An API process; returns when it is ready, with the time that took.
    pub(crate) fn api(&self) -> (Program, Duration) {
        self.place.serve("api", &self.settings())
    }

    /// A worker process.
    pub(crate) fn worker(&self) -> Program {
        self.place.start("worker", &self.settings())
    }

    /// A client of the API.
    pub(crate) fn client(&self) -> Client {
        Client::new(self.place.port)
    }

    /// The rows, to look at.
    pub(crate) fn rows(&self) -> Rows {
        Rows::new(self.postgres.url())
    }

    fn settings(&self) -> Vec<(&'static str, String)> {
        let mut settings = self.place.settings(&self.scale);
        settings.push(("DATABASE_URL", self.postgres.url()));
        settings.push(("REDIS_URL", self.redis.url()));
        settings.extend(self.own.iter().cloned());
        settings
    }
}

/// The embedded product: one process, one SQLite file.
pub(crate) struct EmbeddedGround {
    /// Sizes of this run.
    pub(crate) scale: Scale,
    place: Place,
}

impl EmbeddedGround {
    /// A folder with a migrated database, in which nothing runs yet.
    pub(crate) fn new() -> Self {
        let ground = Self { scale: Scale::of_run(), place: Place::new() };
        ground.place.prepare(&ground.place.settings(&ground.scale));
        ground
    }

    /// `aggregator up`; returns when it is ready, with the time that took.
    pub(crate) fn up(&self) -> (Program, Duration) {
        self.place.serve("up", &self.place.settings(&self.scale))
    }

    /// A client of the API.
    pub(crate) fn client(&self) -> Client {
        Client::new(self.place.port)
    }

    /// The rows, to look at.
    pub(crate) fn rows(&self) -> Rows {
        Rows::new(format!("sqlite://{}", self.place.data().join("aggregator.db").display()))
    }
}

/// A folder, a port, and a copy of the binary that no build replaces under our feet.
struct Place {
    folder: TempDir,
    binary: PathBuf,
    port: u16,
}

impl Place {
    fn new() -> Self {
        let folder = TempDir::with_prefix("aggregator-chaos-").expect("a temporary folder can be made");
        // PostgreSQL may run as another user and must be able to enter.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("its mode can be set");
        let built = environment::binary();
        let binary = folder.path().join("aggregator");
        fs::hard_link(&built, &binary)
            .or_else(|_other_file_system| fs::copy(&built, &binary).map(drop))
            .unwrap_or_else(|error| panic!("{} cannot be copied: {error}", built.display()));
        Self { folder, binary, port: free_port() }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn data(&self) -> PathBuf {
        self.path().join("data")
    }

    /// Settings every process has.
    fn settings(&self, scale: &Scale) -> Vec<(&'static str, String)> {
        vec![
            ("AGGREGATOR_DATA_DIR", self.data().display().to_string()),
            ("AGGREGATOR_HTTP_LISTEN", format!("127.0.0.1:{}", self.port)),
            ("AGGREGATOR_WORKER_LEASE_SECONDS", scale.lease_seconds.to_string()),
            ("AGGREGATOR_WORKER_RENEW_SECONDS", scale.renew_seconds.to_string()),
            ("AGGREGATOR_WORKER_SWEEP_SECONDS", scale.sweep_seconds.to_string()),
            ("AGGREGATOR_WORKER_POLL_SECONDS", scale.poll_seconds.to_string()),
            ("AGGREGATOR_FEEDS_REFRESH", "false".to_owned()),
        ]
    }

    fn start(&self, subcommand: &str, settings: &[(&'static str, String)]) -> Program {
        Program::start(&self.binary, subcommand, settings, self.path())
    }

    /// Starts a process that serves, and waits until it is ready.
    fn serve(&self, subcommand: &str, settings: &[(&'static str, String)]) -> (Program, Duration) {
        let started = Instant::now();
        let mut program = self.start(subcommand, settings);
        let client = Client::new(self.port);
        until("the API is ready", Duration::from_mins(1), || {
            program.must_run();
            client.is_ready().then_some(())
        });
        (program, started.elapsed())
    }

    /// Migrates, and imports the lists to match against.
    fn prepare(&self, settings: &[(&'static str, String)]) {
        self.run_to_end(&["migrate".to_owned()], settings);
        for import in lists::imports(self.path(), &Material::load()) {
            self.run_to_end(&import, settings);
        }
    }

    fn run_to_end(&self, arguments: &[String], settings: &[(&'static str, String)]) {
        let output = Command::new(&self.binary)
            .args(arguments)
            .env_clear()
            .envs(settings.iter().map(|(name, value)| (name, value)))
            .output()
            .expect("the binary starts");
        let words = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "`aggregator {}` failed: {words}", arguments.join(" "));
    }
}

/// A port nobody has at this moment, below those the system hands out: one that it gives back is soon another's.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = 12_000 + u16::try_from(std::process::id() % 1_800).unwrap_or(0) * 10;
    loop {
        let port = first + NEXT.fetch_add(1, Ordering::Relaxed);
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
