//! Playbooks: list, create, get, replace, delete.

use actix_web::http::header;
use actix_web::{HttpResponse, delete, get, post, put, web};
use aggregator_entities::domain;
use aggregator_entities::repositories::playbooks::{self, StoredPlaybook};
use aggregator_entities::repositories::removal::Removal;
use aggregator_openapi::playbook::{MAX_DEPTH, MAX_DERIVED, MAX_RULES, MAX_SOURCES};
use aggregator_openapi::{
    CreatePlaybook, ListPlaybooksParameters, Playbook, PlaybookPage, Problem, ProblemId, ReplacePlaybook,
};
use aggregator_queue::Topic;

use crate::State;
use crate::failure::Failure;
use crate::handlers::sources::unheard_of;
use crate::input::{IfMatch, Json, NoParameters, Pages, Query, SlugPath, name, slug, stale, tagged, wrong};

aggregator_openapi::problems! {
    /// What can go wrong with listing playbooks.
    pub(crate) ListPlaybooksProblems: CursorInvalid, NotReady, DiskFull
}

/// List playbooks
///
/// Those that come with the program and those that were made.
#[utoipa::path(
    tag = "playbooks",
    params(ListPlaybooksParameters),
    responses((status = 200, description = "The playbooks.", body = PlaybookPage), ListPlaybooksProblems),
)]
#[get("")]
pub(crate) async fn list_playbooks(
    Query(parameters): Query<ListPlaybooksParameters>,
    state: web::Data<State>,
) -> Result<web::Json<PlaybookPage>, Failure> {
    let pages = Pages::of("playbooks", parameters.page(), &parameters.built_in)?;
    let mut rows = playbooks::list(state.database(), parameters.built_in, &pages.listing).await?;
    let next = pages.cut(&mut rows, |row| &row.head);
    Ok(web::Json(PlaybookPage { playbooks: rows.into_iter().map(Into::into).collect(), next }))
}

aggregator_openapi::problems! {
    /// What can go wrong with a new playbook.
    pub(crate) CreatePlaybookProblems:
        InvalidBody, BodyTimeout, BodyTooLarge, UnsupportedMediaType, OriginNotAllowed, SlugTaken, NotReady, DiskFull
}

/// Create a playbook
///
/// A submission names it by its slug from now on.
#[utoipa::path(
    tag = "playbooks",
    request_body(content = CreatePlaybook, description = "The playbook."),
    responses(
        (status = 201, description = "It is made.", body = Playbook, headers(("ETag" = String, description = "Its state, for If-Match."))),
        CreatePlaybookProblems,
    ),
)]
#[post("")]
pub(crate) async fn create_playbook(
    _: Query<NoParameters>,
    Json(new): Json<CreatePlaybook>,
    state: web::Data<State>,
) -> Result<HttpResponse, Failure> {
    let (new_slug, said) = new.parts();
    slug("slug", &new_slug)?;
    let (name, playbook) = checked(&state, said).await?;
    if !playbooks::create(state.database(), (&new_slug, &name), &playbook).await? {
        let detail = format!("there is a playbook `{new_slug}` already");
        return Err(Failure::new(ProblemId::SlugTaken, detail));
    }
    let made = find(&state, &new_slug).await?;
    let mut response = HttpResponse::Created();
    response.insert_header((header::LOCATION, format!("/api/v1/playbooks/{new_slug}")));
    Ok(answer(response, made))
}

aggregator_openapi::problems! {
    /// What can go wrong with reading one playbook.
    pub(crate) GetPlaybookProblems: NotFound, NotReady, DiskFull
}

/// Get a playbook
///
/// Whom it asks, what it follows, and how far.
#[utoipa::path(
    tag = "playbooks",
    params(("slug" = String, Path, description = "Slug of the playbook.", example = "mail")),
    responses(
        (status = 200, description = "The playbook.", body = Playbook, headers(("ETag" = String, description = "Its state, for If-Match."))),
        GetPlaybookProblems,
    ),
)]
#[get("/{slug}")]
pub(crate) async fn get_playbook(
    SlugPath(slug): SlugPath,
    _: Query<NoParameters>,
    state: web::Data<State>,
) -> Result<HttpResponse, Failure> {
    Ok(answer(HttpResponse::Ok(), find(&state, &slug).await?))
}

aggregator_openapi::problems! {
    /// What can go wrong with replacing a playbook.
    pub(crate) ReplacePlaybookProblems:
        InvalidBody, BodyTimeout, BodyTooLarge, UnsupportedMediaType, OriginNotAllowed, NotFound, BuiltIn,
        PreconditionFailed, PreconditionRequired, NotReady, DiskFull
}

