//! What a running process is made of, out of its settings.

use std::fs::{self, File, TryLockError};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use aggregator_egress::{AllowedNetwork, Egress, EgressConfig, OwnService};
use aggregator_entities::Database;
use aggregator_entities::repositories::{intake, settings as rows, units};
use aggregator_migration::{Migrator, MigratorTrait};
use aggregator_platform::settings::{DatabaseKind, PrivateNetwork, RedisUrl};
use aggregator_platform::{LiveSettings, Settings};
use aggregator_queue::Backends;
use aggregator_sources::feeds::refresh::FetchLimits;
use aggregator_worker::{Context, RemoteOptions, WorkerOptions};
use anyhow::{Context as _, bail};

/// Chunks committed together: PostgreSQL wants few, SQLite many (docs/adr/0002-hot-schema.md).
const CHUNKS_PER_COMMIT_POSTGRES: usize = 8;
const CHUNKS_PER_COMMIT_SQLITE: usize = 12;

/// Connects to the rows. Says where, without the password, when it cannot.
pub(crate) async fn connect(settings: &Settings) -> anyhow::Result<Database> {
    let url = settings.database_url();
    if url.kind() == DatabaseKind::Sqlite {
        fs::create_dir_all(&settings.data_dir)
            .with_context(|| format!("the data folder {} cannot be made", settings.data_dir.display()))?;
    }
    let connections = u32::try_from(settings.database.max_connections).unwrap_or(u32::MAX);
    Database::connect(url.expose(), connections)
        .await
        .with_context(|| format!("cannot connect to {url}; is it running, and is DATABASE_URL right?"))
}

/// Connects to the queues, or makes them in this process.
pub(crate) fn queues(settings: &Settings) -> anyhow::Result<Backends> {
    let url = settings.redis.url.as_ref().map(RedisUrl::expose);
    Backends::connect(url, &settings.redis.prefix).context("the queues cannot be set up; check REDIS_URL")
}

/// Runs the migrations that are missing; their number. An SQLite file with rows is copied beside itself first.
pub(crate) async fn migrate(database: &Database, settings: &Settings) -> anyhow::Result<usize> {
    let pending = Migrator::get_pending_migrations(database.migrations())
        .await
        .context("cannot read the migrations")?
        .len();
    if pending == 0 {
        return Ok(0);
    }
    let applied =
        Migrator::get_applied_migrations(database.migrations()).await.map_or(0, |applied| applied.len());
    if !database.is_postgres() && applied > 0 {
        let backup = settings.data_dir.join(format!("aggregator.before-{}.db", applied + pending));
        if backup.exists() {
            fs::remove_file(&backup).with_context(|| format!("cannot replace {}", backup.display()))?;
        }
        database.backup_to(&backup).await.context("cannot copy the database before migrating it")?;
        tracing::info!(file = %backup.display(), "copied the database before migrating it");
    }
    Migrator::up(database.migrations(), None)
        .await
        .context("a migration failed; the database is as it was before it")?;
    tracing::info!(migrations = pending, "database migrated");
    Ok(pending)
}

/// Refuses to work on a database that lacks migrations.
pub(crate) async fn require_migrated(database: &Database) -> anyhow::Result<()> {
    let pending = Migrator::get_pending_migrations(database.migrations())
        .await
        .context("cannot read the migrations")?
        .len();
    if pending > 0 {
        bail!("the database lacks {pending} migrations; run `aggregator migrate` first");
    }
    Ok(())
}

/// Puts the settings in force that are changed on a running system.
pub(crate) async fn read_stored(settings: &LiveSettings, database: &Database) -> anyhow::Result<()> {
    settings.reload(rows::written(database)).await.context("cannot read the stored settings")?;
    Ok(())
}

/// The surroundings of a worker. `listen` is where the API is, when this process serves it.
pub(crate) fn worker(
    live: &LiveSettings,
    database: &Database,
    backends: &Backends,
    listen: Option<SocketAddr>,
) -> anyhow::Result<Arc<Context>> {
    let options = worker_options(live, database.is_postgres());
    Ok(Context::new(database.clone(), backends.clone(), egress(&live.settings(), listen)?, options))
}

