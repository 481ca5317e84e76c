//! The custom kinds of this process: compiled once, looked for again when the doorbell rings and every few seconds.
//!
//! Reading a value asks no database: who parses takes what is there at that moment. A change made through this process is seen here
//! at once, by other processes when their bell rings.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

use aggregator_entities::domain::{CustomKinds, KindName};
use aggregator_entities::repositories::custom_kinds::{self, Loaded};
use aggregator_entities::{Database, StoreError};
use aggregator_openapi::{KindName as Named, ProblemId};
use aggregator_platform::Shutdown;
use aggregator_queue::{Doorbell, SAFETY_POLL, Topic};

use crate::failure::Failure;

/// How long serving waits for the first look at the rows.
const FIRST_LOOK: Duration = Duration::from_secs(2);

/// What is compiled; nothing before the first look.
#[derive(Debug, Default)]
pub(crate) struct Kinds {
    held: RwLock<Option<Loaded>>,
}

impl Kinds {
    /// The kinds there are.
    pub(crate) fn now(&self) -> CustomKinds {
        self.held().as_ref().map(|held| held.kinds.clone()).unwrap_or_default()
    }

    /// The kind a filter names: one that is disabled, too, for what was of it can be found still.
    pub(crate) fn asked(&self, name: &Named) -> Result<KindName, Failure> {
        let wrong = |why| Failure::new(ProblemId::InvalidParameter, why);
        match shaped(name).map_err(wrong)? {
            KindName::Slug(slug) if !self.is_known(&slug) => Err(wrong(none(&slug))),
            name => Ok(name),
        }
    }

    fn is_known(&self, slug: &str) -> bool {
        self.held().as_ref().is_some_and(|held| held.slugs.iter().any(|known| known == slug))
    }

    fn held(&self) -> RwLockReadGuard<'_, Option<Loaded>> {
        self.held.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at the rows, and compiles what changed.
    pub(crate) async fn refresh(&self, database: &Database) -> Result<(), StoreError> {
        let known = self.held().as_ref().map(|held| held.version);
        let Some(loaded) = custom_kinds::load(database, known).await? else { return Ok(()) };
        for (slug, why) in &loaded.unusable {
            tracing::error!(kind = slug, why, "a custom kind cannot be used; correct it with PUT");
        }
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        // Of two looks at a time the later one stays.
        if held.as_ref().is_none_or(|held| held.version < loaded.version) {
            *held = Some(loaded);
        }
        Ok(())
    }
}

/// Looks once, and then whenever something may have changed, until the wish to stop.
pub(crate) async fn keep(kinds: Arc<Kinds>, database: Database, doorbell: &Doorbell, shutdown: Shutdown) {
    // Listening before the first look: nothing is missed.
    let bell = doorbell.subscribe(&Topic::Kinds);
    let look = async move |kinds: &Kinds, database: &Database| {
        if let Err(error) = kinds.refresh(database).await {
            tracing::warn!(%error, "the custom kinds could not be looked at; those known stay");
        }
    };
    // Rows that are away do not keep the server from saying so.
    let _elapsed = tokio::time::timeout(FIRST_LOOK, look(&kinds, &database)).await;
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _rung = bell.rung_within(SAFETY_POLL) => {}
                () = shutdown.requested() => return,
            }
            look(&kinds, &database).await;
        }
    });
}

/// The kind a caller names; what is wrong when there is none.
pub(crate) fn named(kinds: &CustomKinds, name: &Named) -> Result<KindName, String> {
    match shaped(name)? {
        KindName::Slug(slug) if kinds.get(&slug).is_none() => Err(none(&slug)),
        name => Ok(name),
    }
}

fn shaped(name: &Named) -> Result<KindName, String> {
    name.0.parse().map_err(|_unknown| none(&name.0))
}

fn none(name: &str) -> String {
    let shown: String = name.chars().take(40).collect();
    format!("there is no kind `{}` in use; GET /api/v1/kinds lists those there are", shown.escape_default())
}
