//! Tasks: what is done beside the items.

use actix_web::{HttpResponse, get, post, web};
use aggregator_entities::domain::state::UnitState;
use aggregator_entities::ids::TaskId;
use aggregator_entities::repositories::tasks::{self, TaskFilter, TaskRow};
use aggregator_entities::repositories::walk::Walk;
use aggregator_openapi::{ListTasksParameters, ProblemId, Task, TaskPage};
use aggregator_queue::{QueueName, Topic};

use crate::State;
use crate::failure::Failure;
use crate::input::{NoParameters, Query, TaskPath, Walks, asked};

aggregator_openapi::problems! {
    /// What can go wrong with listing tasks.
    pub(crate) ListTasksProblems: CursorInvalid, NotReady, DiskFull
}

/// List tasks
///
/// In the order they were made. What runs on a schedule, and what follows from a change: refreshing a feed, pruning, purging.
#[utoipa::path(
    tag = "queues",
    params(ListTasksParameters),
    responses((status = 200, description = "The tasks.", body = TaskPage), ListTasksProblems),
)]
#[get("")]
pub(crate) async fn list_tasks(
    Query(parameters): Query<ListTasksParameters>,
    state: web::Data<State>,
) -> Result<web::Json<TaskPage>, Failure> {
    let filter = TaskFilter {
        id: None,
        kind: asked(parameters.kind.clone()),
        state: parameters.state.map(Into::into),
    };
    let pages = Walks::of("tasks", parameters.part(), &filter)?;
    let (rows, next) = tasks::list(state.database(), &filter, &pages.walk).await?;
    let next = pages.next(next);
    Ok(web::Json(TaskPage { tasks: rows.into_iter().map(Into::into).collect(), next }))
}

aggregator_openapi::problems! {
    /// What can go wrong with one task.
    pub(crate) GetTaskProblems: NotFound, NotReady, DiskFull
}

/// Get a task
///
/// With its state, its attempts, why it failed or waits, and what it left behind.
#[utoipa::path(
    tag = "queues",
    params(("id" = i64, Path, description = "Id of the task.", example = 31)),
    responses((status = 200, description = "The task.", body = Task), GetTaskProblems),
)]
#[get("/{id}")]
pub(crate) async fn get_task(
    TaskPath(id): TaskPath,
    _: Query<NoParameters>,
    state: web::Data<State>,
) -> Result<web::Json<Task>, Failure> {
    Ok(web::Json(shown(&state, id).await?.into()))
}

aggregator_openapi::problems! {
    /// What can go wrong with retrying a task.
    pub(crate) RetryTaskProblems: OriginNotAllowed, NotFound, StateConflict, NotReady, DiskFull
}

/// Retry a task
///
/// Tries one that was given up once more. Not where the same is open already: a refresh of a feed, say, that the schedule
/// added since.
#[utoipa::path(
    tag = "queues",
    params(("id" = i64, Path, description = "Id of the task.", example = 31)),
    responses((status = 202, description = "A worker will do it.", body = Task), RetryTaskProblems),
)]
#[post("/{id}/retry")]
pub(crate) async fn retry_task(
    TaskPath(id): TaskPath,
    _: Query<NoParameters>,
    state: web::Data<State>,
) -> Result<HttpResponse, Failure> {
    shown(&state, id).await?;
    let revived = tasks::revive(state.database(), id).await?;
    let now = shown(&state, id).await?;
    if !revived {
        let detail = match now.state {
            UnitState::Dead => "the same is open already; see GET /api/v1/tasks".to_owned(),
            other => format!("the task is {}; one that is dead can be retried", other.as_str()),
        };
        return Err(Failure::new(ProblemId::StateConflict, detail));
    }
    state.doorbell().ring(&Topic::Queue(QueueName::Task));
    Ok(HttpResponse::Accepted().json(Task::from(now)))
}

/// One task as it is shown.
pub(super) async fn shown(state: &State, id: TaskId) -> Result<TaskRow, Failure> {
    let this = TaskFilter { id: Some(id), ..TaskFilter::default() };
    let found = tasks::list(state.database(), &this, &Walk::first(1)).await?.0.pop();
    found.ok_or_else(|| Failure::new(ProblemId::NotFound, format!("there is no task {id}")))
}