/// The way out, as the settings allow it. `listen` as for [`worker`].
pub(crate) fn egress(settings: &Settings, listen: Option<SocketAddr>) -> anyhow::Result<Egress> {
    let egress = &settings.egress;
    let authorities_pem = match &egress.ca_file {
        Some(file) => vec![
            fs::read(file).with_context(|| format!("egress.ca_file {} cannot be read", file.display()))?,
        ],
        None => Vec::new(),
    };
    let proxy = egress
        .proxy
        .as_ref()
        .map(|proxy| proxy.expose().parse())
        .transpose()
        .context("egress.proxy is no URL")?;
    let allowed =
        |of: &PrivateNetwork| AllowedNetwork { network: of.network, ports: of.port.into_iter().collect() };
    let config = EgressConfig {
        allow_networks: egress.allow_private.iter().map(allowed).collect(),
        own_services: own_services(settings, listen),
        deny_hosts: egress.deny_hosts.iter().map(|host| host.as_str().to_owned()).collect(),
        proxy,
        authorities_pem,
        ..EgressConfig::default()
    };
    Egress::new(config).context("the outbound client cannot be set up; check egress.proxy and egress.ca_file")
}

/// What no source and no redirect may lead to: the servers behind this process and what it or its like serve.
fn own_services(settings: &Settings, listen: Option<SocketAddr>) -> Vec<OwnService> {
    let servers = [settings.database_url().server(), settings.redis.url.as_ref().and_then(RedisUrl::server)];
    let listeners = [Some(listen.unwrap_or(settings.http.listen)), settings.metrics.listen];
    let listeners = listeners.into_iter().flatten().map(|at| (at.ip().to_string(), at.port()));
    let own = servers.into_iter().flatten().chain(listeners);
    own.filter(|(_, port)| *port != 0).map(|(host, port)| OwnService { host, port }).collect()
}

/// Limits of one feed's download.
pub(crate) fn download_limits(settings: &Settings) -> FetchLimits {
    FetchLimits { max_bytes: settings.feeds.max_download_bytes, ..FetchLimits::default() }
}

fn worker_options(live: &LiveSettings, postgres: bool) -> WorkerOptions {
    let settings = live.settings();
    let worker = &settings.worker;
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let seconds = Duration::from_secs;
    WorkerOptions {
        data_dir: settings.data_dir.clone(),
        screen_groups: match usize::try_from(worker.screen_concurrency).unwrap_or(1) {
            0 => cores,
            groups => groups,
        },
        chunks_per_commit: if postgres { CHUNKS_PER_COMMIT_POSTGRES } else { CHUNKS_PER_COMMIT_SQLITE },
        lease: seconds(worker.lease_seconds),
        renew: seconds(worker.renew_seconds),
        sweep: seconds(worker.sweep_seconds),
        poll: seconds(worker.poll_seconds),
        window_per_slot: u32::try_from(worker.window_per_slot).unwrap_or(1),
        offer: seconds(worker.lease_seconds),
        drain: seconds(worker.drain_seconds),
        settings: live.clone(),
        traced: settings.telemetry.otlp_endpoint.is_some(),
        remote: RemoteOptions {
            sources: aggregator_sources::remote::all(),
            bases: settings.sources.bases.iter().map(|base| (base.slug.clone(), base.url.clone())).collect(),
            resolver: settings.sources.resolver,
            concurrency: usize::try_from(worker.lookup_concurrency).unwrap_or(1),
        },
        address_databases: address_databases(&settings.data_dir),
    }
}

/// Address databases an operator put into `data_dir/addresses`: `.mmdb` and ip2asn `.tsv`, in the order of their names.
pub(crate) fn address_databases(data_dir: &Path) -> Vec<PathBuf> {
    let Ok(folder) = fs::read_dir(data_dir.join("addresses")) else { return Vec::new() };
    let mut files: Vec<PathBuf> = folder
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|end| end == "mmdb" || end == "tsv"))
        .collect();
    files.sort();
    files
}

/// Held while one process alone uses the embedded database.
#[derive(Debug)]
pub(crate) struct Alone {
    _lock: File,
}

impl Alone {
    /// Takes the data folder for this process.
    pub(crate) fn take(settings: &Settings) -> anyhow::Result<Self> {
        let path = settings.data_dir.join("aggregator.lock");
        let lock = File::create(&path).with_context(|| format!("cannot make {}", path.display()))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { _lock: lock }),
            Err(TryLockError::WouldBlock) => bail!(
                "another `aggregator up` uses {}; stop it, or choose another folder with AGGREGATOR_DATA_DIR",
                settings.data_dir.display()
            ),
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("cannot lock {}", path.display()))
            }
        }
    }

    /// Takes back what a crash of the last process left in flight: nobody else can hold it.
    pub(crate) async fn recover(&self, database: &Database) -> anyhow::Result<()> {
        let abandoned = intake::abandon_all(database).await?;
        if abandoned > 0 {
            tracing::info!(count = abandoned, "removed submissions whose bodies a stop cut off");
        }
        let returned = units::take_back_all(database).await?;
        if returned.leases > 0 {
            tracing::info!(count = returned.leases, "took back units that a stop left in flight");
        }
        Ok(())
    }
}
