//! The looks, from the ground up: what stands on something broken is not looked at.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use aggregator_entities::clock::{self, SECOND};
use aggregator_entities::repositories::feeds::Feed;
use aggregator_entities::repositories::queues::{Depth, Figures};
use aggregator_entities::repositories::{feeds, queues, settings as stored, workers};
use aggregator_entities::{Database, StoreError};
use aggregator_migration::{Shape, shape};
use aggregator_platform::Settings;
use aggregator_platform::settings::Origin;
use aggregator_queue::{Backends, ServerFacts};
use aggregator_sources::feeds::FeedDefinition;

use super::Finding;
use crate::process;

/// Clocks further apart than this confuse whoever reads logs beside rows.
const MAX_SKEW: Duration = Duration::from_secs(5);

/// An answer that is overdue for so long was missed.
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
    let url = settings.database_url();
    let database = match Database::look(url.expose()).await {
        Ok(Some(database)) => database,
        Ok(None) => {
            let seen = format!("there is no database yet ({url})");
            findings.push(Finding::broken("schema", seen, MIGRATE));
            return findings;
        }
        Err(error) => {
            let cure = "start it, or correct DATABASE_URL; `aggregator settings --check` reads the settings";
            findings.push(Finding::broken("database", format!("cannot connect to {url}: {error}"), cure));
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
        match in_force(settings, &database).await {
            Ok((in_force, more)) => {
                // Rows may say how much has to be free.
                findings[0] = folder(&in_force);
                findings.extend(more);
            }
            Err(error) => findings.push(Finding::broken("settings", error.to_string(), LOOK)),
        }
        match rows(&database).await {
            Ok(more) => findings.extend(more),
            Err(error) => {
                findings.push(Finding::broken("rows", error.to_string(), LOOK));
            }
        }
    }
    findings
}

/// What to do about a database that lacks its shape.
const MIGRATE: &str = "run `aggregator migrate`, or start `aggregator up`, which does it, too";

/// What to do about a database that answers with an error.
const LOOK: &str = "look into the database's log";

/// The settings with what is stored over them, and what is wrong with that.
async fn in_force(
    settings: &Settings,
    database: &Database,
) -> Result<(Arc<Settings>, Vec<Finding>), StoreError> {
    let in_force = settings.with_rows(&stored::written(database).await?);
    let faults = in_force.faults();
    let findings = if faults.is_empty() {
        let changed = in_force.changeable.iter().filter(|setting| setting.origin == Origin::Database).count();
        vec![Finding::ok("settings", format!("{changed} are changed by rows, all of which can be read"))]
    } else {
        let cure =
            "`aggregator settings reset KEY`, or set it anew; a row of no setting has to be deleted by hand";
        faults.into_iter().map(|fault| Finding::warning("settings", fault, cure)).collect()
    };
    Ok((in_force.settings, findings))
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
    match shape(database.migrations()).await {
        Ok(Shape::Current) => Finding::ok("schema", "it has this version's shape"),
        Ok(Shape::Older(missing)) => {
            Finding::broken("schema", format!("{missing} migrations are missing"), MIGRATE)
        }
        Ok(Shape::Newer(unknown)) => Finding::broken(
            "schema",
            format!("a newer version changed it: this one does not know {}", unknown.join(", ")),
            "run the version that made it, or go back to the backup that was taken before it did; never migrate with this one",
        ),
        Err(error) => {
            Finding::broken("schema", error.to_string(), "the rights of the database's user, perhaps")
        }
    }
}

