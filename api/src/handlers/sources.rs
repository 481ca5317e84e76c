//! Sources: list, create, get, replace, delete, pause, resume, test.

mod make;
mod test;

pub(crate) use make::{create_source, delete_source};
pub(crate) use test::test_source;

use actix_web::{HttpResponse, HttpResponseBuilder, get, post, put, web};
use aggregator_entities::repositories::sources::{
    self, SourceFilter, SourceKind, SourceSettings, StoredSource,
};
use aggregator_openapi::source::{MAX_CALLS, MAX_CONCURRENCY, MAX_LIMITS, MAX_WINDOW_SECONDS};
use aggregator_openapi::{ListSourcesParameters, ProblemId, ReplaceSource, Source, SourceLimit, SourcePage};
use aggregator_queue::{QueueName, Topic};

use crate::State;
use crate::failure::Failure;
use crate::input::{IfMatch, Json, NoParameters, Pages, Query, SlugPath, name, plain, stale, tagged, wrong};

aggregator_openapi::problems! {
    /// What can go wrong with listing sources.
    pub(crate) ListSourcesProblems: CursorInvalid, NotReady, DiskFull
}

/// List sources
///
/// Those asked over the network, feeds and local databases, with how they are. Those that come with the program are listed
/// once a worker has made them known.
#[utoipa::path(
    tag = "sources",
    params(ListSourcesParameters),
    responses((status = 200, description = "The sources.", body = SourcePage), ListSourcesProblems),
)]
#[get("")]
pub(crate) async fn list_sources(
    Query(parameters): Query<ListSourcesParameters>,
    state: web::Data<State>,
) -> Result<web::Json<SourcePage>, Failure> {
    let filter = SourceFilter {
        provider: parameters.provider.as_deref().map(|slug| plain("provider", slug)).transpose()?,
        kind: parameters.kind.map(Into::into),
        enabled: parameters.enabled,
        paused: parameters.paused,
    };
    let pages = Pages::of("sources", parameters.page(), &filter)?;
    let mut rows = sources::list(state.database(), &filter, &pages.listing).await?;
    let next = pages.cut(&mut rows, |row| &row.head);
    Ok(web::Json(SourcePage { sources: rows.into_iter().map(Into::into).collect(), next }))
}

aggregator_openapi::problems! {
    /// What can go wrong with reading one source.
    pub(crate) GetSourceProblems: NotFound, NotReady, DiskFull
}

/// Get a source
///
/// What it is, what it may, and how it is. Its ETag tells what can be changed of it: health comes and goes without another.
#[utoipa::path(
    tag = "sources",
    params(("slug" = String, Path, description = "Slug of the source.", example = "rdap")),
    responses(
        (status = 200, description = "The source.", body = Source, headers(("ETag" = String, description = "Its state, for If-Match."))),
        GetSourceProblems,
    ),
)]
#[get("/{slug}")]
pub(crate) async fn get_source(
    SlugPath(slug): SlugPath,
    _: Query<NoParameters>,
    state: web::Data<State>,
) -> Result<HttpResponse, Failure> {
    Ok(answer(HttpResponse::Ok(), find(&state, &slug).await?))
}

aggregator_openapi::problems! {
    /// What can go wrong with changing a source.
    pub(crate) ReplaceSourceProblems:
        InvalidBody, BodyTimeout, BodyTooLarge, UnsupportedMediaType, OriginNotAllowed, NotFound, StateConflict,
        PreconditionFailed, PreconditionRequired, NotReady, DiskFull
}

/// Replace what can be changed of a source
///
/// Name, whether it is asked, how many calls at once, and its limits. Calls that were made count against the new limits.
#[utoipa::path(
    tag = "sources",
    params(
        ("slug" = String, Path, description = "Slug of the source.", example = "rdap"),
        ("If-Match" = String, Header, description = "The ETag it was read with.", example = json!("\"3.1\"")),
    ),
    request_body(content = ReplaceSource, description = "What it is from now on."),
    responses(
        (status = 200, description = "It is changed.", body = Source, headers(("ETag" = String, description = "Its new state."))),
        ReplaceSourceProblems,
    ),
)]
#[put("/{slug}")]
pub(crate) async fn replace_source(
    SlugPath(slug): SlugPath,
    _: Query<NoParameters>,
    if_match: IfMatch,
    Json(said): Json<ReplaceSource>,
    state: web::Data<State>,
) -> Result<HttpResponse, Failure> {
    let settings = checked(said)?;
    let known = find(&state, &slug).await?;
    if_match.admits(known.head.revision)?;
    if known.kind != SourceKind::Native && (settings.paused || !settings.limits.is_empty()) {
        let detail =
            format!("the source `{slug}` is not asked over the network: it has no limits, and is not paused");
        return Err(Failure::new(ProblemId::StateConflict, detail));
    }
    if !sources::replace(state.database(), known.head.revision, &settings).await? {
        return Err(stale());
    }
    ring(&state);
    Ok(answer(HttpResponse::Ok(), find(&state, &slug).await?))
}

