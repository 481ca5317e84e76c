//! Feeds: list, create, get, replace, delete, refresh; the definitions that ship with the program.

mod make;

pub(crate) use make::{create_feed, delete_feed, list_feed_presets};

use actix_web::{HttpResponse, HttpResponseBuilder, get, post, put, web};
use aggregator_entities::repositories::feeds::shown::{self, FeedFilter, FeedSettings, ShownFeed};
use aggregator_entities::repositories::tasks;
use aggregator_manifest::FeedDefinition;
use aggregator_openapi::feed::{MAX_REFRESH_SECONDS, MIN_REFRESH_SECONDS};
use aggregator_openapi::{Feed, FeedPage, ListFeedsParameters, ProblemId, ReplaceFeed};
use aggregator_queue::{QueueName, Topic};
use serde_json::json;

use crate::State;
use crate::failure::Failure;
use crate::input::{IfMatch, Json, NoParameters, Pages, Query, SlugPath, plain, stale, tagged, wrong};

aggregator_openapi::problems! {
    /// What can go wrong with listing feeds.
    pub(crate) ListFeedsProblems: CursorInvalid, NotReady, DiskFull
}

/// List feeds
///
/// With the age of their lists, their entries, how their last refresh ended, and since when none was taken.
#[utoipa::path(
    tag = "sources",
    params(ListFeedsParameters),
    responses((status = 200, description = "The feeds.", body = FeedPage), ListFeedsProblems),
)]
#[get("")]
pub(crate) async fn list_feeds(
    Query(parameters): Query<ListFeedsParameters>,
    state: web::Data<State>,
) -> Result<web::Json<FeedPage>, Failure> {
    let filter = FeedFilter {
        provider: parameters.provider.as_deref().map(|slug| plain("provider", slug)).transpose()?,
        enabled: parameters.enabled,
    };
    let pages = Pages::of("feeds", parameters.page(), &filter)?;
    let mut rows = shown::list(state.database(), &filter, &pages.listing).await?;
    let next = pages.cut(&mut rows, |row| &row.head);
    Ok(web::Json(FeedPage { feeds: rows.into_iter().map(Into::into).collect(), next }))
}

aggregator_openapi::problems! {
    /// What can go wrong with reading one feed.
    pub(crate) GetFeedProblems: NotFound, NotReady, DiskFull
}

/// Get a feed
///
/// Its list, its schedule and its last refresh. Its ETag tells what can be changed of it: refreshes come and go without
/// another.
#[utoipa::path(
    tag = "sources",
    params(("slug" = String, Path, description = "Slug of the feed.", example = "threatfox-domains")),
    responses(
        (status = 200, description = "The feed.", body = Feed, headers(("ETag" = String, description = "Its state, for If-Match."))),
        GetFeedProblems,
    ),
)]
#[get("/{slug}")]
pub(crate) async fn get_feed(
    SlugPath(slug): SlugPath,
    _: Query<NoParameters>,
    state: web::Data<State>,
) -> Result<HttpResponse, Failure> {
    Ok(answer(HttpResponse::Ok(), find(&state, &slug).await?))
}

aggregator_openapi::problems! {
    /// What can go wrong with changing a feed.
    pub(crate) ReplaceFeedProblems:
        InvalidBody, BodyTimeout, BodyTooLarge, UnsupportedMediaType, OriginNotAllowed, NotFound, StateConflict,
        PreconditionFailed, PreconditionRequired, NotReady, DiskFull
}

