//! The entries of an ignore list: list, add, replace all, delete one.

use actix_web::{HttpRequest, HttpResponse, delete, get, post, put, web};
use aggregator_entities::repositories::ignore_lists::{
    self, Added, EntryFilter, IgnoreList, MAX_ENTRIES, MAX_PATTERNS,
};
use aggregator_openapi::{
    IgnoreEntries, IgnoreEntryPage, ImportedEntries, ListEntriesParameters, Problem, ProblemId,
};
use aggregator_queue::Topic;

use super::find;
use super::import::Import;
use crate::State;
use crate::failure::Failure;
use crate::input::{EntryPath, IfMatch, NoParameters, Query, SlugPath, Walks, plain, stale, tagged};

aggregator_openapi::problems! {
    /// What can go wrong with listing entries.
    pub(crate) ListEntriesProblems: CursorInvalid, NotFound, NotReady, DiskFull
}

/// List the entries of an ignore list
///
/// In the order of their ids, which are made of what they say.
#[utoipa::path(
    tag = "ignore lists",
    params(
        ("slug" = String, Path, description = "Slug of the list.", example = "ours"),
        ListEntriesParameters,
    ),
    responses((status = 200, description = "The entries.", body = IgnoreEntryPage), ListEntriesProblems),
)]
#[get("/{slug}/entries")]
pub(crate) async fn list_ignore_list_entries(
    SlugPath(slug): SlugPath,
    Query(parameters): Query<ListEntriesParameters>,
    state: web::Data<State>,
) -> Result<web::Json<IgnoreEntryPage>, Failure> {
    let filter = EntryFilter {
        mode: parameters.mode.map(Into::into),
        search: parameters.search.as_deref().map(|text| plain("search", text)).transpose()?,
    };
    let list = find(&state, &slug).await?;
    let pages = Walks::of("ignore_entries", parameters.part(), &(list.id(), &filter))?;
    let (rows, next) = ignore_lists::page(state.database(), list.id(), &filter, &pages.walk).await?;
    let next = pages.next(next);
    Ok(web::Json(IgnoreEntryPage { entries: rows.into_iter().map(Into::into).collect(), next }))
}

aggregator_openapi::problems! {
    /// What can go wrong with adding entries.
    pub(crate) CreateEntriesProblems:
        InvalidBody, BodyTimeout, BodyTooLarge, TooManyEntries, UnsupportedMediaType, OriginNotAllowed, NotFound,
        NotReady, DiskFull
}

/// Add entries to an ignore list
///
/// As JSON (1 MiB) or as text, one a line (16 MiB); at most 200,000 at once. A line that begins with `#`, `;` or `//` is a
/// comment, and so is what follows these after a blank. What is no entry is told with line and reason; the others are added,
/// in one transaction.
#[utoipa::path(
    tag = "ignore lists",
    params(("slug" = String, Path, description = "Slug of the list.", example = "ours")),
    request_body(
        description = "The values.",
        content(
            (IgnoreEntries = "application/json"),
            (String = "text/plain", example = json!("# ours\n.example.com\n192.0.2.0/24\n/^CVE-2019-/\n")),
        ),
    ),
    responses(
        (status = 200, description = "What became of them.", body = ImportedEntries, headers(("ETag" = String, description = "The new state of the list."))),
        CreateEntriesProblems,
    ),
)]
#[post("/{slug}/entries")]
pub(crate) async fn create_ignore_list_entries(
    SlugPath(slug): SlugPath,
    _: Query<NoParameters>,
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<State>,
) -> Result<HttpResponse, Failure> {
    let list = find(&state, &slug).await?;
    let import = Import::read(&request, payload.into_inner()).await?;
    store(&state, &list, import, None).await
}

aggregator_openapi::problems! {
    /// What can go wrong with replacing entries.
    pub(crate) ReplaceEntriesProblems:
        InvalidBody, BodyTimeout, BodyTooLarge, TooManyEntries, UnsupportedMediaType, OriginNotAllowed, NotFound,
        PreconditionFailed, PreconditionRequired, NotReady, DiskFull
}

