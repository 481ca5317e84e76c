//! A submission once more: the same values, screened with what is known now.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, post, web};
use aggregator_entities::Database;
use aggregator_entities::domain::Indicator;
use aggregator_entities::ids::SubmissionId;
use aggregator_entities::payload::PendingItem;
use aggregator_entities::repositories::intake::{self, NewContext, NewSubmission};
use aggregator_entities::repositories::items::{self, ItemFilter};
use aggregator_entities::repositories::submissions;
use aggregator_entities::repositories::walk::Walk;
use aggregator_entities::tables::item::{Context, Item};
use aggregator_entities::tables::submission as row;
use aggregator_openapi::{IdempotencyKeyHeader, ProblemId, Submission};
use aggregator_platform::trace;

use super::receive::{self, Opened, Received};
use super::{create, find};
use crate::failure::Failure;
use crate::handlers::sources::unheard_of;
use crate::input::{NoParameters, Query, SubmissionPath};
use crate::intake::{Collected, Collector};
use crate::{State, pressure};

aggregator_openapi::problems! {
    /// What can go wrong with a re-run.
    pub(crate) RerunSubmissionProblems:
        NotFound, OriginNotAllowed, BodyTimeout, IdempotencyInProgress, IdempotencyConflict, StateConflict, TooManyOpenSubmissions, BacklogFull, DiskFull, NotReady
}

/// Items or contexts read at once.
const STEP: u32 = 1_000;

/// Re-run a submission
///
/// Makes a new submission of the same indicators in the same order, with their lines, raw forms and ports, the same
/// label, playbook and TLP, and screens them with what is known now. Rejects are not repeated: they stay with the first.
/// The first submission may be in any state and does not change. One whose playbook was deleted cannot be repeated, nor one
/// that asked sources alone which are no longer there.
#[utoipa::path(
    tag = "submissions",
    params(
        ("id" = i64, Path, description = "Id of the submission to repeat.", example = 17),
        IdempotencyKeyHeader,
    ),
    responses((status = 202, description = "The new submission was accepted.", body = Submission), RerunSubmissionProblems),
)]
#[post("/{id}/rerun")]
pub(crate) async fn rerun_submission(
    SubmissionPath(id): SubmissionPath,
    _: Query<NoParameters>,
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse, Failure> {
    let key = create::idempotency_key(&request)?;
    let Some(original) = submissions::find(state.database(), id).await? else { return Err(gone(id)) };
    if let Some(slugs) = &original.options.sources
        && let Some(what) = unheard_of(&state, slugs).await?
    {
        let detail = format!("the submission asked some sources alone, and {what}");
        return Err(Failure::new(ProblemId::StateConflict, detail));
    }
    pressure::admit(&state).await?;
    let new = NewSubmission {
        label: original.label.clone(),
        tlp: original.tlp,
        playbook: original.playbook.clone(),
        format: "rerun".to_owned(),
        rerun_of: Some(id),
        options: original.options.clone(),
        trace: trace::current().map(|span| span.to_string()),
    };
    let shape = blake3::hash(format!("rerun {id}").as_bytes());
    let key = key.as_deref().map(|key| (key, shape));
    let id = match receive::open(&state, new, key).await? {
        Opened::Receiving(receiving) => {
            let Received { id, totals } = receiving.repeat(&original).await?;
            create::ring(&state, id, &totals);
            id
        }
        Opened::Made(made) => made.by(shape, &[])?,
    };
    let submission: Submission = find(&state, id).await?;
    let location = (header::LOCATION, format!("/api/v1/submissions/{id}"));
    Ok(HttpResponse::Accepted().insert_header(location).json(submission))
}

fn gone(id: SubmissionId) -> Failure {
    Failure::new(ProblemId::NotFound, format!("there is no submission {id}"))
}

/// Copies the items and contexts of `original` into the receiving submission `into`; what is left to commit, and the
/// ordinal it begins at.
pub(super) async fn copy(
    database: &Database,
    into: SubmissionId,
    original: &row::Submission,
) -> Result<(Collected, u32), Failure> {
    let mut copy = Copy { database, into, ordinal: 0, collector: Collector::new(u64::MAX) };
    let mut step = Some(Walk::first(STEP));
    let mut items = 0_i32;
    while let Some(walk) = step {
        let page = items::page(database, original.id, &ItemFilter::default(), &walk).await?;
        step = page.next.map(|ordinal| Walk { after: Some(ordinal), ..walk });
        // What its answers led to is not sent again: it is derived anew.
        for item in page.items.into_iter().filter(|item| item.depth == 0) {
            // Contexts follow by ordinal: a gap would tie them to another indicator.
            if item.ordinal != items {
                return Err(Failure::internal(format!("submission {} has no item {items}", original.id)));
            }
            items += 1;
            copy.collector.repeat(pending(item));
        }
        copy.commit().await?;
    }
    let mut contexts = 0_i64;
    let mut place = (-1, 0, 0);
    loop {
        let part = items::contexts_after(database, original.id, place, STEP).await?;
        let Some((ordinal, last)) = part.last() else { break };
        place = (*ordinal, last.line, last.position);
        for (ordinal, context) in part {
            contexts += 1;
            copy.collector.repeat_context(further(ordinal, context));
        }
        copy.commit().await?;
    }
    // Deleted and purged under our hands: a part of it is not what was asked for.
    if i64::from(items) != original.total - original.derived
        || submissions::find(database, original.id).await?.is_none()
    {
        return Err(gone(original.id));
    }
    tracing::debug!(items, contexts, "repeated a submission");
    Ok((copy.collector.into_collected(), copy.ordinal))
}

/// A copy under way.
struct Copy<'a> {
    database: &'a Database,
    into: SubmissionId,
    ordinal: u32,
    collector: Collector,
}

impl Copy<'_> {
    async fn commit(&mut self) -> Result<(), Failure> {
        if let Some(arrival) = self.collector.take_ready() {
            let appended = intake::append(self.database, self.into, self.ordinal, arrival).await?;
            self.ordinal = appended.ok_or_else(super::receive::abandoned)?;
        }
        Ok(())
    }
}

fn pending(item: Item) -> PendingItem {
    let Context { line, position, port, raw } = item.context;
    PendingItem {
        indicator: Indicator::from_canonical(item.kind, item.value),
        raw: raw.map(String::into_boxed_str),
        line: number(line),
        position: number(position),
        port: port.and_then(|port| u16::try_from(port).ok()),
        derived_from: None,
    }
}

fn further(ordinal: i32, context: Context) -> NewContext {
    NewContext {
        ordinal: number(ordinal),
        line: number(context.line),
        position: number(context.position),
        port: context.port.and_then(|port| u16::try_from(port).ok()),
        raw: context.raw.map(String::into_boxed_str),
    }
}

fn number(stored: i32) -> u32 {
    u32::try_from(stored).unwrap_or_default()
}
