//! `aggregator feeds`: the lists that are matched locally.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use aggregator_entities::Database;
use aggregator_entities::clock::rfc3339;
use aggregator_entities::domain::state::FeedRunState;
use aggregator_entities::repositories::feeds::{self, FeedRun, shown};
use aggregator_entities::repositories::removal::Removal;
use aggregator_platform::Settings;
use aggregator_queue::{Backends, QueueName, Topic};
use aggregator_sources::feeds::presets;
use aggregator_sources::feeds::presets::Preset;
use aggregator_worker::feeds::FeedKeeper;
use anyhow::{Context as _, bail};
use clap::Subcommand;
use comfy_table::Table;

use crate::{boot, process};

/// Import, refresh, list, switch and delete feeds.
#[derive(Debug, clap::Args)]
pub(crate) struct Feeds {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List the feeds there are, with their entries and age.
    List {
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// List the definitions that ship with this program.
    Presets,
    /// Make a feed known and read its list from a file; without --file, ask its publisher.
    Import {
        /// Slug of a shipped definition.
        #[arg(required_unless_present = "definition")]
        preset: Option<String>,
        /// A definition of your own, TOML.
        #[arg(long, conflicts_with = "preset")]
        definition: Option<PathBuf>,
        /// The list, as its publisher writes it.
        #[arg(long)]
        file: Option<PathBuf>,
        /// Take the list though it shrank by more than the definition allows.
        #[arg(long)]
        force: bool,
    },
    /// Ask the publishers for what is new, whether it is due or not.
    Refresh {
        /// Slugs; all feeds when none is given.
        slugs: Vec<String>,
        /// Ask without validators, and take a list that shrank.
        #[arg(long)]
        force: bool,
    },
    /// Match this feed again.
    Enable {
        /// Its slug.
        slug: String,
    },
    /// Match this feed no more; its list is kept.
    Disable {
        /// Its slug.
        slug: String,
    },
    /// Delete this feed with its lists; what it said stays in the histories.
    Delete {
        /// Its slug.
        slug: String,
    },
}

/// Exit code when a list was refused and the old one stays.
const REFUSED: u8 = 4;

impl Feeds {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        if matches!(self.action, Action::Presets) {
            return list_presets();
        }
        let refused = std::sync::atomic::AtomicBool::new(false);
        let code = boot::run("feeds", async |live, _shutdown| {
            let settings = live.settings();
            let database = process::connect(&settings).await?;
            process::require_migrated(&database).await?;
            process::read_stored(&live, &database).await?;
            let settings = live.settings();
            let backends = process::queues(&settings)?;
            let taken = self.action.perform(&settings, &database, &backends).await?;
            refused.store(!taken, std::sync::atomic::Ordering::Relaxed);
            Ok(())
        })?;
        Ok(if refused.into_inner() { ExitCode::from(REFUSED) } else { code })
    }
}

impl Action {
    /// Does it; false when a list was refused.
    async fn perform(
        &self,
        settings: &Settings,
        database: &Database,
        backends: &Backends,
    ) -> anyhow::Result<bool> {
        let folder = settings.data_dir.join("generations");
        let keeper = FeedKeeper {
            database,
            doorbell: backends.doorbell(),
            folder: &folder,
            limits: process::download_limits(settings),
        };
        match self {
            Self::Presets => Ok(true),
            Self::List { json } => list(database, *json).await,
            Self::Import { preset, definition, file, force } => {
                let toml = match (preset, definition) {
                    (_, Some(path)) => {
                        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?
                    }
                    (Some(slug), None) => Preset::find(slug)
                        .with_context(|| format!("no definition `{slug}` ships with this program; see `aggregator feeds presets`"))?
                        .toml
                        .to_owned(),
                    (None, None) => bail!("name a shipped definition, or give one with --definition"),
                };
                let feed = keeper.define(&toml).await?;
                let run = match file {
                    Some(file) => keeper.import(&feed, file.clone(), *force).await?,
                    None => keeper.refresh(&feed, &process::egress(settings, None)?, *force).await?,
                };
                report(&feed.slug, &run)
            }
            Self::Refresh { slugs, force } => {
                let egress = process::egress(settings, None)?;
                let mut all_taken = true;
                let chosen = if slugs.is_empty() {
                    feeds::list(database).await?
                } else {
                    let mut chosen = Vec::new();
                    for slug in slugs {
                        chosen.push(keeper.find(slug).await?);
                    }
                    chosen
                };
                for feed in chosen {
                    let run = keeper.refresh(&feed, &egress, *force).await?;
                    all_taken &= report(&feed.slug, &run)?;
                }
                Ok(all_taken)
            }
            Self::Enable { slug } => switch(database, backends, slug, true).await,
            Self::Disable { slug } => switch(database, backends, slug, false).await,
            Self::Delete { slug } => delete(database, backends, slug).await,
        }
    }
}

