//! Dead letters: what was given up, tried once more or put away.

use actix_web::{get, post, web};
use aggregator_entities::ids::LookupId;
use aggregator_entities::repositories::lookups::{self, DeadFilter};
use aggregator_openapi::{
    DeadLetterPage, DeadLettersMoved, DeadLettersParameters, ListDeadLettersParameters,
};
use aggregator_queue::{QueueName, Topic};

use crate::State;
use crate::failure::Failure;
use crate::input::{Query, Walks, asked};

aggregator_openapi::problems! {
    /// What can go wrong with listing dead letters.
    pub(crate) ListDeadLettersProblems: CursorInvalid, NotReady, DiskFull
}

/// List dead letters
///
/// Lookups that were given up, with the reason, in the order they were made.
#[utoipa::path(
    tag = "queues",
    params(ListDeadLettersParameters),
    responses((status = 200, description = "The letters.", body = DeadLetterPage), ListDeadLettersProblems),
)]
#[get("")]
pub(crate) async fn list_dead_letters(
    Query(parameters): Query<ListDeadLettersParameters>,
    state: web::Data<State>,
) -> Result<web::Json<DeadLetterPage>, Failure> {
    let filter = DeadFilter {
        id: None,
        source: asked(parameters.source.clone()),
        outcome: parameters.outcome.map(Into::into),
    };
    let pages = Walks::of("dead_letters", parameters.part(), &filter)?;
    let (rows, next) = lookups::dead(state.database(), &filter, &pages.walk).await?;
    let next = pages.next(next);
    Ok(web::Json(DeadLetterPage { dead_letters: rows.into_iter().map(Into::into).collect(), next }))
}

aggregator_openapi::problems! {
    /// What can go wrong with moving dead letters.
    pub(crate) MoveDeadLettersProblems: OriginNotAllowed, NotReady, DiskFull
}

fn filter(parameters: DeadLettersParameters) -> DeadFilter {
    DeadFilter {
        id: parameters.id.map(LookupId),
        source: asked(parameters.source),
        outcome: parameters.outcome.map(Into::into),
    }
}

/// Replay dead letters
///
/// Tries them once more: their items look up again and get a new verdict, their submissions run until then. Those of
/// cancelled and deleted submissions stay where they are.
#[utoipa::path(
    tag = "queues",
    params(DeadLettersParameters),
    responses((status = 200, description = "They are queued.", body = DeadLettersMoved), MoveDeadLettersProblems),
)]
#[post("/replay")]
pub(crate) async fn replay_dead_letters(
    Query(parameters): Query<DeadLettersParameters>,
    state: web::Data<State>,
) -> Result<web::Json<DeadLettersMoved>, Failure> {
    let (moved, submissions) = lookups::replay(state.database(), &filter(parameters)).await?;
    for submission in submissions {
        state.doorbell().ring(&Topic::Submission(submission.0));
    }
    state.doorbell().ring(&Topic::Queue(QueueName::Lookup));
    Ok(web::Json(DeadLettersMoved { moved }))
}

/// Discard dead letters
///
/// Puts them away: their items keep their verdicts, which say who did not answer.
#[utoipa::path(
    tag = "queues",
    params(DeadLettersParameters),
    responses((status = 200, description = "They are gone from the list.", body = DeadLettersMoved), MoveDeadLettersProblems),
)]
#[post("/discard")]
pub(crate) async fn discard_dead_letters(
    Query(parameters): Query<DeadLettersParameters>,
    state: web::Data<State>,
) -> Result<web::Json<DeadLettersMoved>, Failure> {
    let moved = lookups::discard(state.database(), &filter(parameters)).await?;
    Ok(web::Json(DeadLettersMoved { moved }))
}
