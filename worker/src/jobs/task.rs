//! Job **task**: everything that is not a chunk or a lookup.

use std::sync::Arc;
use std::time::{Duration, Instant};

use aggregator_entities::ids::TaskId;
use aggregator_entities::repositories::tasks::{self, TaskEnd};
use aggregator_entities::repositories::units::{self, ClaimedTask};
use aggregator_queue::{Envelope, QueueName};

use crate::company;
use crate::context::Context;
use crate::meters::Stage;
use crate::options::micros;
use crate::tasks::{TaskError, perform};

/// Attempts after which a failing task is dead.
const MAX_ATTEMPTS: i32 = 5;

/// Claims and performs the tasks of an envelope.
pub(crate) async fn run(context: Arc<Context>, envelope: Envelope) {
    for id in envelope.ids {
        // A suspect is claimed when it has the process for itself: until then its lease must not run.
        let alone = match units::is_suspect_task(&context.database, TaskId(id)).await {
            Ok(false) => None,
            Ok(true) => match company::leave(&context).await {
                Ok(alone) => Some(alone),
                Err(error) => {
                    tracing::warn!(task.id = id, %error, "a suspect task cannot run alone now; it is offered again");
                    continue;
                }
            },
            Err(error) => {
                tracing::warn!(task.id = id, %error, "a task could not be read; it is offered again");
                continue;
            }
        };
        let began = Instant::now();
        let claim =
            units::claim_task(&context.database, TaskId(id), &context.name, context.options.lease_micros())
                .await;
        match claim {
            Ok(Some(task)) => {
                context.meters.stage(QueueName::Task, Stage::Claim, began);
                finish(&context, &task).await;
            }
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(task.id = id, %error, "a task could not be claimed; it is offered again");
            }
        }
        drop(alone);
    }
}

async fn finish(context: &Arc<Context>, task: &ClaimedTask) {
    let hold = context.hold_task(task.id.0);
    let began = Instant::now();
    let outcome = perform(context, task).await;
    drop(hold);
    context.meters.stage(QueueName::Task, Stage::Call, began);
    let began = Instant::now();
    let written = match &outcome {
        Ok(result) => tasks::finish(&context.database, task, TaskEnd::Done(result.as_deref())).await,
        Err(error) if error.is_transient() && task.attempt < MAX_ATTEMPTS => {
            let delay = Duration::from_secs(1 << task.attempt.clamp(0, 8));
            tracing::warn!(task.id = task.id.0, task.kind, %error, "a task failed and is tried again");
            tasks::retry(&context.database, task, micros(delay), &error.to_string()).await
        }
        Err(error) => {
            tracing::error!(task.id = task.id.0, task.kind, %error, "a task is dead");
            tasks::finish(&context.database, task, TaskEnd::Dead(&error.to_string())).await
        }
    };
    context.meters.stage(QueueName::Task, Stage::Commit, began);
    match written {
        Ok(true) => context.counters.add_finished(1),
        Ok(false) => context.counters.add_stale(1),
        Err(error) => {
            tracing::warn!(task.id = task.id.0, %error, "a task's end was not written; its lease runs out");
        }
    }
}

impl TaskError {
    fn is_transient(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_transient())
    }
}
