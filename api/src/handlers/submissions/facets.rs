//! How the items of a submission spread over kinds and verdicts.

use actix_web::{get, web};
use aggregator_entities::repositories::submissions;
use aggregator_openapi::SubmissionFacets;

use super::find;
use super::one::GetSubmissionProblems;
use crate::State;
use crate::failure::Failure;
use crate::input::{NoParameters, Query, SubmissionPath};

/// Get the facets of a submission
///
/// How many of its judged items are of which kind with which verdict. Summed over what each chunk counted when it was
/// screened, so a million items cost no more than a thousand.
#[utoipa::path(
    tag = "submissions",
    params(("id" = i64, Path, description = "Id of the submission.", example = 17)),
    responses((status = 200, description = "The facets.", body = SubmissionFacets), GetSubmissionProblems),
)]
#[get("/{id}/facets")]
pub(crate) async fn get_submission_facets(
    SubmissionPath(id): SubmissionPath,
    _: Query<NoParameters>,
    state: web::Data<State>,
) -> Result<web::Json<SubmissionFacets>, Failure> {
    find(&state, id).await?;
    Ok(web::Json(submissions::facets(state.database(), id).await?.into()))
}
