//! Submissions: create, list, get, cancel, delete, re-run, and what is in them.

mod create;
mod events;
mod facets;
mod items;
mod list;
mod one;
mod receive;
mod rejects;
mod rerun;

pub(crate) use create::create_submission;
pub(crate) use events::stream_submission_events;
pub(crate) use facets::get_submission_facets;
pub(crate) use items::{get_submission_item, list_submission_items};
pub(crate) use list::list_submissions;
pub(crate) use one::{cancel_submission, delete_submission, get_submission};
pub(crate) use rejects::list_submission_rejects;
pub(crate) use rerun::rerun_submission;

use std::time::Duration;

use aggregator_entities::ids::SubmissionId;
use aggregator_entities::repositories::submissions;
use aggregator_openapi::{ProblemId, Submission, SubmissionState};
use aggregator_queue::Topic;
use tokio::time::Instant;

use crate::State;
use crate::failure::Failure;

/// How long a waiting request goes without looking although no doorbell rang.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// One submission, or 404.
async fn find(state: &State, id: SubmissionId) -> Result<Submission, Failure> {
    match submissions::find(state.database(), id).await? {
        Some(row) => Ok(row.into()),
        None => Err(Failure::new(ProblemId::NotFound, format!("there is no submission {id}"))),
    }
}

/// The submission once it ended, or as it is when the time is over.
async fn wait_for_end(state: &State, id: SubmissionId, wait: Duration) -> Result<Submission, Failure> {
    let deadline = Instant::now() + wait;
    // Listening before the first look: nothing is missed.
    let bell = state.doorbell().subscribe(&Topic::Submission(id.0));
    loop {
        let submission = find(state, id).await?;
        let left = deadline.saturating_duration_since(Instant::now());
        let ended = matches!(submission.state, SubmissionState::Done | SubmissionState::Cancelled);
        if ended || left.is_zero() {
            return Ok(submission);
        }
        bell.rung_within(left.min(LOOK_AGAIN)).await;
    }
}
