//! The local intelligence of a process: every enabled feed, ignore list and address database, compiled in memory.

mod addresses;
mod artifacts;

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;

use aggregator_entities::domain::{Indicator, IndicatorId, Kind, VerdictReason};
use aggregator_entities::ids::{GenerationId, SourceId};
use aggregator_entities::repositories::screening::LocalFinding;
use aggregator_entities::repositories::versions::{self, Versions};
use aggregator_entities::repositories::{feeds, ignore_lists, sources};
use aggregator_entities::{Database, StoreError};
use aggregator_sources::feeds::{FeedDefinition, FeedRole};
use aggregator_sources::generation::Generation;
use aggregator_sources::ignore::{IgnoreEffect, IgnoreList, IgnoreScope, IgnoreSnapshot};
use aggregator_sources::matcher::Matcher;
use tokio::sync::{Mutex, RwLock};

pub use addresses::AddressDatabases;
pub(crate) use artifacts::fetch as artifact;

use crate::judge;

/// Why the intelligence cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub enum IntelligenceError {
    /// The rows cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The data folder cannot be written or read.
    #[error("the feed artifacts in the data folder cannot be used: {0}; free or repair the folder")]
    Artifacts(String),
    /// What is stored does not compile.
    #[error("the lists do not compile: {0}")]
    Compile(String),
}

/// A feed as hits name it.
#[derive(Debug, Clone)]
pub struct FeedInfo {
    /// The source it is.
    pub source_id: SourceId,
    /// Its slug.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// The generation that is matched.
    pub generation_id: GenerationId,
    /// True for a warninglist: being listed caps an automatic verdict.
    pub caps: bool,
    /// What its opinions weigh, 0–100.
    pub weight: u8,
}

/// Everything local to screen against, of one version.
#[derive(Debug)]
pub struct Intelligence {
    versions: Versions,
    matcher: Matcher,
    feeds: Vec<FeedInfo>,
    ignore: IgnoreSnapshot,
    addresses: Arc<AddressDatabases>,
    /// Address databases that are switched off.
    muted: HashSet<SourceId>,
}

impl Intelligence {
    /// Compiles feeds that are open already; for tools without rows.
    pub fn of_feeds(
        feeds: Vec<(FeedInfo, Arc<Generation>)>,
        addresses: Arc<AddressDatabases>,
    ) -> Result<Self, IntelligenceError> {
        let (feeds, generations): (Vec<_>, Vec<_>) = feeds.into_iter().unzip();
        let matcher =
            Matcher::new(generations).map_err(|error| IntelligenceError::Compile(error.to_string()))?;
        Ok(Self {
            versions: Versions::default(),
            matcher,
            feeds,
            ignore: IgnoreSnapshot::default(),
            addresses,
            muted: HashSet::new(),
        })
    }

    /// What it was compiled from.
    pub fn versions(&self) -> Versions {
        self.versions
    }

    pub(crate) fn matcher(&self) -> &Matcher {
        &self.matcher
    }

    pub(crate) fn feed(&self, number: u16) -> Option<&FeedInfo> {
        self.feeds.get(usize::from(number))
    }

    /// Lines about the ignore lists an indicator is on.
    pub(crate) fn ignored(&self, indicator: &Indicator, id: IndicatorId) -> Vec<VerdictReason> {
        let mut lists: Vec<i64> = Vec::new();
        let mut reasons = Vec::new();
        for hit in self.ignore.find(indicator.kind(), indicator.value(), id) {
            if !lists.contains(&hit.list) {
                lists.push(hit.list);
                reasons.push(judge::ignore_reason(hit.name, hit.effect == IgnoreEffect::Cap));
            }
        }
        reasons
    }

    /// True when an ignore list keeps an indicator from remote sources.
    pub(crate) fn refuses(&self, kind: Kind, value: &str, id: IndicatorId) -> bool {
        self.ignore.find(kind, value, id).iter().any(|hit| hit.effect == IgnoreEffect::Refuse)
    }

    /// What the address databases know.
    pub(crate) fn located(&self, indicator: &Indicator, id: IndicatorId) -> Vec<LocalFinding> {
        let mut located = self.addresses.locate(indicator, id);
        located.retain(|finding| !self.muted.contains(&finding.source_id));
        located
    }
}

/// Keeps the intelligence of the present versions.
#[derive(Debug)]
pub struct IntelligenceCache {
    folder: PathBuf,
    address_files: Vec<PathBuf>,
    loaded: RwLock<Option<Arc<Intelligence>>>,
    addresses: Mutex<Option<Arc<AddressDatabases>>>,
    loading: Mutex<()>,
}

