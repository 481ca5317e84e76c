//! Feeds with their rows: importing a body, refreshing from upstream, and what a new generation sets off.

use std::path::{Path, PathBuf};

use aggregator_egress::Egress;
use aggregator_entities::domain::state::FeedRunState;
use aggregator_entities::ids::FeedId;
use aggregator_entities::repositories::custom_kinds;
use aggregator_entities::repositories::feeds::{self, Feed, FeedRun, NewFeed, NewGeneration, Validators};
use aggregator_entities::repositories::units::Lane;
use aggregator_entities::repositories::{tasks, versions};
use aggregator_entities::{Database, StoreError};
use aggregator_queue::{Doorbell, Topic};
use aggregator_sources::feeds::FeedDefinition;
use aggregator_sources::feeds::hygiene::FeedRejection;
use aggregator_sources::feeds::refresh::{
    BuildTarget, BuiltFeed, FeedBody, FetchLimits, Fetched, RefreshError, Validators as Known,
    build_generation, fetch,
};
use aggregator_sources::generation::{Generation, delta};
use serde_json::json;

use crate::lanes::due;

/// Why a feed could not be brought up to date by us; what upstream did wrong is a [`FeedRun`], not an error.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// Rows could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no such feed.
    #[error("there is no feed `{0}`; `aggregator feeds list` names those there are")]
    Unknown(String),
    /// Something else has its slug.
    #[error("`{0}` is the slug of a source that is no feed; give the definition another one")]
    Taken(String),
    /// The definition does not parse.
    #[error(transparent)]
    Definition(#[from] aggregator_sources::feeds::DefinitionError),
    /// The data folder cannot be used.
    #[error("the data folder cannot be used: {0}")]
    Folder(String),
}

/// Brings feeds up to date.
#[derive(Clone, Copy)]
pub struct FeedKeeper<'a> {
    /// The rows.
    pub database: &'a Database,
    /// Tells workers to look again.
    pub doorbell: &'a Doorbell,
    /// Where artifacts are kept on this machine.
    pub folder: &'a Path,
    /// Limits of a download.
    pub limits: FetchLimits,
}

