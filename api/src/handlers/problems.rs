//! The problems the API can answer with, described: where the `type` of a problem leads.

use actix_web::{get, web};
use aggregator_openapi::ProblemDescriptions;

use crate::input::{NoParameters, Query};

aggregator_openapi::problems! {
    /// What can go wrong with listing problems.
    pub(crate) ListProblems:
}

/// List the problems
///
/// Every kind of problem the API can answer with, and what to do about it. The `type` of a problem document leads here.
#[utoipa::path(
    tag = "contract",
    responses((status = 200, description = "Every kind of problem.", body = ProblemDescriptions), ListProblems),
)]
#[get("")]
pub(crate) async fn list_problems(_: Query<NoParameters>) -> web::Json<ProblemDescriptions> {
    web::Json(ProblemDescriptions::all())
}