async fn rows(database: &Database) -> Result<Vec<Finding>, StoreError> {
    let mut findings = vec![skew(database).await?];
    let figures = queues::figures(database).await?;
    let alive = workers::alive(database, workers::FRESH).await?.len();
    findings.push(work(&figures, alive));
    findings.extend(given_up(&figures));
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

/// Whether somebody does what is to be done.
fn work(figures: &Figures, alive: usize) -> Finding {
    let names = |is_meant: &dyn Fn(&Depth) -> bool| {
        let meant = figures.queues.iter().filter(|(_, depth)| is_meant(depth));
        meant.map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
    };
    if alive == 0 {
        // Where nobody lives, nobody goes on with what is in flight, either.
        let open = names(&|depth| depth.queued + depth.in_flight() + depth.parked + depth.waiting > 0);
        if open.is_empty() {
            return Finding::ok("workers", "none lives, and nothing is to be done");
        }
        return Finding::broken(
            "workers",
            format!("no worker lives, and work waits or was under way in {open}"),
            "start `aggregator worker`, or `aggregator up`, and look into the log of the one that ended",
        );
    }
    let unattended = names(&|depth| {
        let waits = depth.oldest_at.is_some_and(|oldest| oldest + UNATTENDED < figures.at);
        waits && depth.in_flight() == 0
    });
    if unattended.is_empty() {
        return Finding::ok("workers", format!("{alive} live"));
    }
    Finding::warning(
        "workers",
        format!("{alive} live, and yet nothing is taken from {unattended}"),
        "`aggregator queues` says what holds it back: a pause, a limit, a broken source",
    )
}

/// What was given up, by what can be done about it.
fn given_up(figures: &Figures) -> Vec<Finding> {
    let dead = |queues: &[&str]| -> i64 {
        figures.queues.iter().filter(|(name, _)| queues.contains(name)).map(|(_, depth)| depth.dead).sum()
    };
    let kinds: [(&str, &[&str], &str); 3] = [
        (
            "lookups",
            &["lookup", "lookup:interactive"],
            "`aggregator dead list` says why; `aggregator dead replay` tries them once more",
        ),
        (
            "tasks",
            &["task"],
            "GET /api/v1/tasks?state=dead says why; POST /api/v1/tasks/ID/retry tries one once more; they are forgotten after 30 days",
        ),
        (
            "chunks",
            &["screen", "screen:interactive"],
            "each took three workers with it: look into their logs; its items say that they were not screened, \
             POST /api/v1/submissions/ID/rerun tries them once more, and deleting the first submission ends this warning",
        ),
    ];
    let found = kinds.into_iter().map(|(what, queues, cure)| (what, dead(queues), cure));
    found
        .filter(|(_, dead, _)| *dead > 0)
        .map(|(what, dead, cure)| Finding::warning("queues", format!("{dead} {what} were given up"), cure))
        .collect()
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
        let Feed { slug, failing_since, .. } = feed;
        if let Some(since) = failing_since {
            let run = feeds::runs(database, feed.id, 1).await?.pop();
            let reason = run.and_then(|run| run.reason).unwrap_or_else(|| "no reason was given".to_owned());
            findings.push(Finding::warning(
                "feeds",
                format!("{slug} is failing since {}: {reason}", clock::rfc3339(*since)),
                format!(
                    "its old list stays in force; `aggregator feeds refresh {slug}` asks once more, \
                     `aggregator feeds disable {slug}` gives it up"
                ),
            ));
        } else if let Some(since) = unanswered(feed, now) {
            findings.push(Finding::warning(
                "feeds",
                format!("{slug} is overdue since {}", clock::rfc3339(since)),
                "is a worker running with feeds.refresh = true? `aggregator feeds refresh` does it now",
            ));
        }
    }
    if findings.is_empty() {
        findings.push(Finding::ok("feeds", format!("{loaded} of {} switched on hold a list", enabled.len())));
    }
    Ok(findings)
}

/// Since when a feed should have had an answer that was taken. Not its next refresh alone: that moves on with each tick of
/// the schedule, whether a worker then asks or not.
fn unanswered(feed: &Feed, now: i64) -> Option<i64> {
    let next = feed.next_refresh_at?;
    let defined = FeedDefinition::from_toml(&feed.definition).map_or(0, |known| known.refresh_seconds);
    let interval =
        feed.refresh_seconds.unwrap_or_else(|| i64::try_from(defined).unwrap_or(i64::MAX / SECOND));
    let due = feed.accepted_at.unwrap_or(feed.created_at).saturating_add(interval.saturating_mul(SECOND));
    let since = next.min(due);
    (since.saturating_add(OVERDUE) < now).then_some(since)
}
