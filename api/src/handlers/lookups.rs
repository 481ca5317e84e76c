//! Lookups: what each source was asked, asking again, and not asking.

use actix_web::{get, post, web};
use aggregator_entities::domain::state::UnitState;
use aggregator_entities::ids::{LookupId, SubmissionId};
use aggregator_entities::repositories::lookups::{self, Cancellation, DeadFilter, LookupFilter};
use aggregator_openapi::page::PagePart;
use aggregator_openapi::{ListLookupsParameters, LookupDetails, LookupPage, LookupSort, ProblemId};
use aggregator_queue::{QueueName, Topic};

use crate::State;
use crate::failure::Failure;
use crate::input::{LookupPath, NoParameters, Query, Walks, asked};

aggregator_openapi::problems! {
    /// What can go wrong with listing lookups.
    pub(crate) ListLookupsProblems: CursorInvalid, NotReady, DiskFull
}

/// List lookups
///
/// Those of one submission in the order of its items, else in the order they were made. A page looks at 200,000 lookups and no
/// further: with a filter it may be short, even empty, while `next` is set.
#[utoipa::path(
    tag = "queues",
    params(ListLookupsParameters),
    responses((status = 200, description = "The lookups.", body = LookupPage), ListLookupsProblems),
)]
#[get("")]
pub(crate) async fn list_lookups(
    Query(parameters): Query<ListLookupsParameters>,
    state: web::Data<State>,
) -> Result<web::Json<LookupPage>, Failure> {
    let part = PagePart { sort: sort(&parameters)?, ..parameters.part() };
    let filter = LookupFilter {
        submission: parameters.submission.map(SubmissionId),
        source: asked(parameters.source.clone()),
        state: parameters.state.map(Into::into),
        outcome: parameters.outcome.map(Into::into),
    };
    let pages = Walks::of("lookups", part, &filter)?;
    let (rows, next) = lookups::list(state.database(), &filter, &pages.walk).await?;
    let next = pages.next(next);
    Ok(web::Json(LookupPage { lookups: rows.into_iter().map(Into::into).collect(), next }))
}

/// The order asked for: those of one submission are walked by its items, all others by when they were made.
fn sort(parameters: &ListLookupsParameters) -> Result<LookupSort, Failure> {
    let of_one = parameters.submission.is_some();
    let usual = if of_one { LookupSort::Ordinal } else { LookupSort::default() };
    let sort = parameters.sort.unwrap_or(usual);
    let by_item = matches!(sort, LookupSort::Ordinal | LookupSort::OrdinalDescending);
    match (of_one, by_item) {
        (true, false) => Err(unsorted("those of one submission are sorted by `ordinal` or `-ordinal`")),
        (false, true) => Err(unsorted(
            "`ordinal` is of one submission; others are sorted by `created_at` or `-created_at`",
        )),
        _ => Ok(sort),
    }
}

fn unsorted(detail: &str) -> Failure {
    Failure::new(ProblemId::InvalidParameter, detail)
}

aggregator_openapi::problems! {
    /// What can go wrong with one lookup.
    pub(crate) GetLookupProblems: NotFound, NotReady, DiskFull
}

/// Get a lookup
///
/// With its times, its calls, and what it waits for.
#[utoipa::path(
    tag = "queues",
    params(("id" = i64, Path, description = "Id of the lookup.", example = 12)),
    responses((status = 200, description = "The lookup.", body = LookupDetails), GetLookupProblems),
)]
#[get("/{id}")]
pub(crate) async fn get_lookup(
    LookupPath(id): LookupPath,
    _: Query<NoParameters>,
    state: web::Data<State>,
) -> Result<web::Json<LookupDetails>, Failure> {
    Ok(web::Json(find(&state, id).await?.into()))
}

async fn find(state: &State, id: LookupId) -> Result<lookups::LookupDetails, Failure> {
    let found = lookups::find(state.database(), id).await?;
    found.ok_or_else(|| Failure::new(ProblemId::NotFound, format!("there is no lookup {id}")))
}

aggregator_openapi::problems! {
    /// What can go wrong with asking again.
    pub(crate) RetryLookupProblems: OriginNotAllowed, NotFound, StateConflict, NotReady, DiskFull
}

/// Retry a lookup
///
/// A dead one is tried once more, and its item gets a new verdict; a parked one is due now. Limits, breakers and pauses of its
/// source hold all the same.
#[utoipa::path(
    tag = "queues",
    params(("id" = i64, Path, description = "Id of the lookup.", example = 12)),
    responses((status = 200, description = "It is on its way.", body = LookupDetails), RetryLookupProblems),
)]
#[post("/{id}/retry")]
pub(crate) async fn retry_lookup(
    LookupPath(id): LookupPath,
    _: Query<NoParameters>,
    state: web::Data<State>,
) -> Result<web::Json<LookupDetails>, Failure> {
    let found = find(&state, id).await?;
    // Each changes a row only while it is in the state it was found in: of several who ask, one does it.
    let on_its_way = match found.row.state {
        UnitState::Dead => {
            let this = DeadFilter { id: Some(id), ..DeadFilter::default() };
            lookups::replay(state.database(), &this).await?.0 == 1
        }
        UnitState::Parked => lookups::due_now(state.database(), id).await?,
        _ => false,
    };
    let now = find(&state, id).await?;
    if !on_its_way {
        let detail = match now.row.state {
            UnitState::Dead => "its submission was cancelled or deleted".to_owned(),
            other => format!("the lookup is {}; one that is dead or parked can be retried", other.as_str()),
        };
        return Err(Failure::new(ProblemId::StateConflict, detail));
    }
    state.doorbell().ring(&Topic::Submission(now.submission_id.0));
    state.doorbell().ring(&Topic::Queue(QueueName::Lookup));
    Ok(web::Json(now.into()))
}

aggregator_openapi::problems! {
    /// What can go wrong with cancelling a lookup.
    pub(crate) CancelLookupProblems: OriginNotAllowed, NotFound, StateConflict, NotReady, DiskFull
}

/// Cancel a lookup
///
/// Its item no longer waits for it, and says that the source was not asked; when nothing else is pending it gets its verdict.
/// A running one ends when its call returns: until then it is `running` with the outcome `cancelled`. Lookups of others that
/// wait on it go on.
#[utoipa::path(
    tag = "queues",
    params(("id" = i64, Path, description = "Id of the lookup.", example = 12)),
    responses((status = 200, description = "It is cancelled.", body = LookupDetails), CancelLookupProblems),
)]
#[post("/{id}/cancel")]
pub(crate) async fn cancel_lookup(
    LookupPath(id): LookupPath,
    _: Query<NoParameters>,
    state: web::Data<State>,
) -> Result<web::Json<LookupDetails>, Failure> {
    find(&state, id).await?;
    let cancelled = lookups::cancel(state.database(), id).await?;
    let now = find(&state, id).await?;
    match cancelled {
        Cancellation::Ended(submission) => {
            state.doorbell().ring(&Topic::Submission(submission.0));
            // Another that waited on it is due.
            state.doorbell().ring(&Topic::Queue(QueueName::Lookup));
        }
        Cancellation::Ending => {}
        Cancellation::NotOpen => {
            let detail =
                format!("the lookup is {}; one that has not ended can be cancelled", now.row.state.as_str());
            return Err(Failure::new(ProblemId::StateConflict, detail));
        }
    }
    Ok(web::Json(now.into()))
}
