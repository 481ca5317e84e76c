//! Providers: list, get, replace what can be changed.

use actix_web::{HttpResponse, HttpResponseBuilder, get, put, web};
use aggregator_entities::repositories::providers::{self, StoredProvider};
use aggregator_openapi::{ListProvidersParameters, ProblemId, Provider, ProviderPage, ReplaceProvider};
use aggregator_queue::{QueueName, Topic};

use crate::State;
use crate::failure::Failure;
use crate::input::{IfMatch, Json, NoParameters, Pages, Query, SlugPath, name, stale, tagged};

aggregator_openapi::problems! {
    /// What can go wrong with listing providers.
    pub(crate) ListProvidersProblems: CursorInvalid, NotReady, DiskFull
}

/// List providers
///
/// The organisations whose sources are asked and whose lists are matched.
#[utoipa::path(
    tag = "sources",
    params(ListProvidersParameters),
    responses((status = 200, description = "The providers.", body = ProviderPage), ListProvidersProblems),
)]
#[get("")]
pub(crate) async fn list_providers(
    Query(parameters): Query<ListProvidersParameters>,
    state: web::Data<State>,
) -> Result<web::Json<ProviderPage>, Failure> {
    let pages = Pages::of("providers", parameters.page(), &parameters.enabled)?;
    let mut rows = providers::list(state.database(), parameters.enabled, &pages.listing).await?;
    let next = pages.cut(&mut rows, |row| &row.head);
    Ok(web::Json(ProviderPage { providers: rows.into_iter().map(Into::into).collect(), next }))
}

aggregator_openapi::problems! {
    /// What can go wrong with reading one provider.
    pub(crate) GetProviderProblems: NotFound, NotReady, DiskFull
}

/// Get a provider
///
/// Its name, and whether its sources are asked.
#[utoipa::path(
    tag = "sources",
    params(("slug" = String, Path, description = "Slug of the provider.", example = "abuse.ch")),
    responses(
        (status = 200, description = "The provider.", body = Provider, headers(("ETag" = String, description = "Its state, for If-Match."))),
        GetProviderProblems,
    ),
)]
#[get("/{slug}")]
pub(crate) async fn get_provider(
    SlugPath(slug): SlugPath,
    _: Query<NoParameters>,
    state: web::Data<State>,
) -> Result<HttpResponse, Failure> {
    Ok(answer(HttpResponse::Ok(), find(&state, &slug).await?))
}

aggregator_openapi::problems! {
    /// What can go wrong with changing a provider.
    pub(crate) ReplaceProviderProblems:
        InvalidBody, BodyTimeout, BodyTooLarge, UnsupportedMediaType, OriginNotAllowed, NotFound,
        PreconditionFailed, PreconditionRequired, NotReady, DiskFull
}

/// Replace what can be changed of a provider
///
/// Its name, and whether its sources are asked and its lists downloaded and matched. What waits for a source of a provider
/// that is switched off ends as refused.
#[utoipa::path(
    tag = "sources",
    params(
        ("slug" = String, Path, description = "Slug of the provider.", example = "abuse.ch"),
        ("If-Match" = String, Header, description = "The ETag it was read with.", example = json!("\"5.1\"")),
    ),
    request_body(content = ReplaceProvider, description = "What it is from now on."),
    responses(
        (status = 200, description = "It is changed.", body = Provider, headers(("ETag" = String, description = "Its new state."))),
        ReplaceProviderProblems,
    ),
)]
#[put("/{slug}")]
pub(crate) async fn replace_provider(
    SlugPath(slug): SlugPath,
    _: Query<NoParameters>,
    if_match: IfMatch,
    Json(said): Json<ReplaceProvider>,
    state: web::Data<State>,
) -> Result<HttpResponse, Failure> {
    let name = name(&said.name)?;
    let known = find(&state, &slug).await?;
    if_match.admits(known.head.revision)?;
    if !providers::replace(state.database(), known.head.revision, (&name, said.enabled)).await? {
        return Err(stale());
    }
    for topic in [Topic::Queue(QueueName::Lookup), Topic::Feeds] {
        state.doorbell().ring(&topic);
    }
    Ok(answer(HttpResponse::Ok(), find(&state, &slug).await?))
}

async fn find(state: &State, slug: &str) -> Result<StoredProvider, Failure> {
    let found = providers::find(state.database(), slug).await?;
    found.ok_or_else(|| Failure::new(ProblemId::NotFound, "there is no such provider"))
}

fn answer(response: HttpResponseBuilder, provider: StoredProvider) -> HttpResponse {
    let revision = provider.head.revision;
    tagged(response, revision, Provider::from(provider))
}
