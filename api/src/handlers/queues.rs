//! Queues: what waits, how it goes on, and holding one back by hand.

mod sources;

pub(crate) use sources::list_source_queues;

use std::collections::BTreeMap;
use std::time::Duration;

use actix_web::{get, post, web};
use aggregator_entities::clock::rfc3339;
use aggregator_entities::repositories::queues::{self, Depth};
use aggregator_openapi::{Queue, QueueDepth, QueueList, QueueWindow};
use aggregator_queue::{QueueName, Topic};
use futures::future::join_all;

use crate::State;
use crate::failure::Failure;
use crate::input::{NoParameters, Query, QueuePath};

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
    let paused = queues::paused(state.database()).await?;
    let shown = figures.queues.iter().map(|(name, depth)| shown(&state, (name, depth), figures.at, &paused));
    Ok(web::Json(QueueList { as_of: rfc3339(figures.at), queues: join_all(shown).await }))
}

async fn shown(
    state: &State,
    (name, depth): (&str, &Depth),
    at: i64,
    paused: &BTreeMap<String, i64>,
) -> Queue {
    Queue {
        name: name.to_owned(),
        paused_at: paused.get(name).copied().map(rfc3339),
        depth: QueueDepth::of(depth, at),
        window: window(state, name).await,
    }
}

aggregator_openapi::problems! {
    /// What can go wrong with pausing and resuming a queue.
    pub(crate) PauseQueueProblems: OriginNotAllowed, NotFound, NotReady, DiskFull
}

/// Pause a queue
///
/// What is due in it is offered to no worker from now on, in no process; what was offered already goes on to its end. Nothing is lost:
/// it waits in its rows. One that is paused stays so.
#[utoipa::path(
    tag = "queues",
    params(("name" = String, Path, description = "Name of the queue.", example = "lookup")),
    responses((status = 200, description = "It is paused.", body = Queue), PauseQueueProblems),
)]
#[post("/{name}/pause")]
pub(crate) async fn pause_queue(
    QueuePath(queue): QueuePath,
    _: Query<NoParameters>,
    state: web::Data<State>,
) -> Result<web::Json<Queue>, Failure> {
    queues::pause(state.database(), queue.as_str()).await?;
    one(&state, queue).await
}

/// Resume a queue
///
/// What is due in it is offered again. One that is not paused goes on as it does.
#[utoipa::path(
    tag = "queues",
    params(("name" = String, Path, description = "Name of the queue.", example = "lookup")),
    responses((status = 200, description = "It goes on.", body = Queue), PauseQueueProblems),
)]
#[post("/{name}/resume")]
pub(crate) async fn resume_queue(
    QueuePath(queue): QueuePath,
    _: Query<NoParameters>,
    state: web::Data<State>,
) -> Result<web::Json<Queue>, Failure> {
    queues::resume(state.database(), queue.as_str()).await?;
    state.doorbell().ring(&Topic::Queue(queue));
    one(&state, queue).await
}

async fn one(state: &State, queue: QueueName) -> Result<web::Json<Queue>, Failure> {
    let figures = state.figures().await?;
    let paused = queues::paused(state.database()).await?;
    let depth = figures.queues.iter().find(|(name, _)| *name == queue.as_str()).map(|(_, depth)| *depth);
    let depth = depth.unwrap_or_default();
    Ok(web::Json(shown(state, (queue.as_str(), &depth), figures.at, &paused).await))
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