impl FeedKeeper<'_> {
    /// Makes a feed known, or gives it a new definition; matches nothing until its first generation.
    pub async fn define(&self, toml: &str) -> Result<Feed, FeedError> {
        let definition = FeedDefinition::from_toml(toml)?;
        let interval = i64::try_from(definition.refresh_seconds).unwrap_or(i64::MAX);
        let new = NewFeed {
            slug: &definition.slug,
            name: &definition.name,
            provider: &definition.provider,
            provider_name: &definition.provider,
            definition: toml,
            interval_seconds: (!definition.is_local()).then_some(interval),
        };
        let put = feeds::put(self.database, &new).await?;
        let id = put.ok_or_else(|| FeedError::Taken(definition.slug.clone()))?;
        feeds::get(self.database, id).await?.ok_or(FeedError::Unknown(definition.slug))
    }

    /// Reads a file of this machine as the feed's new list. `force` switches the shrink guard off.
    pub async fn import(&self, feed: &Feed, file: PathBuf, force: bool) -> Result<FeedRun, FeedError> {
        self.build(feed, FeedBody::local(file), force).await
    }

    /// Asks upstream and takes what is new.
    pub async fn refresh(&self, feed: &Feed, egress: &Egress, force: bool) -> Result<FeedRun, FeedError> {
        let definition = FeedDefinition::from_toml(&feed.definition)?;
        self.make_folder().await?;
        let known = if force {
            Known::default()
        } else {
            Known { etag: feed.etag.clone(), last_modified: feed.last_modified.clone() }
        };
        match fetch(&definition, &known, (egress, self.limits), self.folder).await {
            Ok(Fetched::NotModified) => {
                self.record(feed, run(FeedRunState::Unchanged, None), Some(keep(known))).await
            }
            Ok(Fetched::Body(body)) => self.build(feed, body, force).await,
            Err(error) => self.refuse(feed, &error).await,
        }
    }

    async fn build(&self, feed: &Feed, body: FeedBody, force: bool) -> Result<FeedRun, FeedError> {
        let definition = FeedDefinition::from_toml(&feed.definition)?;
        self.make_folder().await?;
        let validators = keep(body.validators.clone());
        let (folder, max_bytes) = (self.folder.to_owned(), self.limits.max_bytes);
        let live =
            feed.generation.as_ref().filter(|_| !force).and_then(|live| u64::try_from(live.entries).ok());
        let custom_kinds::Loaded { version, kinds, .. } =
            custom_kinds::load(self.database, None).await?.unwrap_or_default();
        let built = tokio::task::spawn_blocking(move || {
            let target = BuildTarget { folder: &folder, live_entries: live, max_bytes, kinds: &kinds };
            build_generation(&definition, &body, target)
        })
        .await
        .map_err(|error| FeedError::Folder(error.to_string()))?;
        let run = match built {
            Ok(built) => self.swap(feed, built, validators).await?,
            Err(error) => self.refuse(feed, &error).await?,
        };
        // Kinds that were changed meanwhile forgot the validators before these were written.
        if versions::of_kinds(self.database).await? != version {
            feeds::forget_validators(self.database, feed.id).await?;
        }
        Ok(run)
    }

    /// Makes a generation live, unless it is the live one.
    async fn swap(
        &self,
        feed: &Feed,
        built: BuiltFeed,
        validators: Validators,
    ) -> Result<FeedRun, FeedError> {
        let hash = built.built.id.to_string();
        let entries = i64::from(built.built.entries);
        if feed.generation.as_ref().is_some_and(|live| live.hash == hash) {
            return self
                .record(
                    feed,
                    FeedRun { entries: Some(entries), ..run(FeedRunState::Unchanged, None) },
                    Some(validators),
                )
                .await;
        }
        let changes = self.changes(feed, &built).await?;
        let artifact = read(&built.path).await?;
        let rejected = i64::try_from(built.report.rejected_rows()).unwrap_or(i64::MAX);
        let new = NewGeneration { hash: &hash, entries, rejected, artifact: &artifact };
        let generation = feeds::swap(self.database, feed.id, &new).await?;
        feeds::prune_generations(self.database, feed.id).await?;
        let key = format!("feed_swapped:{}:{generation}", feed.id);
        tasks::add(self.database, "feed_swapped", &key, &json!({ "feed": feed.id })).await?;
        self.doorbell.ring(&Topic::Feeds);
        self.doorbell.ring(&due(Lane::Task));
        let swapped = FeedRun {
            entries: Some(entries),
            added: Some(changes.0),
            removed: Some(changes.1),
            ..run(FeedRunState::Swapped, None)
        };
        self.record(feed, swapped, Some(validators)).await
    }

    /// Entries only the new generation has, and only the live one.
    async fn changes(&self, feed: &Feed, built: &BuiltFeed) -> Result<(i64, i64), FeedError> {
        let Some(live) = &feed.generation else { return Ok((i64::from(built.built.entries), 0)) };
        let old = crate::intelligence::artifact(self.database, self.folder, live)
            .await
            .map_err(|error| FeedError::Folder(error.to_string()))?;
        let new = built.path.clone();
        let counted = tokio::task::spawn_blocking(move || {
            let (old, new) = (Generation::open(&old)?, Generation::open(&new)?);
            let added = i64::try_from(delta(&old, &new).added().count()).unwrap_or(i64::MAX);
            let removed = i64::try_from(delta(&old, &new).removed().count()).unwrap_or(i64::MAX);
            Ok::<_, aggregator_sources::generation::OpenError>((added, removed))
        });
        let counted = counted.await.map_err(|error| FeedError::Folder(error.to_string()))?;
        counted.map_err(|error| FeedError::Folder(error.to_string()))
    }

    /// Records an answer that replaces nothing.
    async fn refuse(&self, feed: &Feed, error: &RefreshError) -> Result<FeedRun, FeedError> {
        tracing::warn!(feed.slug, %error, "a feed keeps its old list");
        let state = match error {
            RefreshError::Rejected(FeedRejection::Status { .. })
            | RefreshError::Fetch(_)
            | RefreshError::Store(_) => FeedRunState::Failed,
            RefreshError::Rejected(_) | RefreshError::Location(_) => FeedRunState::Rejected,
        };
        self.record(feed, run(state, Some(error.to_string())), None).await
    }

    async fn record(
        &self,
        feed: &Feed,
        run: FeedRun,
        accepted: Option<Validators>,
    ) -> Result<FeedRun, FeedError> {
        feeds::record_run(self.database, feed.id, &run, accepted).await?;
        Ok(run)
    }

    /// Where a feed got another definition after it was read, what is known of its last copy is forgotten: that was read by the old
    /// one. True then.
    pub async fn forget_if_redefined(&self, feed: &Feed) -> Result<bool, FeedError> {
        let now = feeds::get(self.database, feed.id).await?;
        let is_redefined = now.is_some_and(|now| now.definition != feed.definition);
        if is_redefined {
            feeds::forget_validators(self.database, feed.id).await?;
        }
        Ok(is_redefined)
    }

    async fn make_folder(&self) -> Result<(), FeedError> {
        tokio::fs::create_dir_all(self.folder).await.map_err(|error| FeedError::Folder(error.to_string()))
    }

    /// One feed by its slug.
    pub async fn find(&self, slug: &str) -> Result<Feed, FeedError> {
        feeds::find(self.database, slug).await?.ok_or_else(|| FeedError::Unknown(slug.to_owned()))
    }

    /// One feed by its id.
    pub async fn get(&self, id: FeedId) -> Result<Feed, FeedError> {
        feeds::get(self.database, id).await?.ok_or_else(|| FeedError::Unknown(id.to_string()))
    }
}

async fn read(path: &Path) -> Result<Vec<u8>, FeedError> {
    tokio::fs::read(path).await.map_err(|error| FeedError::Folder(error.to_string()))
}

fn keep(known: Known) -> Validators {
    Validators { etag: known.etag, last_modified: known.last_modified }
}

fn run(state: FeedRunState, reason: Option<String>) -> FeedRun {
    FeedRun { state, reason, entries: None, added: None, removed: None, started_at: 0, finished_at: None }
}
