//! The lines of a submission that are no indicator.

use actix_web::{get, web};
use aggregator_entities::repositories::submissions;
use aggregator_openapi::{PageParameters, RejectPage};

use super::find;
use crate::State;
use crate::failure::Failure;
use crate::input::{Cursors, Query, SubmissionPath, page_size};

aggregator_openapi::problems! {
    /// What can go wrong with a page of something inside a submission.
    pub(crate) PageProblems: CursorInvalid, NotFound, NotReady, DiskFull
}

/// List the rejects of a submission
///
/// The lines (or values) that are no indicator, with the reason, in the order of the body. What is not rejected is an
/// item or a further context of one: nothing is dropped silently.
#[utoipa::path(
    tag = "submissions",
    params(("id" = i64, Path, description = "Id of the submission.", example = 17), PageParameters),
    responses((status = 200, description = "The refused lines.", body = RejectPage), PageProblems),
)]
#[get("/{id}/rejects")]
pub(crate) async fn list_submission_rejects(
    SubmissionPath(id): SubmissionPath,
    Query(parameters): Query<PageParameters>,
    state: web::Data<State>,
) -> Result<web::Json<RejectPage>, Failure> {
    let limit = page_size(parameters.limit, 100, 1_000)?;
    let cursors = Cursors::of("rejects", &id);
    let after = match &parameters.cursor {
        Some(cursor) => i32::from_be_bytes(cursors.open(cursor)?),
        None => 0,
    };
    find(&state, id).await?;
    let mut rows = submissions::rejects(state.database(), id, after, limit + 1).await?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next = rows.last().filter(|_| more).map(|row| cursors.seal(row.line.to_be_bytes()));
    Ok(web::Json(RejectPage { rejects: rows.into_iter().map(Into::into).collect(), next }))
}
