//! Tasks: what is done beside the items.

use actix_web::{get, web};
use aggregator_entities::ids::TaskId;
use aggregator_entities::repositories::tasks::{self, TaskFilter, TaskRow};
use aggregator_openapi::{ListTasksParameters, ProblemId, Task, TaskPage};

use crate::State;
use crate::failure::Failure;
use crate::input::{Cursors, NoParameters, Query, TaskPath, asked, page_size};

aggregator_openapi::problems! {
    /// What can go wrong with listing tasks.
    pub(crate) ListTasksProblems: CursorInvalid, NotReady, DiskFull
}

/// List tasks
///
/// Newest first. What runs on a schedule, and what follows from a change: refreshing a feed, pruning, purging.
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
    let limit = page_size(parameters.limit, 100, 1_000)?;
    let filter =
        TaskFilter { id: None, kind: asked(parameters.kind), state: parameters.state.map(Into::into) };
    let cursors = Cursors::of("tasks", &filter);
    let before = match &parameters.cursor {
        Some(cursor) => Some(TaskId(i64::from_be_bytes(cursors.open(cursor)?))),
        None => None,
    };
    let mut rows = tasks::list(state.database(), &filter, (before, limit + 1)).await?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next = rows.last().filter(|_| more).map(|row| cursors.seal(row.id.0.to_be_bytes()));
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

/// One task as it is shown.
pub(super) async fn shown(state: &State, id: TaskId) -> Result<TaskRow, Failure> {
    let this = TaskFilter { id: Some(id), ..TaskFilter::default() };
    let found = tasks::list(state.database(), &this, (None, 1)).await?.pop();
    found.ok_or_else(|| Failure::new(ProblemId::NotFound, format!("there is no task {id}")))
}
