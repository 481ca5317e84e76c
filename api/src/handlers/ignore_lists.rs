//! Ignore lists: list, create, get, replace, delete; their entries are in a file of their own.

mod entries;
mod import;

pub(crate) use entries::{
    create_ignore_list_entries, delete_ignore_list_entry, list_ignore_list_entries,
    replace_ignore_list_entries,
};

use actix_web::http::header;
use actix_web::{HttpResponse, HttpResponseBuilder, delete, get, post, put, web};
use aggregator_entities::repositories::ignore_lists::{
    self, IgnoreList as StoredList, IgnoreListFilter, NewIgnoreList,
};
use aggregator_openapi::{
    CreateIgnoreList, IgnoreList, IgnoreListPage, ListIgnoreListsParameters, ProblemId, ReplaceIgnoreList,
};
use aggregator_queue::Topic;

use crate::State;
use crate::failure::Failure;
use crate::input::{
    IfMatch, Json, NoParameters, Pages, Query, SlugPath, description, name, slug, stale, tagged,
};

aggregator_openapi::problems! {
    /// What can go wrong with listing ignore lists.
    pub(crate) ListIgnoreListsProblems: CursorInvalid, NotReady, DiskFull
}

/// List ignore lists
///
/// With what each does and how many entries it has.
#[utoipa::path(
    tag = "ignore lists",
    params(ListIgnoreListsParameters),
    responses((status = 200, description = "The lists.", body = IgnoreListPage), ListIgnoreListsProblems),
)]
#[get("")]
pub(crate) async fn list_ignore_lists(
    Query(parameters): Query<ListIgnoreListsParameters>,
    state: web::Data<State>,
) -> Result<web::Json<IgnoreListPage>, Failure> {
    let filter = IgnoreListFilter { enabled: parameters.enabled, effect: parameters.action.map(Into::into) };
    let pages = Pages::of("ignore_lists", parameters.page(), &filter)?;
    let mut rows = ignore_lists::list(state.database(), filter, &pages.listing).await?;
    let next = pages.cut(&mut rows, |row| &row.head);
    Ok(web::Json(IgnoreListPage { ignore_lists: rows.into_iter().map(Into::into).collect(), next }))
}

aggregator_openapi::problems! {
    /// What can go wrong with a new ignore list.
    pub(crate) CreateIgnoreListProblems:
        InvalidBody, BodyTimeout, BodyTooLarge, UnsupportedMediaType, OriginNotAllowed, SlugTaken, NotReady, DiskFull
}

/// Create an ignore list
///
/// Without entries: they are sent to its `/entries`.
#[utoipa::path(
    tag = "ignore lists",
    request_body(content = CreateIgnoreList, description = "The list."),
    responses(
        (status = 201, description = "It is made.", body = IgnoreList, headers(("ETag" = String, description = "Its state, for If-Match."))),
        CreateIgnoreListProblems,
    ),
)]
#[post("")]
pub(crate) async fn create_ignore_list(
    _: Query<NoParameters>,
    Json(new): Json<CreateIgnoreList>,
    state: web::Data<State>,
) -> Result<HttpResponse, Failure> {
    let (new_slug, said) = new.parts();
    slug("slug", &new_slug)?;
    let new = checked(said)?;
    if !ignore_lists::create(state.database(), &new_slug, &new).await? {
        let detail = format!("there is an ignore list `{new_slug}` already");
        return Err(Failure::new(ProblemId::SlugTaken, detail));
    }
    let made = find(&state, &new_slug).await?;
    let mut response = HttpResponse::Created();
    response.insert_header((header::LOCATION, format!("/api/v1/ignore-lists/{new_slug}")));
    Ok(answer(response, made))
}

aggregator_openapi::problems! {
    /// What can go wrong with reading one ignore list.
    pub(crate) GetIgnoreListProblems: NotFound, NotReady, DiskFull
}

