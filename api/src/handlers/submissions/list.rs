//! Submissions, in the order they were made.

use actix_web::{get, web};
use aggregator_entities::repositories::submissions::{self, SubmissionFilter};
use aggregator_openapi::{ListSubmissionsParameters, SubmissionPage};

use crate::State;
use crate::failure::Failure;
use crate::input::{Query, Walks};

aggregator_openapi::problems! {
    /// What can go wrong with listing submissions.
    pub(crate) ListSubmissionsProblems: CursorInvalid, NotReady, DiskFull
}

/// List submissions
///
/// In the order they were made. Those whose body still arrives and those deleted are left out.
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
    let filter = SubmissionFilter { state: parameters.state.map(Into::into) };
    let pages = Walks::of("submissions", parameters.part(), &filter)?;
    let (rows, next) = submissions::list(state.database(), &filter, &pages.walk).await?;
    let next = pages.next(next);
    Ok(web::Json(SubmissionPage { submissions: rows.into_iter().map(Into::into).collect(), next }))
}