aggregator_openapi::problems! {
    /// What can go wrong with pausing and resuming a source.
    pub(crate) PauseSourceProblems: OriginNotAllowed, NotFound, StateConflict, NotReady, DiskFull
}

/// Pause a source
///
/// Its lookups wait from now on; calls under way end. One that is paused stays so. Only of one that is asked over the network.
#[utoipa::path(
    tag = "sources",
    params(("slug" = String, Path, description = "Slug of the source.", example = "rdap")),
    responses(
        (status = 200, description = "It is paused.", body = Source, headers(("ETag" = String, description = "Its new state."))),
        PauseSourceProblems,
    ),
)]
#[post("/{slug}/pause")]
pub(crate) async fn pause_source(
    SlugPath(slug): SlugPath,
    _: Query<NoParameters>,
    state: web::Data<State>,
) -> Result<HttpResponse, Failure> {
    set_paused(&state, &slug, true).await
}

/// Resume a source
///
/// Its lookups go on, within its limits. One that is not paused stays as it is.
#[utoipa::path(
    tag = "sources",
    params(("slug" = String, Path, description = "Slug of the source.", example = "rdap")),
    responses(
        (status = 200, description = "It is asked again.", body = Source, headers(("ETag" = String, description = "Its new state."))),
        PauseSourceProblems,
    ),
)]
#[post("/{slug}/resume")]
pub(crate) async fn resume_source(
    SlugPath(slug): SlugPath,
    _: Query<NoParameters>,
    state: web::Data<State>,
) -> Result<HttpResponse, Failure> {
    set_paused(&state, &slug, false).await
}

async fn set_paused(state: &State, slug: &str, paused: bool) -> Result<HttpResponse, Failure> {
    let changed = sources::set_paused(state.database(), slug, paused).await?;
    let source = find(state, slug).await?;
    if !changed {
        let detail = format!("the source `{slug}` is not asked over the network; disable it instead");
        return Err(Failure::new(ProblemId::StateConflict, detail));
    }
    ring(state);
    Ok(answer(HttpResponse::Ok(), source))
}

/// Wakes those who offer lookups and those who hold lists in memory.
fn ring(state: &State) {
    for topic in [Topic::Queue(QueueName::Lookup), Topic::Feeds] {
        state.doorbell().ring(&topic);
    }
}

/// Names told at most, and characters of each.
const TOLD: (usize, usize) = (5, 64);

/// What is wrong with naming these as whom to ask: those that are no remote source, of which nobody would ever hear. Nothing
/// where all are one, and before the first worker has said which there are.
pub(super) async fn unheard_of(state: &State, slugs: &[String]) -> Result<Option<String>, Failure> {
    let known = sources::remote_slugs(state.database()).await?;
    let (most, chars) = TOLD;
    let unknown: Vec<String> = slugs
        .iter()
        .filter(|slug| !known.is_empty() && !known.contains(slug))
        .take(most)
        .map(|slug| format!("`{}`", slug.chars().take(chars).collect::<String>().escape_default()))
        .collect();
    if unknown.is_empty() {
        return Ok(None);
    }
    let unknown = unknown.join(", ");
    Ok(Some(format!("names no remote source: {unknown}; GET /api/v1/sources?kind=native lists them")))
}

async fn find(state: &State, slug: &str) -> Result<StoredSource, Failure> {
    let found = sources::find(state.database(), slug).await?;
    found.ok_or_else(|| Failure::new(ProblemId::NotFound, "there is no such source"))
}

fn answer(response: HttpResponseBuilder, source: StoredSource) -> HttpResponse {
    let revision = source.head.revision;
    tagged(response, revision, Source::from(source))
}

/// What a body says, once every field is in its range.
fn checked(said: ReplaceSource) -> Result<SourceSettings, Failure> {
    let ReplaceSource { name: said_name, enabled, paused, concurrency, weight, limits } = said;
    if !(1..=MAX_CONCURRENCY).contains(&concurrency) {
        return Err(wrong("concurrency", "must be 1 to 256"));
    }
    if !(0..=100).contains(&weight) {
        return Err(wrong("weight", "must be 0 to 100"));
    }
    if limits.len() > MAX_LIMITS {
        return Err(wrong("limits", "has more than 8 limits"));
    }
    for (place, SourceLimit { calls, window_seconds }) in limits.iter().enumerate() {
        if !(1..=MAX_CALLS).contains(calls) {
            return Err(wrong("limits.calls", "must be 1 to 1,000,000"));
        }
        if !(1..=MAX_WINDOW_SECONDS).contains(window_seconds) {
            return Err(wrong("limits.window_seconds", "must be 1 to 2,678,400"));
        }
        if limits[..place].iter().any(|other| other.window_seconds == *window_seconds) {
            return Err(wrong("limits.window_seconds", "is the same in two limits; keep the smaller"));
        }
    }
    let limits = limits.into_iter().map(Into::into).collect();
    Ok(SourceSettings { name: name(&said_name)?, enabled, paused, concurrency, weight, limits })
}
