//! Task **`refresh_feed`**: asks one feed's publisher whether there is something new.

use std::sync::Arc;

use aggregator_entities::clock::SECOND;
use aggregator_entities::ids::FeedId;
use aggregator_entities::repositories::feeds;
use aggregator_sources::feeds::FeedDefinition;

use super::TaskError;
use crate::context::Context;
use crate::feeds::{FeedError, FeedKeeper};

pub(super) async fn perform(context: &Arc<Context>, feed: i64) -> Result<(), TaskError> {
    let failed = |error: FeedError| match error {
        FeedError::Store(error) => TaskError::Store(error),
        other => TaskError::Failed(other.to_string()),
    };
    let folder = context.options.generations_dir();
    let keeper = FeedKeeper {
        database: &context.database,
        doorbell: context.backends.doorbell(),
        folder: &folder,
        limits: context.options.download_limits(),
    };
    let feed = match keeper.get(FeedId(feed)).await {
        // Deleted since: nobody wants it any more.
        Err(FeedError::Unknown(_)) => return Ok(()),
        found => found.map_err(failed)?,
    };
    let run = match keeper.refresh(&feed, &context.egress, false).await {
        Ok(run) => run,
        // Deleted while its list came: there is nothing left to store it with.
        Err(_) if feeds::get(&context.database, feed.id).await?.is_none() => return Ok(()),
        Err(error) => return Err(failed(error)),
    };
    tracing::info!(feed.slug, state = run.state.as_str(), entries = run.entries, "feed refreshed");
    let definition =
        FeedDefinition::from_toml(&feed.definition).map_err(|error| TaskError::Failed(error.to_string()))?;
    let defined = i64::try_from(definition.refresh_seconds).unwrap_or(i64::MAX / SECOND);
    let seconds = feed.refresh_seconds.unwrap_or(defined);
    if keeper.forget_if_redefined(&feed).await.map_err(failed)? {
        // Read as it is not meant any more: once again, soon.
        feeds::schedule(&context.database, feed.id, 0).await?;
    } else if feed.next_refresh_at.is_some() {
        // One that is only imported has no schedule by being asked once.
        feeds::schedule(&context.database, feed.id, seconds.saturating_mul(SECOND)).await?;
    }
    Ok(())
}
