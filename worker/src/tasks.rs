//! What a task can be, and the schedule that makes some of them.

mod feed_swapped;
mod forget_source;
mod prune;
mod purge_submission;
mod refresh_feed;
mod test_source;

use std::sync::Arc;

use aggregator_entities::StoreError;
use aggregator_entities::clock;
use aggregator_entities::repositories::units::{ClaimedTask, Lane};
use aggregator_entities::repositories::{feeds, tasks};
use serde_json::{Value, json};

use crate::context::Context;
use crate::intelligence::IntelligenceError;
use crate::lanes::due;

/// Why a task failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TaskError {
    /// Rows could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The lists could not be read.
    #[error(transparent)]
    Intelligence(#[from] IntelligenceError),
    /// The row names no task this version knows, or lacks what it needs.
    #[error("this worker cannot do this task: {0}; is it older than the API?")]
    Unknown(String),
    /// The task itself failed.
    #[error("{0}")]
    Failed(String),
}

/// Does one task; what it leaves behind, JSON, where somebody asked for something.
pub(crate) async fn perform(context: &Arc<Context>, task: &ClaimedTask) -> Result<Option<String>, TaskError> {
    let payload: Value = serde_json::from_str(&task.payload)
        .map_err(|error| TaskError::Unknown(format!("payload: {error}")))?;
    let id = |field: &str| {
        payload[field]
            .as_i64()
            .ok_or_else(|| TaskError::Unknown(format!("`{}` without `{field}`", task.kind)))
    };
    match task.kind.as_str() {
        "refresh_feed" => refresh_feed::perform(context, id("feed")?).await,
        "feed_swapped" => feed_swapped::perform(context, id("feed")?).await,
        "forget_source" => forget_source::perform(context, id("source")?).await,
        "purge_submission" => purge_submission::perform(context, id("submission")?).await,
        "prune" => prune::perform(context).await,
        "test_source" => return test_source::perform(context, (task.id, &payload)).await.map(Some),
        other => Err(TaskError::Unknown(other.to_owned())),
    }
    .map(|()| None)
}

/// Adds the tasks that are due: one per (schedule, tick), however many workers look, and none while one like it is open.
pub(crate) async fn schedule(context: &Context) -> Result<(), StoreError> {
    let database = &context.database;
    let minute = clock::now(database).await? / (60 * clock::SECOND);
    let mut added = tasks::add(database, "prune", &format!("prune:{minute}"), &json!({})).await?;
    if context.options.settings.settings().feeds.refresh {
        for (feed, due_at) in feeds::take_due(database).await? {
            let key = format!("refresh_feed:{feed}:{due_at}");
            added |= tasks::add(database, "refresh_feed", &key, &json!({ "feed": feed })).await?;
            // Moved on by the run; until then this keeps the tick from being looked at again at once.
            feeds::schedule(database, feed, 3_600 * clock::SECOND).await?;
        }
    }
    if added {
        context.backends.doorbell().ring(&due(Lane::Task));
    }
    Ok(())
}
