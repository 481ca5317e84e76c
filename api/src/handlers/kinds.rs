//! Kinds: list, create, get, replace, delete. The built-in ones are shown and stay as they are.

use actix_web::http::header;
use actix_web::{HttpResponse, HttpResponseBuilder, delete, get, post, put, web};
use aggregator_entities::domain::{Kind, custom};
use aggregator_entities::repositories::custom_kinds::{self, Creation, NewCustomKind, StoredKind};
use aggregator_entities::repositories::listing::{Head, Revision};
use aggregator_openapi::kind::{MAX_PRIORITY, told};
use aggregator_openapi::{CreateKind, IndicatorKind, KindPage, ListKindsParameters, ProblemId, ReplaceKind};
use aggregator_queue::Topic;

use crate::State;
use crate::failure::Failure;
use crate::input::{
    IfMatch, Json, NoParameters, Pages, Query, SlugPath, description, name, stale, tagged, wrong,
};

aggregator_openapi::problems! {
    /// What can go wrong with listing kinds.
    pub(crate) ListKindsProblems: CursorInvalid, NotReady, DiskFull
}

/// List kinds
///
/// Those that come with the program and the custom ones.
#[utoipa::path(
    tag = "kinds",
    params(ListKindsParameters),
    responses((status = 200, description = "The kinds.", body = KindPage), ListKindsProblems),
)]
#[get("")]
pub(crate) async fn list_kinds(
    Query(parameters): Query<ListKindsParameters>,
    state: web::Data<State>,
) -> Result<web::Json<KindPage>, Failure> {
    let filter = (parameters.built_in, parameters.enabled);
    let pages = Pages::of("kinds", parameters.page(), &filter)?;
    let stored = custom_kinds::all(state.database()).await?.into_iter().map(Shown::from);
    let mut all: Vec<Shown> = Kind::ALL.into_iter().filter_map(Shown::built_in).chain(stored).collect();
    all.retain(|shown| {
        parameters.built_in.is_none_or(|built_in| built_in == shown.kind.built_in)
            && parameters.enabled.is_none_or(|enabled| enabled == shown.kind.enabled)
    });
    let mut page = pages.listing.cut(all, |shown| &shown.head);
    let next = pages.cut(&mut page, |shown| &shown.head);
    Ok(web::Json(KindPage { kinds: page.into_iter().map(|shown| shown.kind).collect(), next }))
}

aggregator_openapi::problems! {
    /// What can go wrong with a new kind.
    pub(crate) CreateKindProblems:
        InvalidBody, BodyTimeout, BodyTooLarge, UnsupportedMediaType, OriginNotAllowed, SlugTaken, StateConflict, NotReady,
        DiskFull
}

/// Create a custom kind
///
/// What is sent in from now on is read as it where no built-in kind claims it, or where it is named. The pattern has to match each
/// example and no counter-example. There may be 100 custom kinds.
#[utoipa::path(
    tag = "kinds",
    request_body(content = CreateKind, description = "The kind."),
    responses(
        (status = 201, description = "It is made.", body = IndicatorKind, headers(("ETag" = String, description = "Its state, for If-Match."))),
        CreateKindProblems,
    ),
)]
#[post("")]
pub(crate) async fn create_kind(
    _: Query<NoParameters>,
    Json(new): Json<CreateKind>,
    state: web::Data<State>,
) -> Result<HttpResponse, Failure> {
    let (slug, said) = new.parts();
    if slug.parse::<Kind>().is_ok() {
        let detail = format!("there is a built-in kind `{slug}`");
        return Err(Failure::new(ProblemId::SlugTaken, detail));
    }
    if !custom::is_slug(&slug) {
        return Err(wrong("slug", "must be a lower-case letter and 1 to 31 more, digits and `_` among them"));
    }
    let new = checked(slug.clone(), said).await?;
    match custom_kinds::create(state.database(), &slug, &new).await? {
        Creation::Made => {}
        Creation::SlugTaken => {
            return Err(Failure::new(ProblemId::SlugTaken, format!("there is a kind `{slug}` already")));
        }
        Creation::TooMany => {
            let detail = format!("there are {} custom kinds already; delete one first", custom::MAX_KINDS);
            return Err(Failure::new(ProblemId::StateConflict, detail));
        }
    }
    changed(&state).await?;
    let made = find(&state, &slug).await?;
    let mut response = HttpResponse::Created();
    response.insert_header((header::LOCATION, format!("/api/v1/kinds/{slug}")));
    Ok(answer(response, made))
}

aggregator_openapi::problems! {
    /// What can go wrong with reading one kind.
    pub(crate) GetKindProblems: NotFound, NotReady, DiskFull
}

/// Get a kind
///
/// What its values are, with examples.
#[utoipa::path(
    tag = "kinds",
    params(("slug" = String, Path, description = "Slug of the kind.", example = "employee_id")),
    responses(
        (status = 200, description = "The kind.", body = IndicatorKind, headers(("ETag" = String, description = "Its state, for If-Match."))),
        GetKindProblems,
    ),
)]
#[get("/{slug}")]
pub(crate) async fn get_kind(
    SlugPath(slug): SlugPath,
    _: Query<NoParameters>,
    state: web::Data<State>,
) -> Result<HttpResponse, Failure> {
    Ok(answer(HttpResponse::Ok(), find(&state, &slug).await?))
}

