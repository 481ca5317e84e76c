//! The parts a server needs before it is ready.

use std::sync::Arc;
use std::time::Duration;

use aggregator_entities::Database;
use aggregator_openapi::{CheckStatus, Readiness, ReadinessCheck};
use aggregator_queue::Backends;
use futures::future::join_all;

/// How long one check may take.
const CHECK_TIMEOUT: Duration = Duration::from_secs(2);

/// A part that can be away: a database, a queue. Register it with [`crate::State::with_check`].
#[async_trait::async_trait]
pub trait Check: Send + Sync + 'static {
    /// The part's name as operators know it, such as `database`.
    fn name(&self) -> &'static str;

    /// Asks the part, cheaply; longer than two seconds counts as failed. The error is one sentence an operator can act
    /// on; everybody who can reach the port reads it, so it names no password, path or query.
    async fn check(&self) -> Result<(), String>;
}

/// Do the rows answer?
pub(crate) struct DatabaseCheck(pub(crate) Database);

#[async_trait::async_trait]
impl Check for DatabaseCheck {
    fn name(&self) -> &'static str {
        "database"
    }

    async fn check(&self) -> Result<(), String> {
        // The cause may name hosts and users: it goes to the log alone.
        self.0.ping().await.map_err(|error| {
            tracing::warn!(%error, "the database does not answer");
            "the database does not answer; is it running, and is DATABASE_URL right?".to_owned()
        })
    }
}

/// Do the queues answer?
pub(crate) struct QueuesCheck(pub(crate) Backends);

#[async_trait::async_trait]
impl Check for QueuesCheck {
    fn name(&self) -> &'static str {
        "queues"
    }

    async fn check(&self) -> Result<(), String> {
        self.0.ping().await.map_err(|error| {
            tracing::warn!(%error, "Redis does not answer");
            "Redis does not answer; is it running, and is REDIS_URL right?".to_owned()
        })
    }
}

/// Asks every part at once.
pub(crate) async fn readiness(checks: &[Arc<dyn Check>]) -> Readiness {
    Readiness::of(join_all(checks.iter().map(|check| ask(check.as_ref()))).await)
}

async fn ask(check: &dyn Check) -> ReadinessCheck {
    let failure = match tokio::time::timeout(CHECK_TIMEOUT, check.check()).await {
        Ok(Ok(())) => None,
        Ok(Err(detail)) => Some(detail),
        Err(_elapsed) => Some(format!("no answer within {} seconds", CHECK_TIMEOUT.as_secs())),
    };
    let status = if failure.is_none() { CheckStatus::Passed } else { CheckStatus::Failed };
    ReadinessCheck { name: check.name().to_owned(), status, detail: failure }
}
