//! The remote sources of a process: what can be asked, and the plan of a submission for each of its items.

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use aggregator_entities::domain::{Kind, Sources, Tlp};
use aggregator_entities::ids::SourceId;
use aggregator_entities::repositories::playbooks::Plan;
use aggregator_entities::repositories::sources::{self, Described, NewRemote, NewSource, REMOTE};
use aggregator_entities::{Database, StoreError};
use aggregator_platform::Shutdown;
use aggregator_sources::remote::{Source, SourceInfo};
use tokio::sync::OnceCell;
use url::Url;

use crate::context::Context;

/// The remote sources of a process.
#[derive(Clone)]
pub struct RemoteOptions {
    /// Those that are part of the program.
    pub sources: Vec<Arc<dyn Source>>,
    /// Where a service is when not where it usually is, by slug.
    pub bases: BTreeMap<String, Url>,
    /// The DNS server for sources over DNS.
    pub resolver: Option<SocketAddr>,
    /// Calls under way at once in this process.
    pub concurrency: usize,
    /// How long a source may be broken before the lookups that wait for it are given up.
    pub patience: Duration,
}

impl Default for RemoteOptions {
    /// No source at all.
    fn default() -> Self {
        Self {
            sources: Vec::new(),
            bases: BTreeMap::new(),
            resolver: None,
            concurrency: 0,
            patience: Duration::from_mins(10),
        }
    }
}

impl std::fmt::Debug for RemoteOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let slugs: Vec<&str> = self.sources.iter().map(|source| source.info().slug).collect();
        f.debug_struct("RemoteOptions").field("sources", &slugs).finish_non_exhaustive()
    }
}

/// The remote sources with their rows.
pub(crate) struct Remote {
    pub(crate) options: RemoteOptions,
    known: OnceCell<()>,
}

/// A source with the id of its row.
pub(crate) struct Known<'a> {
    pub(crate) id: SourceId,
    pub(crate) info: &'a SourceInfo,
}

impl Remote {
    pub(crate) fn new(options: RemoteOptions) -> Self {
        Self { options, known: OnceCell::new() }
    }

    /// The source with this slug, when this program has it.
    pub(crate) fn get(&self, slug: &str) -> Option<&Arc<dyn Source>> {
        self.options.sources.iter().find(|source| source.info().slug == slug)
    }

    /// Where a source's service is, when not where it usually is.
    pub(crate) fn base(&self, slug: &str) -> Option<&Url> {
        self.options.bases.get(slug)
    }

    /// Makes the rows of the sources known, once for each process.
    pub(crate) async fn make_known(&self, database: &Database) -> Result<(), StoreError> {
        let make = || async {
            for source in &self.options.sources {
                let info = source.info();
                let new = NewRemote {
                    source: NewSource {
                        slug: info.slug,
                        name: info.name,
                        provider: info.provider.0,
                        kind: REMOTE,
                    },
                    concurrency: i32::try_from(info.concurrency).unwrap_or(i32::MAX),
                    limits: info
                        .limits
                        .iter()
                        .map(|limit| (i32::try_from(limit.calls).unwrap_or(i32::MAX), micros(limit.window)))
                        .collect(),
                    version: i32::try_from(info.version).unwrap_or(i32::MAX),
                };
                let id = sources::ensure_remote(database, &new).await?;
                let described = Described {
                    kinds: info.kinds.iter().collect(),
                    active: info.active,
                    keyless: info.keyless,
                };
                sources::describe(database, id, &described).await?;
            }
            Ok(())
        };
        self.known.get_or_try_init(make).await.copied()
    }

    /// The sources that may be asked now: enabled, and part of this program.
    pub(crate) async fn enabled(&self, database: &Database) -> Result<Vec<Known<'_>>, StoreError> {
        self.make_known(database).await?;
        let rows: HashMap<String, SourceId> =
            sources::enabled_remote(database).await?.into_iter().map(|(id, slug)| (slug, id)).collect();
        let known = self.options.sources.iter().filter_map(|source| {
            let info = source.info();
            rows.get(info.slug).map(|id| Known { id: *id, info })
        });
        Ok(known.collect())
    }
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

/// Makes the sources known when a worker starts, so that they are listed before anybody asks them.
pub(crate) async fn make_known(context: Arc<Context>, shutdown: Shutdown) {
    while let Err(error) = context.remote.make_known(&context.database).await {
        tracing::warn!(%error, "the remote sources were not made known, which is tried again");
        tokio::select! {
            () = tokio::time::sleep(KNOWN_AGAIN) => {}
            () = shutdown.requested() => return,
        }
    }
}

/// The pause before another try.
const KNOWN_AGAIN: Duration = Duration::from_secs(2);

/// True when a submission asks anybody but the local lists.
pub(crate) fn asks_anybody(plan: &Plan) -> bool {
    plan.playbook.sources != Sources::Local && plan.tlp != Tlp::Red
}

/// The sources a plan asks about indicators of a kind. A submission that may not travel (TLP:RED) asks nobody.
pub(crate) fn chosen<'a>(
    plan: &Plan,
    kind: Kind,
    enabled: &'a [Known<'a>],
    resolver: bool,
) -> Vec<&'a Known<'a>> {
    if !asks_anybody(plan) {
        return Vec::new();
    }
    enabled
        .iter()
        .filter(|known| known.info.kinds.contains(kind))
        .filter(|known| match &plan.playbook.sources {
            Sources::Local => false,
            // DNS through a resolver of one's own tells the owner of the name nothing about who asks.
            Sources::Keyless => known.info.keyless && (!known.info.active || resolver),
            Sources::All => true,
            Sources::These(slugs) => slugs.iter().any(|slug| slug == known.info.slug),
        })
        .filter(|known| match &plan.options.sources {
            None => true,
            Some(slugs) => slugs.iter().any(|slug| slug == known.info.slug),
        })
        .collect()
}