aggregator_openapi::problems! {
    /// What can go wrong with replacing a kind.
    pub(crate) ReplaceKindProblems:
        InvalidBody, BodyTimeout, BodyTooLarge, UnsupportedMediaType, OriginNotAllowed, NotFound, BuiltIn,
        PreconditionFailed, PreconditionRequired, NotReady, DiskFull
}

/// Replace a custom kind
///
/// All that can be changed of it at once. What is sent in from now on is read so; indicators that were read before stay what they
/// are.
#[utoipa::path(
    tag = "kinds",
    params(
        ("slug" = String, Path, description = "Slug of the kind.", example = "employee_id"),
        ("If-Match" = String, Header, description = "The ETag it was read with.", example = json!("\"1.1\"")),
    ),
    request_body(content = ReplaceKind, description = "What it is from now on."),
    responses(
        (status = 200, description = "It is changed.", body = IndicatorKind, headers(("ETag" = String, description = "Its new state."))),
        ReplaceKindProblems,
    ),
)]
#[put("/{slug}")]
pub(crate) async fn replace_kind(
    SlugPath(slug): SlugPath,
    _: Query<NoParameters>,
    if_match: IfMatch,
    Json(said): Json<ReplaceKind>,
    state: web::Data<State>,
) -> Result<HttpResponse, Failure> {
    let new = checked(slug.clone(), said).await?;
    let known = find(&state, &slug).await?;
    known.can_be_changed()?;
    if_match.admits(known.head.revision)?;
    if !custom_kinds::replace(state.database(), known.head.revision, &new).await? {
        return Err(stale());
    }
    changed(&state).await?;
    Ok(answer(HttpResponse::Ok(), find(&state, &slug).await?))
}

aggregator_openapi::problems! {
    /// What can go wrong with deleting a kind.
    pub(crate) DeleteKindProblems:
        OriginNotAllowed, NotFound, BuiltIn, StateConflict, PreconditionFailed, PreconditionRequired, NotReady, DiskFull
}

/// Delete a custom kind
///
/// One that indicators are known of has to be disabled first. They stay, with its slug, and can be found by it.
#[utoipa::path(
    tag = "kinds",
    params(
        ("slug" = String, Path, description = "Slug of the kind.", example = "employee_id"),
        ("If-Match" = String, Header, description = "The ETag it was read with.", example = json!("\"1.1\"")),
    ),
    responses((status = 204, description = "It is deleted."), DeleteKindProblems),
)]
#[delete("/{slug}")]
pub(crate) async fn delete_kind(
    SlugPath(slug): SlugPath,
    _: Query<NoParameters>,
    if_match: IfMatch,
    state: web::Data<State>,
) -> Result<HttpResponse, Failure> {
    let known = find(&state, &slug).await?;
    known.can_be_changed()?;
    if_match.admits(known.head.revision)?;
    if known.kind.enabled && custom_kinds::has_indicators(state.database(), &slug).await? {
        let detail =
            format!("indicators of the kind `{slug}` are known: disable it first (`enabled`: false)");
        return Err(Failure::new(ProblemId::StateConflict, detail));
    }
    if !custom_kinds::remove(state.database(), known.head.revision).await? {
        return Err(stale());
    }
    changed(&state).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// A kind as it is shown, with its place in lists.
struct Shown {
    head: Head,
    kind: IndicatorKind,
}

impl From<StoredKind> for Shown {
    fn from(stored: StoredKind) -> Self {
        Self { head: stored.head.clone(), kind: stored.into() }
    }
}

impl Shown {
    /// A built-in kind; it never changes, and its place is before all rows.
    fn built_in(kind: Kind) -> Option<Self> {
        let [name, ..] = told(kind)?;
        let head = Head {
            revision: Revision { row: -i64::from(kind.code()), number: 1 },
            slug: kind.as_str().to_owned(),
            name: name.to_owned(),
            created_at: 0,
            updated_at: 0,
        };
        Some(Self { head, kind: IndicatorKind::built_in(kind)? })
    }

    fn can_be_changed(&self) -> Result<(), Failure> {
        if !self.kind.built_in {
            return Ok(());
        }
        let detail = format!("the kind `{}` comes with the program and stays as it is", self.kind.slug);
        Err(Failure::new(ProblemId::BuiltIn, detail))
    }
}

async fn find(state: &State, slug: &str) -> Result<Shown, Failure> {
    let found = match slug.parse() {
        Ok(kind) => Shown::built_in(kind),
        Err(_) => custom_kinds::find(state.database(), slug).await?.map(Shown::from),
    };
    found.ok_or_else(|| Failure::new(ProblemId::NotFound, "there is no such kind"))
}

fn answer(response: HttpResponseBuilder, shown: Shown) -> HttpResponse {
    tagged(response, shown.head.revision, shown.kind)
}

/// In effect here before it is answered, and elsewhere as soon as the bell is heard.
async fn changed(state: &State) -> Result<(), Failure> {
    state.doorbell().ring(&Topic::Kinds);
    Ok(state.refresh_kinds().await?)
}

/// What a body says, once every field is in its range and every example tried.
async fn checked(slug: String, mut said: ReplaceKind) -> Result<NewCustomKind, Failure> {
    said.name = name(&said.name)?;
    description(&said.description)?;
    if !(0..=MAX_PRIORITY).contains(&said.priority) {
        return Err(wrong("priority", "must be 0 to 1,000"));
    }
    let new = NewCustomKind::from(said);
    // A pattern may take a while to compile.
    let tried = web::block(move || new.definition.check(&slug).map(|_compiled| new)).await;
    tried.map_err(Failure::internal)?.map_err(|error| wrong(error.field(), &error.to_string()))
}
