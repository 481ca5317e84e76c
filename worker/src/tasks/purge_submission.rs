//! Task **`purge_submission`**: removes the rows of a deleted submission, some thousand at a time.

use std::sync::Arc;

use aggregator_entities::ids::SubmissionId;
use aggregator_entities::repositories::submissions;

use super::TaskError;
use crate::context::Context;

pub(super) async fn perform(context: &Arc<Context>, id: i64) -> Result<(), TaskError> {
    while submissions::purge(&context.database, SubmissionId(id)).await? {
        // Let others write in between.
        tokio::task::yield_now().await;
    }
    Ok(())
}
