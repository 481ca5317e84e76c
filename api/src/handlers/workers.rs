//! Workers: who works, and who was lost.

use actix_web::{get, web};
use aggregator_entities::repositories::workers;
use aggregator_openapi::{ListWorkersParameters, WorkerList};

use crate::State;
use crate::failure::Failure;
use crate::input::{Query, Walks};

aggregator_openapi::problems! {
    /// What can go wrong with listing workers.
    pub(crate) ListWorkersProblems: CursorInvalid, NotReady, DiskFull
}

/// List workers
///
/// Those that live, and for a day those that vanished without signing off. Each says every five seconds that it lives.
#[utoipa::path(
    tag = "operations",
    params(ListWorkersParameters),
    responses((status = 200, description = "The workers.", body = WorkerList), ListWorkersProblems),
)]
#[get("")]
pub(crate) async fn list_workers(
    Query(parameters): Query<ListWorkersParameters>,
    state: web::Data<State>,
) -> Result<web::Json<WorkerList>, Failure> {
    let part = parameters.part();
    let pages = Walks::of("workers", part, &())?;
    let (rows, next) = workers::list(state.database(), part.sort.key(), &pages.walk).await?;
    let next = pages.next(next);
    Ok(web::Json(WorkerList { workers: rows.into_iter().map(Into::into).collect(), next }))
}
