//! Queues: what waits, how it goes on, and what holds the sources back.

use std::time::Duration;

use actix_web::{get, web};
use aggregator_entities::clock::rfc3339;
use aggregator_openapi::{Queue, QueueDepth, QueueList, QueueWindow, SourceQueue, SourceQueueList};
use aggregator_queue::QueueName;
use futures::future::join_all;

use crate::State;
use crate::failure::Failure;
use crate::input::{NoParameters, Query};

/// How long Redis may take to say what it holds.
const WINDOW_TIMEOUT: Duration = Duration::from_secs(2);

aggregator_openapi::problems! {
    /// What can go wrong with looking at queues.
    pub(crate) QueuesProblems: NotReady, DiskFull
}

/// List queues
///
/// How much waits in each queue, for how long, and how much was done. The figures come from rows; only the window comes from
/// Redis, which holds a few ids of what waits.
#[utoipa::path(
    tag = "queues",
    responses((status = 200, description = "The queues.", body = QueueList), QueuesProblems),
)]
#[get("")]
pub(crate) async fn list_queues(
    _: Query<NoParameters>,
    state: web::Data<State>,
) -> Result<web::Json<QueueList>, Failure> {
    let figures = state.figures().await?;
    let queues = figures.queues.iter().map(|(name, depth)| async {
        Queue {
            name: (*name).to_owned(),
            depth: QueueDepth::of(depth, figures.at),
            window: window(&state, name).await,
        }
    });
    Ok(web::Json(QueueList { as_of: rfc3339(figures.at), queues: join_all(queues).await }))
}

/// What Redis holds of a queue; `None` when it does not say.
pub(crate) async fn window(state: &State, name: &str) -> Option<QueueWindow> {
    let queue = state.backends().queue(QueueName::parse(name)?);
    match tokio::time::timeout(WINDOW_TIMEOUT, queue.depth()).await {
        Ok(Ok(depth)) => Some(QueueWindow {
            waiting: depth.waiting,
            in_flight: depth.in_flight,
            slots: depth.slots,
            workers: depth.workers,
        }),
        Ok(Err(error)) => {
            tracing::warn!(queue = name, %error, "Redis does not say what a queue holds");
            None
        }
        Err(_elapsed) => None,
    }
}

/// List the queues of sources
///
/// How much waits for each remote source, and what keeps it from being asked: its breaker, its limits, a pause.
#[utoipa::path(
    tag = "queues",
    responses((status = 200, description = "The sources.", body = SourceQueueList), QueuesProblems),
)]
#[get("/sources")]
pub(crate) async fn list_source_queues(
    _: Query<NoParameters>,
    state: web::Data<State>,
) -> Result<web::Json<SourceQueueList>, Failure> {
    let figures = state.figures().await?;
    let sources = figures.sources.iter().map(|source| SourceQueue::of(source, figures.at)).collect();
    Ok(web::Json(SourceQueueList { as_of: rfc3339(figures.at), sources }))
}
