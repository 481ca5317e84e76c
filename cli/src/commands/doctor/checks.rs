//! The looks, from the ground up: what stands on something broken is not looked at.

use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use aggregator_entities::clock::{self, SECOND};
use aggregator_entities::repositories::{feeds, queues, workers};
use aggregator_entities::{Database, StoreError};
use aggregator_migration::{Migrator, MigratorTrait};
use aggregator_platform::Settings;
use aggregator_queue::{Backends, ServerFacts};

use super::Finding;
use crate::process;

/// Clocks further apart than this confuse whoever reads logs beside rows.
const MAX_SKEW: Duration = Duration::from_secs(5);

/// A refresh that is overdue for so long was missed.
const OVERDUE: i64 = 3_600 * SECOND;

/// Something due for so long has no worker.
const UNATTENDED: i64 = 60 * SECOND;

/// Everything, in the order it stands on each other.
pub(super) async fn all(settings: &Settings) -> Vec<Finding> {
    let mut findings = vec![folder(settings)];
    if settings.redis.url.is_some() {
        findings.extend(redis(settings).await);
    }
    let began = Instant::now();
    let database = match process::connect(settings).await {
        Ok(database) => database,
        Err(error) => {
            let cure = "start it, or correct DATABASE_URL; `aggregator settings --check` reads the settings";
            findings.push(Finding::broken("database", format!("{error:#}"), cure));
            return findings;
        }
    };
    let name = if database.is_postgres() { "PostgreSQL" } else { "SQLite" };
    findings
        .push(Finding::ok("database", format!("{name} answers after {} ms", began.elapsed().as_millis())));
    let schema = schema(&database).await;
    let is_migrated = schema.cure.is_none();
    findings.push(schema);
    if is_migrated {
        match rows(&database).await {
            Ok(more) => findings.extend(more),
            Err(error) => {
                findings.push(Finding::broken("rows", error.to_string(), "look into the database's log"));
            }
        }
    }
    findings
}

fn folder(settings: &Settings) -> Finding {
    let folder = &settings.data_dir;
    let place = if folder.exists() { folder.as_path() } else { Path::new(".") };
    let Ok(stat) = rustix::fs::statvfs(place) else {
        return Finding::broken(
            "folder",
            format!("{} cannot be looked at", folder.display()),
            "correct data_dir or its rights",
        );
    };
    let free = stat.f_bavail.saturating_mul(stat.f_frsize);
    let seen = format!("{} MiB free in {}", free >> 20, folder.display());
    if free < settings.intake.min_free_disk_bytes {
        return Finding::broken(
            "folder",
            seen,
            "free some space, or lower intake.min_free_disk_bytes: submissions are refused until then",
        );
    }
    Finding::ok("folder", seen)
}

async fn redis(settings: &Settings) -> Vec<Finding> {
    let facts = async {
        let backends: Backends = process::queues(settings)?;
        Ok::<_, anyhow::Error>(backends.server_facts().await?)
    };
    let facts = match tokio::time::timeout(MAX_SKEW, facts).await {
        Ok(Ok(Some(facts))) => facts,
        Ok(Ok(None)) => return Vec::new(),
        Ok(Err(error)) => return vec![away(&format!("{error:#}"))],
        Err(_) => return vec![away("it does not answer")],
    };
    let ServerFacts { version, appends, eviction } = facts;
    let mut findings = vec![Finding::ok("redis", format!("Redis {version} answers"))];
    if eviction != "noeviction" {
        findings.push(Finding::broken(
            "redis",
            format!("maxmemory-policy is {eviction}: a full Redis throws queues away"),
            "CONFIG SET maxmemory-policy noeviction, and in its configuration file",
        ));
    }
    if !appends {
        findings.push(Finding::warning(
            "redis",
            "it keeps no append-only file: after a crash work stands still until offers run out",
            "CONFIG SET appendonly yes, and in its configuration file; nothing accepted is lost either way",
        ));
    }
    findings
}

fn away(seen: &str) -> Finding {
    Finding::broken(
        "redis",
        seen,
        "start it, or correct REDIS_URL; what is accepted meanwhile waits in the database",
    )
}