/// Replace the entries of an ignore list
///
/// All at once: what was there goes in the transaction that brings the others. A body in which nothing is an entry, though
/// something was meant as one, is refused.
#[utoipa::path(
    tag = "ignore lists",
    params(
        ("slug" = String, Path, description = "Slug of the list.", example = "ours"),
        ("If-Match" = String, Header, description = "The ETag the list was read with.", example = json!("\"2.1\"")),
    ),
    request_body(
        description = "The values.",
        content(
            (IgnoreEntries = "application/json"),
            (String = "text/plain", example = json!("# ours\n.example.com\n192.0.2.0/24\n/^CVE-2019-/\n")),
        ),
    ),
    responses(
        (status = 200, description = "What became of them.", body = ImportedEntries, headers(("ETag" = String, description = "The new state of the list."))),
        ReplaceEntriesProblems,
    ),
)]
#[put("/{slug}/entries")]
pub(crate) async fn replace_ignore_list_entries(
    SlugPath(slug): SlugPath,
    _: Query<NoParameters>,
    if_match: IfMatch,
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<State>,
) -> Result<HttpResponse, Failure> {
    let list = find(&state, &slug).await?;
    if_match.admits(list.head.revision)?;
    let import = Import::read(&request, payload.into_inner()).await?;
    if import.entries.is_empty() && import.read > 0 {
        let reason = import.rejects.first().map_or("", |reject| reject.message.as_str());
        let detail = format!("none of {} values is an entry, so nothing was replaced: {reason}", import.read);
        return Err(Failure::new(ProblemId::InvalidBody, detail));
    }
    store(&state, &list, import, Some(list.head.revision.number)).await
}

aggregator_openapi::problems! {
    /// What can go wrong with deleting an entry.
    pub(crate) DeleteEntryProblems: OriginNotAllowed, NotFound, NotReady, DiskFull
}

/// Delete an entry of an ignore list
///
/// Needs no If-Match: an entry never changes, its id is made of what it says.
#[utoipa::path(
    tag = "ignore lists",
    params(
        ("slug" = String, Path, description = "Slug of the list.", example = "ours"),
        ("id" = String, Path, description = "Id of the entry: 32 hex digits.", example = json!(aggregator_openapi::IgnoreEntry::example().id)),
    ),
    responses((status = 204, description = "It is deleted."), DeleteEntryProblems),
)]
#[delete("/{slug}/entries/{id}")]
pub(crate) async fn delete_ignore_list_entry(
    EntryPath(slug, id): EntryPath,
    _: Query<NoParameters>,
    state: web::Data<State>,
) -> Result<HttpResponse, Failure> {
    let list = find(&state, &slug).await?;
    if !ignore_lists::remove_entry(state.database(), list.id(), id).await? {
        return Err(Failure::new(ProblemId::NotFound, "the list has no such entry"));
    }
    state.doorbell().ring(&Topic::Policy);
    Ok(HttpResponse::NoContent().finish())
}

/// Stores what was read; with a revision in place of everything else.
async fn store(
    state: &State,
    list: &IgnoreList,
    import: Import,
    instead_of: Option<i64>,
) -> Result<HttpResponse, Failure> {
    let too_many = |limit: i64, what: &str| {
        let detail = format!("the list would have more than {limit} {what}; nothing was changed");
        Problem::new(ProblemId::TooManyEntries, detail).limit(limit.unsigned_abs())
    };
    let added = match ignore_lists::add(state.database(), list.id(), &import.entries, instead_of).await? {
        Added::New(added) => added,
        Added::Changed if instead_of.is_some() => return Err(stale()),
        Added::Changed => {
            return Err(Failure::new(ProblemId::NotFound, "the ignore list was deleted meanwhile"));
        }
        Added::TooMany => return Err(too_many(MAX_ENTRIES, "entries").into()),
        Added::TooManyPatterns => {
            return Err(too_many(MAX_PATTERNS, "substrings and regular expressions").into());
        }
    };
    state.doorbell().ring(&Topic::Policy);
    let now = find(state, &list.head.slug).await?;
    Ok(tagged(
        HttpResponse::Ok(),
        now.head.revision,
        ImportedEntries {
            read: import.read,
            added,
            known: (import.entries.len() as u64).saturating_sub(added),
            rejected: import.rejected,
            rejects: import.rejects,
        },
    ))
}