impl IntelligenceCache {
    /// A cache that keeps artifacts in `folder`.
    pub fn new(folder: PathBuf, address_files: Vec<PathBuf>) -> Self {
        Self {
            folder,
            address_files,
            loaded: RwLock::new(None),
            addresses: Mutex::new(None),
            loading: Mutex::new(()),
        }
    }

    /// The intelligence of the versions rows have now: an edit that was committed before this call has its effect. Costs one
    /// small query when nothing changed.
    pub async fn current(&self, database: &Database) -> Result<Arc<Intelligence>, IntelligenceError> {
        let versions = versions::current(database).await?;
        if let Some(loaded) = self.fresh(versions).await {
            return Ok(loaded);
        }
        let _loading = self.loading.lock().await;
        if let Some(loaded) = self.fresh(versions).await {
            return Ok(loaded);
        }
        let loaded = Arc::new(self.load(database, versions).await?);
        *self.loaded.write().await = Some(Arc::clone(&loaded));
        Ok(loaded)
    }

    async fn fresh(&self, versions: Versions) -> Option<Arc<Intelligence>> {
        let loaded = self.loaded.read().await;
        loaded
            .as_ref()
            .filter(|loaded| {
                loaded.versions.policy >= versions.policy && loaded.versions.feeds >= versions.feeds
            })
            .cloned()
    }

    async fn load(&self, database: &Database, versions: Versions) -> Result<Intelligence, IntelligenceError> {
        let started = std::time::Instant::now();
        let mut infos = Vec::new();
        let mut files = Vec::new();
        for feed in feeds::list(database).await?.into_iter().filter(|feed| feed.enabled) {
            let Some(generation) = &feed.generation else { continue };
            let caps =
                FeedDefinition::from_toml(&feed.definition).is_ok_and(|of| of.role == FeedRole::Warninglist);
            files.push(artifacts::fetch(database, &self.folder, generation).await?);
            infos.push(FeedInfo {
                source_id: feed.source_id,
                slug: feed.slug,
                name: feed.name,
                generation_id: generation.id,
                caps,
                weight: u8::try_from(feed.weight.clamp(0, 100)).unwrap_or(100),
            });
        }
        let lists = ignore_lists_of(database).await?;
        let ignore_lists = lists.len();
        let addresses = self.addresses(database).await?;
        let muted = sources::disabled_databases(database).await?;
        let policy = u64::try_from(versions.policy).unwrap_or_default();
        let compiled = tokio::task::spawn_blocking(move || {
            let generations = files
                .iter()
                .map(|file| {
                    Generation::open(file)
                        .map(Arc::new)
                        .map_err(|error| IntelligenceError::Artifacts(error.to_string()))
                })
                .collect::<Result<Vec<_>, _>>()?;
            let matcher =
                Matcher::new(generations).map_err(|error| IntelligenceError::Compile(error.to_string()))?;
            let ignore = IgnoreSnapshot::compile(policy, &lists)
                .map_err(|error| IntelligenceError::Compile(error.to_string()))?;
            Ok::<_, IntelligenceError>((matcher, ignore))
        });
        let (matcher, ignore) =
            compiled.await.map_err(|error| IntelligenceError::Compile(error.to_string()))??;
        tracing::info!(
            feeds = infos.len(),
            entries = matcher.entries(),
            ignore_lists,
            duration_ms = started.elapsed().as_millis(),
            "local intelligence loaded"
        );
        Ok(Intelligence { versions, matcher, feeds: infos, ignore, addresses, muted })
    }

    /// Address databases are files of this machine: opened once for the life of the process.
    async fn addresses(&self, database: &Database) -> Result<Arc<AddressDatabases>, IntelligenceError> {
        let mut opened = self.addresses.lock().await;
        if let Some(opened) = &*opened {
            return Ok(Arc::clone(opened));
        }
        let files = self.address_files.clone();
        let databases = AddressDatabases::open(database, files).await?;
        Ok(Arc::clone(opened.insert(Arc::new(databases))))
    }
}

/// The enabled ignore lists with their entries. A disabled one is not read at all: it has no effect.
async fn ignore_lists_of(database: &Database) -> Result<Vec<IgnoreList>, IntelligenceError> {
    let mut lists = Vec::new();
    for list in ignore_lists::enabled(database).await? {
        let values = ignore_lists::values(database, list.id()).await?;
        lists.push(IgnoreList {
            id: list.id().0,
            name: list.head.name,
            enabled: true,
            scope: IgnoreScope::Everywhere,
            effect: list.effect,
            values,
        });
    }
    Ok(lists)
}