async fn delete(database: &Database, backends: &Backends, slug: &str) -> anyhow::Result<bool> {
    let Some(feed) = shown::find(database, slug).await? else {
        bail!("there is no feed `{slug}`; `aggregator feeds list` names those there are");
    };
    if feeds::remove(database, feed.head.revision).await? != Removal::Removed {
        bail!("the feed `{slug}` changed meanwhile; look at it again");
    }
    for topic in [Topic::Feeds, Topic::Queue(QueueName::Task)] {
        backends.doorbell().ring(&topic);
    }
    writeln!(std::io::stdout().lock(), "{slug}: deleted")?;
    Ok(true)
}

async fn switch(database: &Database, backends: &Backends, slug: &str, on: bool) -> anyhow::Result<bool> {
    if !feeds::set_enabled(database, slug, on).await? {
        bail!("there is no feed `{slug}`; `aggregator feeds list` names those there are");
    }
    backends.doorbell().ring(&Topic::Feeds);
    Ok(true)
}

fn report(slug: &str, run: &FeedRun) -> anyhow::Result<bool> {
    let mut out = std::io::stdout().lock();
    let count = |count: Option<i64>| count.unwrap_or(0);
    match run.state {
        FeedRunState::Swapped => writeln!(
            out,
            "{slug}: {} entries are live (+{} −{})",
            count(run.entries),
            count(run.added),
            count(run.removed)
        )?,
        FeedRunState::Unchanged => writeln!(out, "{slug}: unchanged")?,
        state => writeln!(
            out,
            "{slug}: {}, the old list stays: {}",
            state.as_str(),
            run.reason.as_deref().unwrap_or("no reason was given")
        )?,
    }
    Ok(matches!(run.state, FeedRunState::Swapped | FeedRunState::Unchanged))
}

async fn list(database: &Database, json: bool) -> anyhow::Result<bool> {
    let mut out = std::io::stdout().lock();
    let feeds = feeds::list(database).await?;
    if json {
        for feed in feeds {
            let generation = feed.generation.as_ref();
            let line = serde_json::json!({
                "slug": feed.slug, "name": feed.name, "provider": feed.provider, "enabled": feed.enabled,
                "entries": generation.map(|live| live.entries), "bytes": generation.map(|live| live.bytes),
                "live_since": generation.map(|live| rfc3339(live.created_at)),
                "checked_at": feed.checked_at.map(rfc3339), "accepted_at": feed.accepted_at.map(rfc3339),
                "failing_since": feed.failing_since.map(rfc3339),
            });
            writeln!(out, "{line}")?;
        }
        return Ok(true);
    }
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_header(["FEED", "PROVIDER", "ON", "ENTRIES", "LIVE SINCE", "CHECKED", "FAILING SINCE"]);
    for feed in feeds {
        let generation = feed.generation.as_ref();
        table.add_row([
            feed.slug,
            feed.provider,
            if feed.enabled { "yes" } else { "no" }.to_owned(),
            generation.map_or("–".to_owned(), |live| live.entries.to_string()),
            generation.map_or("–".to_owned(), |live| rfc3339(live.created_at)),
            feed.checked_at.map_or("–".to_owned(), rfc3339),
            feed.failing_since.map_or("–".to_owned(), rfc3339),
        ]);
    }
    writeln!(out, "{table}")?;
    Ok(true)
}

fn list_presets() -> anyhow::Result<ExitCode> {
    let mut out = std::io::stdout().lock();
    for preset in presets() {
        let definition = preset.definition()?;
        writeln!(out, "{:<44} {}", preset.slug, definition.name)?;
    }
    Ok(ExitCode::SUCCESS)
}
