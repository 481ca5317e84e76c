//! Submissions, newest first.

use actix_web::{get, web};
use aggregator_entities::ids::SubmissionId;
use aggregator_entities::repositories::submissions::{self, SubmissionFilter};
use aggregator_openapi::{ListSubmissionsParameters, SubmissionPage};

use crate::State;
use crate::failure::Failure;
use crate::input::{Cursors, Query, page_size};

aggregator_openapi::problems! {
    /// What can go wrong with listing submissions.
    pub(crate) ListSubmissionsProblems: CursorInvalid, NotReady, DiskFull
}

/// List submissions
///
/// Newest first. Those whose body still arrives and those deleted are left out.
#[utoipa::path(
    tag = "submissions",
    params(ListSubmissionsParameters),
    responses((status = 200, description = "The submissions.", body = SubmissionPage), ListSubmissionsProblems),
)]
#[get("")]
pub(crate) async fn list_submissions(
    Query(parameters): Query<ListSubmissionsParameters>,
    state: web::Data<State>,
) -> Result<web::Json<SubmissionPage>, Failure> {
    let limit = page_size(parameters.limit, 50, 200)?;
    let cursors = Cursors::of("submissions", &parameters.state);
    let before = match &parameters.cursor {
        Some(cursor) => Some(SubmissionId(i64::from_be_bytes(cursors.open(cursor)?))),
        None => None,
    };
    let filter = SubmissionFilter { before, state: parameters.state.map(Into::into) };
    let mut rows = submissions::list(state.database(), &filter, limit + 1).await?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next = rows.last().filter(|_| more).map(|row| cursors.seal(row.id.0.to_be_bytes()));
    Ok(web::Json(SubmissionPage { submissions: rows.into_iter().map(Into::into).collect(), next }))
}
