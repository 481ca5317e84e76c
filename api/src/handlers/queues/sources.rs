//! The queues of remote sources: what waits for each, and what holds it back.

use actix_web::{get, web};
use aggregator_entities::clock::rfc3339;
use aggregator_entities::repositories::queues::SourceFigures;
use aggregator_entities::repositories::walk::{Part, Walk};
use aggregator_openapi::{ListSourceQueuesParameters, SourceQueue, SourceQueueList, SourceQueueSort};

use crate::State;
use crate::failure::Failure;
use crate::input::{Query, Walks, search};

aggregator_openapi::problems! {
    /// What can go wrong with listing the queues of sources.
    pub(crate) ListSourceQueuesProblems: CursorInvalid, NotReady, DiskFull
}

/// List the queues of sources
///
/// How much waits for each remote source, and what keeps it from being asked: its breaker, its limits, a pause.
#[utoipa::path(
    tag = "queues",
    params(ListSourceQueuesParameters),
    responses((status = 200, description = "The sources.", body = SourceQueueList), ListSourceQueuesProblems),
)]
#[get("/sources")]
pub(crate) async fn list_source_queues(
    Query(parameters): Query<ListSourceQueuesParameters>,
    state: web::Data<State>,
) -> Result<web::Json<SourceQueueList>, Failure> {
    let wanted = parameters.search.as_deref().map(search).transpose()?;
    let part = parameters.part();
    let pages = Walks::of("source_queues", part, &wanted)?;
    let figures = state.figures().await?;
    let found = figures.sources.iter().filter(|source| is_wanted(source, wanted.as_deref()));
    let (sources, next) = cut(found.collect(), part.sort, &pages.walk);
    let sources = sources.into_iter().map(|source| SourceQueue::of(source, figures.at)).collect();
    Ok(web::Json(SourceQueueList { as_of: rfc3339(figures.at), sources, next: pages.next(next) }))
}

fn is_wanted(source: &SourceFigures, wanted: Option<&str>) -> bool {
    let has = |text: &str, wanted: &str| text.to_lowercase().contains(&wanted.to_lowercase());
    wanted.is_none_or(|wanted| has(&source.slug, wanted) || has(&source.name, wanted))
}

/// The figure ordered by, and the slug.
type Place = (i64, String);

/// The part asked for of sources that are in memory.
fn cut<'a>(
    mut sources: Vec<&'a SourceFigures>,
    sort: SourceQueueSort,
    walk: &Walk<Place>,
) -> Part<&'a SourceFigures, Place> {
    let place = |source: &SourceFigures| (sort.figure(&source.depth), source.slug.clone());
    sources.sort_by_cached_key(|source| place(source));
    if walk.descending {
        sources.reverse();
    }
    let is_behind = |at: &Place, after: &Place| if walk.descending { at < after } else { at > after };
    sources.retain(|source| walk.after.as_ref().is_none_or(|after| is_behind(&place(source), after)));
    walk.cut(sources, |source| place(source))
}