/// Get an ignore list
///
/// What it does and how many entries it has.
#[utoipa::path(
    tag = "ignore lists",
    params(("slug" = String, Path, description = "Slug of the list.", example = "ours")),
    responses(
        (status = 200, description = "The list.", body = IgnoreList, headers(("ETag" = String, description = "Its state, for If-Match."))),
        GetIgnoreListProblems,
    ),
)]
#[get("/{slug}")]
pub(crate) async fn get_ignore_list(
    SlugPath(slug): SlugPath,
    _: Query<NoParameters>,
    state: web::Data<State>,
) -> Result<HttpResponse, Failure> {
    Ok(answer(HttpResponse::Ok(), find(&state, &slug).await?))
}

aggregator_openapi::problems! {
    /// What can go wrong with replacing what is said of an ignore list.
    pub(crate) ReplaceIgnoreListProblems:
        InvalidBody, BodyTimeout, BodyTooLarge, UnsupportedMediaType, OriginNotAllowed, NotFound,
        PreconditionFailed, PreconditionRequired, NotReady, DiskFull
}

/// Replace what is said of an ignore list
///
/// Name, description, what it does, and whether it does anything. What is screened from now on is screened with it. Its
/// entries stay.
#[utoipa::path(
    tag = "ignore lists",
    params(
        ("slug" = String, Path, description = "Slug of the list.", example = "ours"),
        ("If-Match" = String, Header, description = "The ETag it was read with.", example = json!("\"2.1\"")),
    ),
    request_body(content = ReplaceIgnoreList, description = "What it is from now on."),
    responses(
        (status = 200, description = "It is changed.", body = IgnoreList, headers(("ETag" = String, description = "Its new state."))),
        ReplaceIgnoreListProblems,
    ),
)]
#[put("/{slug}")]
pub(crate) async fn replace_ignore_list(
    SlugPath(slug): SlugPath,
    _: Query<NoParameters>,
    if_match: IfMatch,
    Json(said): Json<ReplaceIgnoreList>,
    state: web::Data<State>,
) -> Result<HttpResponse, Failure> {
    let new = checked(said)?;
    let known = find(&state, &slug).await?;
    if_match.admits(known.head.revision)?;
    if !ignore_lists::replace(state.database(), known.head.revision, &new).await? {
        return Err(stale());
    }
    state.doorbell().ring(&Topic::Policy);
    Ok(answer(HttpResponse::Ok(), find(&state, &slug).await?))
}

aggregator_openapi::problems! {
    /// What can go wrong with deleting an ignore list.
    pub(crate) DeleteIgnoreListProblems:
        OriginNotAllowed, NotFound, PreconditionFailed, PreconditionRequired, NotReady, DiskFull
}

/// Delete an ignore list
///
/// With all its entries. Verdicts reached keep the reasons it gave.
#[utoipa::path(
    tag = "ignore lists",
    params(
        ("slug" = String, Path, description = "Slug of the list.", example = "ours"),
        ("If-Match" = String, Header, description = "The ETag it was read with.", example = json!("\"2.1\"")),
    ),
    responses((status = 204, description = "It is deleted."), DeleteIgnoreListProblems),
)]
#[delete("/{slug}")]
pub(crate) async fn delete_ignore_list(
    SlugPath(slug): SlugPath,
    _: Query<NoParameters>,
    if_match: IfMatch,
    state: web::Data<State>,
) -> Result<HttpResponse, Failure> {
    let known = find(&state, &slug).await?;
    if_match.admits(known.head.revision)?;
    if !ignore_lists::remove(state.database(), known.head.revision).await? {
        return Err(stale());
    }
    state.doorbell().ring(&Topic::Policy);
    Ok(HttpResponse::NoContent().finish())
}

async fn find(state: &State, slug: &str) -> Result<StoredList, Failure> {
    let found = ignore_lists::find(state.database(), slug).await?;
    found.ok_or_else(|| Failure::new(ProblemId::NotFound, "there is no such ignore list"))
}

fn answer(response: HttpResponseBuilder, list: StoredList) -> HttpResponse {
    let revision = list.head.revision;
    tagged(response, revision, IgnoreList::from(list))
}

/// What a body says, once every field is in its range.
fn checked(said: ReplaceIgnoreList) -> Result<NewIgnoreList, Failure> {
    let ReplaceIgnoreList { name: said_name, description, enabled, action } = said;
    self::description(&description)?;
    Ok(NewIgnoreList { name: name(&said_name)?, description, enabled, effect: action.into() })
}
