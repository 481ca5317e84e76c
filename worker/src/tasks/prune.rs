//! Task **prune**: what retention says goes, a little every minute.

use std::sync::Arc;

use aggregator_entities::clock::SECOND;
use aggregator_entities::repositories::{idempotency, intake, submissions, tasks, workers};

use super::TaskError;
use crate::context::Context;

/// Idempotency keys are remembered for a day.
const KEYS_KEPT: i64 = 86_400 * SECOND;

/// A submission whose receiving process says nothing for ten minutes is abandoned (architecture.md hop 2).
const STALLED_AFTER: i64 = 600 * SECOND;

/// Finished tasks are kept for a week, those given up for thirty days, workers that vanished for a day.
const TASKS_KEPT: i64 = 7 * 86_400 * SECOND;
const DEAD_TASKS_KEPT: i64 = 30 * 86_400 * SECOND;
const WORKERS_KEPT: i64 = 86_400 * SECOND;

pub(super) async fn perform(context: &Arc<Context>) -> Result<(), TaskError> {
    let database = &context.database;
    for submission in intake::stalled(database, STALLED_AFTER).await? {
        tracing::info!(submission.id = submission.0, "abandoned: its body never arrived whole");
        intake::abandon_silent(database, submission, STALLED_AFTER).await?;
    }
    for submission in submissions::deleted(database).await? {
        super::purge_submission::perform(context, submission.0).await?;
    }
    for submission in submissions::half_cancelled(database).await? {
        submissions::close_cancelled(database, submission).await?;
    }
    idempotency::prune(database, KEYS_KEPT).await?;
    tasks::prune(database, (TASKS_KEPT, DEAD_TASKS_KEPT)).await?;
    workers::prune(database, WORKERS_KEPT).await?;
    Ok(())
}