/// Replace a playbook
///
/// All that can be changed of it at once. Chunks screened from now on follow it, those of running submissions, too. Whom
/// one that comes with the program asks does not change.
#[utoipa::path(
    tag = "playbooks",
    params(
        ("slug" = String, Path, description = "Slug of the playbook.", example = "mail"),
        ("If-Match" = String, Header, description = "The ETag it was read with.", example = json!("\"4.1\"")),
    ),
    request_body(content = ReplacePlaybook, description = "What it says from now on."),
    responses(
        (status = 200, description = "It is changed.", body = Playbook, headers(("ETag" = String, description = "Its new state."))),
        ReplacePlaybookProblems,
    ),
)]
#[put("/{slug}")]
pub(crate) async fn replace_playbook(
    SlugPath(slug): SlugPath,
    _: Query<NoParameters>,
    if_match: IfMatch,
    Json(said): Json<ReplacePlaybook>,
    state: web::Data<State>,
) -> Result<HttpResponse, Failure> {
    let (name, playbook) = checked(&state, said).await?;
    let known = find(&state, &slug).await?;
    if_match.admits(known.head.revision)?;
    if known.is_built_in() && known.playbook.sources != playbook.sources {
        let detail = format!("the playbook `{slug}` comes with the program and asks whom its name says");
        return Err(Failure::new(ProblemId::BuiltIn, detail));
    }
    if !playbooks::replace(state.database(), known.head.revision, &name, &playbook).await? {
        return Err(stale());
    }
    state.doorbell().ring(&Topic::Policy);
    Ok(answer(HttpResponse::Ok(), find(&state, &slug).await?))
}

aggregator_openapi::problems! {
    /// What can go wrong with deleting a playbook.
    pub(crate) DeletePlaybookProblems:
        OriginNotAllowed, NotFound, BuiltIn, InUse, PreconditionFailed, PreconditionRequired, NotReady, DiskFull
}

/// Delete a playbook
///
/// One that no open submission runs. Those that ended keep its slug and can no longer be re-run.
#[utoipa::path(
    tag = "playbooks",
    params(
        ("slug" = String, Path, description = "Slug of the playbook.", example = "mail"),
        ("If-Match" = String, Header, description = "The ETag it was read with.", example = json!("\"4.1\"")),
    ),
    responses((status = 204, description = "It is deleted."), DeletePlaybookProblems),
)]
#[delete("/{slug}")]
pub(crate) async fn delete_playbook(
    SlugPath(slug): SlugPath,
    _: Query<NoParameters>,
    if_match: IfMatch,
    state: web::Data<State>,
) -> Result<HttpResponse, Failure> {
    let known = find(&state, &slug).await?;
    if known.is_built_in() {
        let detail = format!("the playbook `{slug}` comes with the program and is not deleted");
        return Err(Failure::new(ProblemId::BuiltIn, detail));
    }
    if_match.admits(known.head.revision)?;
    match playbooks::remove(state.database(), known.head.revision).await? {
        Removal::Removed => {
            state.doorbell().ring(&Topic::Policy);
            Ok(HttpResponse::NoContent().finish())
        }
        Removal::Changed => Err(stale()),
        Removal::InUse(open) => {
            let noun = if open == 1 { "submission that is" } else { "submissions that are" };
            let detail = format!("{open} {noun} not done: the playbook `{slug}` is needed");
            Err(Failure::new(ProblemId::InUse, detail))
        }
    }
}

async fn find(state: &State, slug: &str) -> Result<StoredPlaybook, Failure> {
    let found = playbooks::find(state.database(), slug).await?;
    found.ok_or_else(|| Problem::new(ProblemId::NotFound, "there is no such playbook").into())
}

fn answer(response: actix_web::HttpResponseBuilder, playbook: StoredPlaybook) -> HttpResponse {
    let revision = playbook.head.revision;
    tagged(response, revision, Playbook::from(playbook))
}

/// What a body says, once every field is in its range and everybody it names is there.
async fn checked(state: &State, said: ReplacePlaybook) -> Result<(String, domain::Playbook), Failure> {
    let (name, playbook) = in_range(said)?;
    if let domain::Sources::These(slugs) = &playbook.sources
        && let Some(what) = unheard_of(state, slugs).await?
    {
        return Err(wrong("sources.slugs", &what));
    }
    Ok((name, playbook))
}

fn in_range(said: ReplacePlaybook) -> Result<(String, domain::Playbook), Failure> {
    let name = name(&said.name)?;
    let playbook = domain::Playbook::from(said);
    if let domain::Sources::These(slugs) = &playbook.sources {
        if slugs.is_empty() || slugs.len() > MAX_SOURCES {
            return Err(wrong("sources.slugs", "must name 1 to 100 sources"));
        }
        slugs.iter().try_for_each(|of| slug("sources.slugs", of))?;
    }
    if playbook.follow.len() > MAX_RULES {
        return Err(wrong("follow", "has more than 100 rules"));
    }
    for rule in &playbook.follow {
        rule.source.as_deref().map_or(Ok(()), |of| slug("follow.source", of))?;
    }
    if !(0..=MAX_DEPTH).contains(&playbook.max_depth) {
        return Err(wrong("max_depth", "must be 0 to 5"));
    }
    if playbook.max_derived > MAX_DERIVED {
        return Err(wrong("max_derived", "must be 0 to 100,000"));
    }
    if playbook.max_per_root > MAX_DERIVED {
        return Err(wrong("max_per_root", "must be 0 to 100,000"));
    }
    Ok((name, playbook))
}
