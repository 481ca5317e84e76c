//! The remote sources of a process: what can be asked, and the plan of a submission for each of its items.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use aggregator_entities::domain::facts::is_private;
use aggregator_entities::domain::{Indicator, Sources, Tlp};
use aggregator_entities::ids::SourceId;
use aggregator_entities::repositories::playbooks::Plan;
use aggregator_entities::repositories::sources::{self, Adapter, Described, NewRemote, NewSource, REMOTE};
use aggregator_entities::{Database, StoreError};
use aggregator_platform::Shutdown;
use aggregator_sources::remote::{Source, SourceInfo, TakesPrivate};
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
}

impl Default for RemoteOptions {
    /// No source at all.
    fn default() -> Self {
        Self { sources: Vec::new(), bases: BTreeMap::new(), resolver: None, concurrency: 0 }
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

/// Who asks a source, and where when that is not where it usually is.
#[derive(Clone)]
pub(crate) struct Asker {
    pub(crate) source: Arc<dyn Source>,
    pub(crate) base: Option<Url>,
}

/// A source with the id and the slug of its row: one of the program's, or one that was made after it.
pub(crate) struct Known<'a> {
    pub(crate) id: SourceId,
    slug: String,
    pub(crate) info: &'a SourceInfo,
    takes_private: bool,
}

impl Remote {
    pub(crate) fn new(options: RemoteOptions) -> Self {
        Self { options, known: OnceCell::new() }
    }

    /// The source with this slug, when this program has it.
    fn get(&self, slug: &str) -> Option<&Arc<dyn Source>> {
        self.options.sources.iter().find(|source| source.info().slug == slug)
    }

    /// Who asks a source, and where when that is not where it usually is; `None` when this program has no such source.
    pub(crate) fn asker(&self, adapter: &Adapter) -> Option<Asker> {
        let source = Arc::clone(self.get(&adapter.slug)?);
        let base = match adapter.base_url.as_deref() {
            // Read when it was made; one that reads no more is nobody's to ask.
            Some(base) => Some(Url::parse(base).ok()?),
            None => self.options.bases.get(&adapter.slug).cloned(),
        };
        Some(Asker { source, base })
    }

    /// True when a source may be asked about what is private to a network.
    pub(crate) fn takes_private(&self, source: &dyn Source) -> bool {
        match source.takes_private() {
            TakesPrivate::Never => false,
            TakesPrivate::WithResolver => self.options.resolver.is_some(),
            TakesPrivate::Always => true,
        }
    }

    /// Makes the rows of the sources known, once for each process.
    pub(crate) async fn make_known(&self, database: &Database) -> Result<(), StoreError> {
        let make = || async {
            let all: Vec<NewRemote<'_>> =
                self.options.sources.iter().map(|source| brought(source.info())).collect();
            sources::ensure_remote(database, &all).await
        };
        self.known.get_or_try_init(make).await.copied()
    }

    /// The sources that may be asked now: enabled, and part of this program.
    pub(crate) async fn enabled(&self, database: &Database) -> Result<Vec<Known<'_>>, StoreError> {
        self.make_known(database).await?;
        let rows = sources::enabled_remote(database).await?;
        let known = rows.into_iter().filter_map(|(id, slug, adapter)| {
            let source = self.get(&adapter.slug)?;
            let takes_private = self.takes_private(source.as_ref());
            Some(Known { id, slug, info: source.info(), takes_private })
        });
        Ok(known.collect())
    }
}

/// A source as this program brings it.
fn brought(info: &SourceInfo) -> NewRemote<'_> {
    let limits = info.limits.iter();
    NewRemote {
        source: NewSource { slug: info.slug, name: info.name, provider: info.provider.0, kind: REMOTE },
        concurrency: i32::try_from(info.concurrency).unwrap_or(i32::MAX),
        limits: limits
            .map(|limit| (i32::try_from(limit.calls).unwrap_or(i32::MAX), micros(limit.window)))
            .collect(),
        version: i32::try_from(info.version).unwrap_or(i32::MAX),
        described: Described {
            kinds: info.kinds.iter().collect(),
            active: info.active,
            keyless: info.keyless,
            movable: info.movable,
        },
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

/// The sources a plan asks about an indicator. A submission that may not travel (TLP:RED) asks nobody, and what is private to a
/// network nobody outside.
pub(crate) fn chosen<'a>(
    plan: &Plan,
    indicator: &Indicator,
    enabled: &'a [Known<'a>],
    resolver: bool,
) -> Vec<&'a Known<'a>> {
    if !asks_anybody(plan) {
        return Vec::new();
    }
    let is_private = is_private(indicator);
    enabled
        .iter()
        .filter(|known| known.info.kinds.contains(indicator.kind()))
        .filter(|known| known.takes_private || !is_private)
        .filter(|known| match &plan.playbook.sources {
            Sources::Local => false,
            // DNS through a resolver of one's own tells the owner of the name nothing about who asks.
            Sources::Keyless => known.info.keyless && (!known.info.active || resolver),
            Sources::All => true,
            Sources::These(slugs) => slugs.contains(&known.slug),
        })
        .filter(|known| match &plan.options.sources {
            None => true,
            Some(slugs) => slugs.contains(&known.slug),
        })
        .collect()
}
