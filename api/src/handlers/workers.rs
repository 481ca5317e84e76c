//! Workers: who works, and who was lost.

use actix_web::{get, web};
use aggregator_entities::repositories::workers;
use aggregator_openapi::WorkerList;

use crate::State;
use crate::failure::Failure;
use crate::input::{NoParameters, Query};

aggregator_openapi::problems! {
    /// What can go wrong with listing workers.
    pub(crate) ListWorkersProblems: NotReady, DiskFull
}

/// List workers
///
/// Those that live, and for a day those that vanished without signing off. Each says every five seconds that it lives.
#[utoipa::path(
    tag = "operations",
    responses((status = 200, description = "The workers.", body = WorkerList), ListWorkersProblems),
)]
#[get("")]
pub(crate) async fn list_workers(
    _: Query<NoParameters>,
    state: web::Data<State>,
) -> Result<web::Json<WorkerList>, Failure> {
    let workers = workers::list(state.database()).await?;
    Ok(web::Json(WorkerList { workers: workers.into_iter().map(Into::into).collect() }))
}
