//! Task **`forget_source`**: what a deleted source said is no longer current. Its answers stay in the histories, and in the verdicts
//! they were part of.

use std::sync::Arc;

use aggregator_entities::ids::SourceId;
use aggregator_entities::repositories::findings;

use super::TaskError;
use crate::context::Context;

/// Findings forgotten in one step.
const STEP: u32 = 1_000;

/// Idempotent: an interrupted run is repeated, and goes on where it was.
pub(super) async fn perform(context: &Arc<Context>, source: i64) -> Result<(), TaskError> {
    let (database, source) = (&context.database, SourceId(source));
    let mut forgotten = 0;
    loop {
        let about = findings::of_source(database, source, STEP).await?;
        if about.is_empty() {
            break;
        }
        forgotten += findings::expire(database, source, &about).await?;
    }
    tracing::info!(source.id = source.0, forgotten, "a deleted source is forgotten");
    Ok(())
}
