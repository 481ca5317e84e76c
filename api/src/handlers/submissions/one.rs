//! One submission: get, cancel, delete.

use actix_web::{HttpResponse, delete, get, post, web};
use aggregator_entities::repositories::{submissions, tasks};
use aggregator_openapi::{ProblemId, Submission};
use aggregator_queue::{QueueName, Topic};
use serde_json::json;

use super::find;
use crate::State;
use crate::failure::Failure;
use crate::input::{NoParameters, Query, SubmissionPath};

aggregator_openapi::problems! {
    /// What can go wrong with reading one submission.
    pub(crate) GetSubmissionProblems: NotFound, NotReady, DiskFull
}

/// Get a submission
///
/// Where it stands and how far it is. Every figure is counted in the transaction that changes it, so it is true.
#[utoipa::path(
    tag = "submissions",
    params(("id" = i64, Path, description = "Id of the submission.", example = 17)),
    responses((status = 200, description = "The submission.", body = Submission), GetSubmissionProblems),
)]
#[get("/{id}")]
pub(crate) async fn get_submission(
    SubmissionPath(id): SubmissionPath,
    _: Query<NoParameters>,
    state: web::Data<State>,
) -> Result<web::Json<Submission>, Failure> {
    Ok(web::Json(find(&state, id).await?))
}

aggregator_openapi::problems! {
    /// What can go wrong with changing one submission.
    pub(crate) ChangeSubmissionProblems: NotFound, StateConflict, OriginNotAllowed, NotReady, DiskFull
}

/// Cancel a submission
///
/// Stops a running submission at once: items not screened yet are `cancelled`, verdicts reached stay. A submission that
/// is not running is refused.
#[utoipa::path(
    tag = "submissions",
    params(("id" = i64, Path, description = "Id of the submission.", example = 17)),
    responses((status = 200, description = "It is cancelled.", body = Submission), ChangeSubmissionProblems),
)]
#[post("/{id}/cancel")]
pub(crate) async fn cancel_submission(
    SubmissionPath(id): SubmissionPath,
    _: Query<NoParameters>,
    state: web::Data<State>,
) -> Result<web::Json<Submission>, Failure> {
    let cancelled = submissions::cancel(state.database(), id).await?;
    if cancelled && let Err(error) = submissions::close_cancelled(state.database(), id).await {
        tracing::warn!(submission.id = id.0, %error, "a cancelled submission still has open rows; prune closes them");
    }
    let submission = find(&state, id).await?;
    if !cancelled {
        let detail =
            format!("the submission is {}; only a running one can be cancelled", state_name(&submission));
        return Err(Failure::new(ProblemId::StateConflict, detail));
    }
    state.doorbell().ring(&Topic::Submission(id.0));
    Ok(web::Json(submission))
}

/// Delete a submission
///
/// Takes one that is `done` or `cancelled`; it is gone for every reader at once. Its rows go in the background, within
/// minutes: its items with their verdicts, contexts and raw lines, its rejects, its label and its Idempotency-Key. An
/// indicator goes with it unless another submission holds it, a source has a finding about it or an answer leads to it: what
/// sources said belongs to nobody's submission, and stays.
#[utoipa::path(
    tag = "submissions",
    params(("id" = i64, Path, description = "Id of the submission.", example = 17)),
    responses((status = 204, description = "It is deleted."), ChangeSubmissionProblems),
)]
#[delete("/{id}")]
pub(crate) async fn delete_submission(
    SubmissionPath(id): SubmissionPath,
    _: Query<NoParameters>,
    state: web::Data<State>,
) -> Result<HttpResponse, Failure> {
    if !submissions::delete(state.database(), id).await? {
        let submission = find(&state, id).await?;
        let detail =
            format!("the submission is {}; cancel it first or wait for its end", state_name(&submission));
        return Err(Failure::new(ProblemId::StateConflict, detail));
    }
    let key = format!("purge_submission:{id}");
    match tasks::add(state.database(), "purge_submission", &key, &json!({ "submission": id.0 })).await {
        Ok(_) => state.doorbell().ring(&Topic::Queue(QueueName::Task)),
        // Hidden it is already, and the minutely pruning removes what is hidden.
        Err(error) => tracing::warn!(submission.id = id.0, %error, "the purge waits for the next pruning"),
    }
    state.doorbell().ring(&Topic::Submission(id.0));
    Ok(HttpResponse::NoContent().finish())
}

fn state_name(submission: &Submission) -> &'static str {
    aggregator_entities::domain::state::SubmissionState::from(submission.state).as_str()
}
