//! Providers: list, create, get, replace, delete.

use actix_web::http::header;
use actix_web::{HttpResponse, HttpResponseBuilder, delete, get, post, put, web};
use aggregator_entities::repositories::providers::{self, ProviderSettings, StoredProvider};
use aggregator_entities::repositories::removal::Removal;
use aggregator_openapi::{
    CreateProvider, ListProvidersParameters, ProblemId, Provider, ProviderPage, ReplaceProvider,
};
use aggregator_queue::{QueueName, Topic};

use crate::State;
use crate::failure::Failure;
use crate::input::{IfMatch, Json, NoParameters, Pages, Query, SlugPath, address, name, slug, stale, tagged};

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
    /// What can go wrong with a new provider.
    pub(crate) CreateProviderProblems:
        InvalidBody, BodyTimeout, BodyTooLarge, UnsupportedMediaType, OriginNotAllowed, SlugTaken, NotReady, DiskFull
}

/// Create a provider
///
/// For sources of one's own. Those of the program and of feeds are made with them.
#[utoipa::path(
    tag = "sources",
    request_body(content = CreateProvider, description = "The provider."),
    responses(
        (status = 201, description = "It is made.", body = Provider, headers(("ETag" = String, description = "Its state, for If-Match."))),
        CreateProviderProblems,
    ),
)]
#[post("")]
pub(crate) async fn create_provider(
    _: Query<NoParameters>,
    Json(new): Json<CreateProvider>,
    state: web::Data<State>,
) -> Result<HttpResponse, Failure> {
    let (new_slug, said) = new.parts();
    slug("slug", &new_slug)?;
    if !providers::create(state.database(), &new_slug, &checked(&said)?).await? {
        let detail = format!("there is a provider `{new_slug}` already");
        return Err(Failure::new(ProblemId::SlugTaken, detail));
    }
    let mut response = HttpResponse::Created();
    response.insert_header((header::LOCATION, format!("/api/v1/providers/{new_slug}")));
    Ok(answer(response, find(&state, &new_slug).await?))
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
/// Its name, its site, and whether its sources are asked and its lists downloaded and matched. What waits for a source of a provider
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
    let settings = checked(&said)?;
    let known = find(&state, &slug).await?;
    if_match.admits(known.head.revision)?;
    if !providers::replace(state.database(), known.head.revision, &settings).await? {
        return Err(stale());
    }
    for topic in [Topic::Queue(QueueName::Lookup), Topic::Feeds] {
        state.doorbell().ring(&topic);
    }
    Ok(answer(HttpResponse::Ok(), find(&state, &slug).await?))
}

aggregator_openapi::problems! {
    /// What can go wrong with deleting a provider.
    pub(crate) DeleteProviderProblems:
        OriginNotAllowed, NotFound, InUse, PreconditionFailed, PreconditionRequired, NotReady, DiskFull
}

/// Delete a provider
///
/// One without sources. Those of the program keep theirs: they are switched off instead.
#[utoipa::path(
    tag = "sources",
    params(
        ("slug" = String, Path, description = "Slug of the provider.", example = "our-csirt"),
        ("If-Match" = String, Header, description = "The ETag it was read with.", example = json!("\"5.1\"")),
    ),
    responses((status = 204, description = "It is deleted."), DeleteProviderProblems),
)]
#[delete("/{slug}")]
pub(crate) async fn delete_provider(
    SlugPath(slug): SlugPath,
    _: Query<NoParameters>,
    if_match: IfMatch,
    state: web::Data<State>,
) -> Result<HttpResponse, Failure> {
    let known = find(&state, &slug).await?;
    if_match.admits(known.head.revision)?;
    match providers::remove(state.database(), known.head.revision).await? {
        Removal::Removed => Ok(HttpResponse::NoContent().finish()),
        Removal::Changed => Err(stale()),
        Removal::InUse(sources) => {
            let noun = if sources == 1 { "source is" } else { "sources are" };
            let detail =
                format!("{sources} {noun} the provider's; GET /api/v1/sources?provider={slug} lists them");
            Err(Failure::new(ProblemId::InUse, detail))
        }
    }
}

/// What a body says, once every field is in its range.
fn checked(said: &ReplaceProvider) -> Result<ProviderSettings, Failure> {
    let url = said.url.as_deref().map(|url| address("url", url)).transpose()?;
    Ok(ProviderSettings { name: name(&said.name)?, url: url.map(Into::into), enabled: said.enabled })
}

async fn find(state: &State, slug: &str) -> Result<StoredProvider, Failure> {
    let found = providers::find(state.database(), slug).await?;
    found.ok_or_else(|| Failure::new(ProblemId::NotFound, "there is no such provider"))
}

fn answer(response: HttpResponseBuilder, provider: StoredProvider) -> HttpResponse {
    let revision = provider.head.revision;
    tagged(response, revision, Provider::from(provider))
}
