//! Sources made and deleted: those of the program at another place.

use actix_web::http::header;
use actix_web::{HttpResponse, delete, post, web};
use aggregator_entities::repositories::removal::Removal;
use aggregator_entities::repositories::sources::{self, MadeSource, Making, SourceKind};
use aggregator_openapi::{CreateSource, ProblemId, ReplaceSource, Source};

use super::{answer, checked, find, ring};
use crate::State;
use crate::failure::Failure;
use crate::input::{IfMatch, Json, NoParameters, Query, SlugPath, address, slug, stale, wrong};

aggregator_openapi::problems! {
    /// What can go wrong with a new source.
    pub(crate) CreateSourceProblems:
        InvalidBody, BodyTimeout, BodyTooLarge, UnsupportedMediaType, OriginNotAllowed, SlugTaken, StateConflict, NotReady,
        DiskFull
}

/// Create a source
///
/// One of the program's, asked at another place: a mirror, or a service in the own network that speaks its protocol. Playbooks and
/// submissions name it by its slug; those that ask everybody ask it, too. What it answers, its limits and its health are its
/// own. A list is made with `POST /api/v1/feeds`.
#[utoipa::path(
    tag = "sources",
    request_body(content = CreateSource, description = "The source."),
    responses(
        (status = 201, description = "It is made.", body = Source, headers(("ETag" = String, description = "Its state, for If-Match."))),
        CreateSourceProblems,
    ),
)]
#[post("")]
pub(crate) async fn create_source(
    _: Query<NoParameters>,
    Json(said): Json<CreateSource>,
    state: web::Data<State>,
) -> Result<HttpResponse, Failure> {
    slug("slug", &said.slug)?;
    let base = address("base_url", &said.base_url)?;
    if base.query().is_some() || base.fragment().is_some() {
        return Err(wrong("base_url", "must have no `?` and no `#`"));
    }
    let usual = sources::manners(state.database(), &said.adapter).await?;
    let (concurrency, limits) = usual.unwrap_or((1, Vec::new()));
    let settings = checked(ReplaceSource {
        name: said.name,
        enabled: said.enabled,
        paused: said.paused,
        concurrency: said.concurrency.unwrap_or(concurrency),
        weight: said.weight,
        limits: said.limits.unwrap_or_else(|| limits.into_iter().map(Into::into).collect()),
    })?;
    let new = MadeSource {
        slug: said.slug,
        provider: said.provider,
        adapter: said.adapter,
        base_url: base.into(),
        settings,
    };
    made(&new, sources::make(state.database(), &new).await?)?;
    ring(&state);
    let mut response = HttpResponse::Created();
    response.insert_header((header::LOCATION, format!("/api/v1/sources/{}", new.slug)));
    Ok(answer(response, find(&state, &new.slug).await?))
}

/// What is said of one that could not be made.
fn made(new: &MadeSource, making: Making) -> Result<(), Failure> {
    let MadeSource { slug, provider, adapter, .. } = new;
    match making {
        Making::Made => Ok(()),
        Making::Taken => {
            Err(Failure::new(ProblemId::SlugTaken, format!("there is a source `{slug}` already")))
        }
        Making::NoProvider => {
            let detail =
                format!("there is no provider {provider:?}: make it with POST /api/v1/providers first");
            Err(Failure::new(ProblemId::StateConflict, detail))
        }
        Making::NoAdapter => {
            let detail = format!(
                "the program has no source {adapter:?}; GET /api/v1/sources?kind=native lists those a worker has made known"
            );
            Err(Failure::new(ProblemId::StateConflict, detail))
        }
        Making::Unmovable => {
            let detail = format!(
                "the source `{adapter}` is asked at one place only; those with `movable: true` can be asked at others"
            );
            Err(Failure::new(ProblemId::StateConflict, detail))
        }
    }
}

aggregator_openapi::problems! {
    /// What can go wrong with deleting a source.
    pub(crate) DeleteSourceProblems:
        OriginNotAllowed, NotFound, BuiltIn, StateConflict, PreconditionFailed, PreconditionRequired, NotReady, DiskFull
}

/// Delete a source
///
/// One that was made, or a database of the workers' machines (it comes back with the next worker that has its file). What waits for it ends
/// as refused. What it said is no longer current, and stays in the histories, under its slug, a tilde and a number. One that comes
/// with the program is switched off instead; a feed is deleted at `/api/v1/feeds`.
#[utoipa::path(
    tag = "sources",
    params(
        ("slug" = String, Path, description = "Slug of the source.", example = "our-rdap"),
        ("If-Match" = String, Header, description = "The ETag it was read with.", example = json!("\"12.1\"")),
    ),
    responses((status = 204, description = "It is deleted."), DeleteSourceProblems),
)]
#[delete("/{slug}")]
pub(crate) async fn delete_source(
    SlugPath(slug): SlugPath,
    _: Query<NoParameters>,
    if_match: IfMatch,
    state: web::Data<State>,
) -> Result<HttpResponse, Failure> {
    let known = find(&state, &slug).await?;
    if known.kind == SourceKind::Feed {
        let detail =
            format!("the source `{slug}` is a feed: DELETE /api/v1/feeds/{slug} deletes it with its list");
        return Err(Failure::new(ProblemId::StateConflict, detail));
    }
    if known.kind == SourceKind::Native && known.made.is_none() {
        let detail = format!("the source `{slug}` comes with the program and is not deleted; switch it off");
        return Err(Failure::new(ProblemId::BuiltIn, detail));
    }
    if_match.admits(known.head.revision)?;
    match sources::remove(state.database(), known.head.revision).await? {
        Removal::Changed => Err(stale()),
        Removal::Removed | Removal::InUse(_) => {
            ring(&state);
            Ok(HttpResponse::NoContent().finish())
        }
    }
}