/// Replace what can be changed of a feed
///
/// Whether it is downloaded and matched, how often it is refreshed, and its definition, of the same slug. With another definition its
/// list is downloaded whole, soon; until then the old one is matched. A name it was given at `/sources` stays.
#[utoipa::path(
    tag = "sources",
    params(
        ("slug" = String, Path, description = "Slug of the feed.", example = "threatfox-domains"),
        ("If-Match" = String, Header, description = "The ETag it was read with.", example = json!("\"9.1\"")),
    ),
    request_body(content = ReplaceFeed, description = "What it is from now on."),
    responses(
        (status = 200, description = "It is changed.", body = Feed, headers(("ETag" = String, description = "Its new state."))),
        ReplaceFeedProblems,
    ),
)]
#[put("/{slug}")]
pub(crate) async fn replace_feed(
    SlugPath(slug): SlugPath,
    _: Query<NoParameters>,
    if_match: IfMatch,
    Json(said): Json<ReplaceFeed>,
    state: web::Data<State>,
) -> Result<HttpResponse, Failure> {
    interval(said.refresh_seconds)?;
    let known = find(&state, &slug).await?;
    if_match.admits(known.head.revision)?;
    let toml = said.definition.filter(|toml| *toml != known.toml);
    let imported = known.next_refresh_at.is_none().then_some(known.definition.location.as_str());
    let definition = toml.as_deref().map(|toml| make::defined("definition", toml, imported)).transpose()?;
    if definition.as_ref().is_some_and(|definition| definition.slug != slug) {
        return Err(wrong(
            "definition",
            &format!("must have the slug `{slug}`; another slug is another feed"),
        ));
    }
    let is_imported = definition.as_ref().map_or(imported.is_some(), FeedDefinition::is_local);
    if said.refresh_seconds.is_some() && is_imported {
        let detail = format!("the feed `{slug}` is only imported: `refresh_seconds` must be null");
        return Err(Failure::new(ProblemId::StateConflict, detail));
    }
    let settings = FeedSettings {
        enabled: said.enabled,
        refresh_seconds: said.refresh_seconds,
        definition: definition.as_ref().zip(toml.as_deref()).map(|(new, toml)| make::new_feed(new, toml)),
    };
    if !shown::replace(state.database(), &known, &settings).await? {
        return Err(stale());
    }
    state.doorbell().ring(&Topic::Feeds);
    if definition.is_some() {
        make::ask_soon(&state, &find(&state, &slug).await?).await?;
    }
    Ok(answer(HttpResponse::Ok(), find(&state, &slug).await?))
}

aggregator_openapi::problems! {
    /// What can go wrong with refreshing a feed.
    pub(crate) RefreshFeedProblems: OriginNotAllowed, NotFound, StateConflict, NotReady, DiskFull
}

/// Refresh a feed
///
/// Asks its publisher soon, whether it is due or not; where a refresh waits or is under way already, that one is it. How it
/// ends is the feed's `last_run`. Not of one that is switched off or only imported.
#[utoipa::path(
    tag = "sources",
    params(("slug" = String, Path, description = "Slug of the feed.", example = "threatfox-domains")),
    responses((status = 202, description = "A worker will do it.", body = Feed), RefreshFeedProblems),
)]
#[post("/{slug}/refresh")]
pub(crate) async fn refresh_feed(
    SlugPath(slug): SlugPath,
    _: Query<NoParameters>,
    state: web::Data<State>,
) -> Result<HttpResponse, Failure> {
    let known = find(&state, &slug).await?;
    if !(known.enabled && known.provider_enabled) {
        let detail = format!("the feed `{slug}`, or its provider, is switched off; switch it on first");
        return Err(Failure::new(ProblemId::StateConflict, detail));
    }
    if known.next_refresh_at.is_none() {
        let detail = format!("the feed `{slug}` is only imported, from {}", known.definition.location);
        return Err(Failure::new(ProblemId::StateConflict, detail));
    }
    tasks::ask(state.database(), ("refresh_feed", &json!({ "feed": known.id })), None).await?;
    state.doorbell().ring(&Topic::Queue(QueueName::Task));
    Ok(answer(HttpResponse::Accepted(), find(&state, &slug).await?))
}

/// Refuses an interval that is none.
fn interval(seconds: Option<i64>) -> Result<(), Failure> {
    if seconds.is_some_and(|every| !(MIN_REFRESH_SECONDS..=MAX_REFRESH_SECONDS).contains(&every)) {
        return Err(wrong("refresh_seconds", "must be 300 to 2,678,400"));
    }
    Ok(())
}

async fn find(state: &State, slug: &str) -> Result<ShownFeed, Failure> {
    let found = shown::find(state.database(), slug).await?;
    found.ok_or_else(|| Failure::new(ProblemId::NotFound, "there is no such feed"))
}

fn answer(response: HttpResponseBuilder, feed: ShownFeed) -> HttpResponse {
    let revision = feed.head.revision;
    tagged(response, revision, Feed::from(feed))
}
