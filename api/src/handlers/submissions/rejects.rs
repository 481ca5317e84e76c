//! The lines of a submission that are no indicator.

use actix_web::{get, web};
use aggregator_entities::repositories::submissions;
use aggregator_openapi::{ListRejectsParameters, RejectPage};

use super::find;
use crate::State;
use crate::failure::Failure;
use crate::input::{Query, SubmissionPath, Walks};

aggregator_openapi::problems! {
    /// What can go wrong with a page of something inside a submission.
    pub(crate) PageProblems: CursorInvalid, NotFound, NotReady, DiskFull
}

/// List the rejects of a submission
///
/// The lines (or values) that are no indicator, with the reason. What is not rejected is an
/// item or a further context of one: nothing is dropped silently.
#[utoipa::path(
    tag = "submissions",
    params(("id" = i64, Path, description = "Id of the submission.", example = 17), ListRejectsParameters),
    responses((status = 200, description = "The refused lines.", body = RejectPage), PageProblems),
)]
#[get("/{id}/rejects")]
pub(crate) async fn list_submission_rejects(
    SubmissionPath(id): SubmissionPath,
    Query(parameters): Query<ListRejectsParameters>,
    state: web::Data<State>,
) -> Result<web::Json<RejectPage>, Failure> {
    let pages = Walks::of("rejects", parameters.part(), &id)?;
    find(&state, id).await?;
    let (rows, next) = submissions::rejects(state.database(), id, &pages.walk).await?;
    let next = pages.next(next);
    Ok(web::Json(RejectPage { rejects: rows.into_iter().map(Into::into).collect(), next }))
}