async fn schema(database: &Database) -> Finding {
    match Migrator::get_pending_migrations(database.migrations()).await {
        Ok(pending) if pending.is_empty() => Finding::ok("schema", "it has this version's shape"),
        Ok(pending) => Finding::broken(
            "schema",
            format!("{} migrations are missing", pending.len()),
            "run `aggregator migrate`",
        ),
        Err(error) => {
            Finding::broken("schema", error.to_string(), "the rights of the database's user, perhaps")
        }
    }
}

async fn rows(database: &Database) -> Result<Vec<Finding>, StoreError> {
    let mut findings = vec![skew(database).await?];
    let figures = queues::figures(database).await?;
    let alive = workers::list(database).await?.into_iter().filter(|worker| worker.alive).count();
    let waiting: Vec<&str> = figures
        .queues
        .iter()
        .filter(|(_, depth)| depth.in_flight() == 0)
        .filter(|(_, depth)| depth.oldest_at.is_some_and(|oldest| oldest + UNATTENDED < figures.at))
        .map(|(name, _)| *name)
        .collect();
    findings.push(match (alive, waiting.is_empty()) {
        (0, false) => Finding::broken(
            "workers",
            format!("no worker lives, and work waits in {}", waiting.join(", ")),
            "start `aggregator worker`, or `aggregator up`, and look into its log",
        ),
        (0, true) => Finding::ok("workers", "none lives, and nothing waits"),
        (alive, true) => Finding::ok("workers", format!("{alive} live")),
        (alive, false) => Finding::warning(
            "workers",
            format!("{alive} live, and yet nothing is taken from {}", waiting.join(", ")),
            "`aggregator queues` says what holds it back: a pause, a limit, a broken source",
        ),
    });
    let dead: i64 = figures.queues.iter().map(|(_, depth)| depth.dead).sum();
    if dead > 0 {
        findings.push(Finding::warning(
            "queues",
            format!("{dead} units were given up"),
            "`aggregator dead list` says why; `aggregator dead replay` tries them once more",
        ));
    }
    for source in &figures.sources {
        if let Some(queues::SourceHold::Broken(_)) = source.hold {
            findings.push(Finding::warning(
                "sources",
                format!("{} fails whenever it is asked", source.slug),
                "is it reachable from here, and its address right? It is tried again by itself",
            ));
        }
    }
    findings.extend(feeds_of(database, figures.at).await?);
    Ok(findings)
}

async fn skew(database: &Database) -> Result<Finding, StoreError> {
    #[expect(
        clippy::disallowed_methods,
        reason = "it is this machine's clock that is compared with the database's"
    )]
    let here = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let there = Duration::from_micros(u64::try_from(clock::now(database).await?).unwrap_or_default());
    let apart = here.abs_diff(there);
    let seen = format!("this machine and the database are {:.1} s apart", apart.as_secs_f64());
    Ok(if apart > MAX_SKEW {
        Finding::warning("clock", seen, "let both keep time by NTP; rows go by the database's clock alone")
    } else {
        Finding::ok("clock", seen)
    })
}

async fn feeds_of(database: &Database, now: i64) -> Result<Vec<Finding>, StoreError> {
    let mut findings = Vec::new();
    let enabled: Vec<_> = feeds::list(database).await?.into_iter().filter(|feed| feed.enabled).collect();
    let loaded = enabled.iter().filter(|feed| feed.generation.is_some()).count();
    for feed in &enabled {
        if feed.next_refresh_at.is_some_and(|due| due + OVERDUE < now) {
            findings.push(Finding::warning(
                "feeds",
                format!(
                    "{} is overdue since {}",
                    feed.slug,
                    feed.next_refresh_at.map(clock::rfc3339).unwrap_or_default()
                ),
                "is a worker running with feeds.refresh = true? `aggregator feeds refresh` does it now",
            ));
        }
    }
    if findings.is_empty() {
        findings.push(Finding::ok("feeds", format!("{loaded} of {} switched on hold a list", enabled.len())));
    }
    Ok(findings)
}
