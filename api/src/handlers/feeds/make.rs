//! Feeds made and deleted, and the definitions that ship with the program.

use actix_web::http::header;
use actix_web::{HttpResponse, delete, get, post, web};
use aggregator_entities::repositories::feeds::shown::ShownFeed;
use aggregator_entities::repositories::feeds::{self, NewFeed};
use aggregator_entities::repositories::removal::Removal;
use aggregator_entities::repositories::tasks;
use aggregator_manifest::{FeedDefinition, Preset, presets};
use aggregator_openapi::new_feed::MAX_DEFINITION_BYTES;
use aggregator_openapi::{CreateFeed, Feed, FeedPreset, FeedPresetList, NewDefinition, ProblemId};
use aggregator_queue::{QueueName, Topic};
use serde_json::json;

use super::{answer, find, interval};
use crate::State;
use crate::failure::Failure;
use crate::input::{IfMatch, Json, NoParameters, Query, SlugPath, address, slug, stale, wrong};

aggregator_openapi::problems! {
    /// What can go wrong with a new feed.
    pub(crate) CreateFeedProblems:
        InvalidBody, BodyTimeout, BodyTooLarge, UnsupportedMediaType, OriginNotAllowed, SlugTaken, NotReady, DiskFull
}

/// Create a feed
///
/// By a definition that ships with the program, or one of your own. A worker downloads its list soon, unless it is switched off;
/// it matches nothing before. A list on a machine is read with `aggregator feeds import --file`.
#[utoipa::path(
    tag = "sources",
    request_body(content = CreateFeed, description = "The feed."),
    responses(
        (status = 201, description = "It is made.", body = Feed, headers(("ETag" = String, description = "Its state, for If-Match."))),
        CreateFeedProblems,
    ),
)]
#[post("")]
pub(crate) async fn create_feed(
    _: Query<NoParameters>,
    Json(said): Json<CreateFeed>,
    state: web::Data<State>,
) -> Result<HttpResponse, Failure> {
    interval(said.refresh_seconds)?;
    let toml = match said.definition {
        NewDefinition::Toml(said) => said.toml,
        NewDefinition::Preset(said) => {
            let what = "names no definition that ships with the program; GET /api/v1/feed-presets lists them";
            let preset = Preset::find(&said.preset).ok_or_else(|| wrong("definition.preset", what))?;
            preset.toml.to_owned()
        }
    };
    let definition = defined("definition.toml", &toml, None)?;
    let new = new_feed(&definition, &toml);
    let made = feeds::create(state.database(), &new, (said.enabled, said.refresh_seconds)).await?;
    if made.is_none() {
        let detail = format!("there is a source `{}` already", definition.slug);
        return Err(Failure::new(ProblemId::SlugTaken, detail));
    }
    state.doorbell().ring(&Topic::Feeds);
    ask_soon(&state, &find(&state, &definition.slug).await?).await?;
    let mut response = HttpResponse::Created();
    response.insert_header((header::LOCATION, format!("/api/v1/feeds/{}", definition.slug)));
    Ok(answer(response, find(&state, &definition.slug).await?))
}

/// Lets a worker download the list of a feed that is matched, whatever the schedule says.
pub(super) async fn ask_soon(state: &State, feed: &ShownFeed) -> Result<(), Failure> {
    if feed.enabled && feed.provider_enabled && feed.next_refresh_at.is_some() {
        tasks::ask(state.database(), ("refresh_feed", &json!({ "feed": feed.id })), None).await?;
        state.doorbell().ring(&Topic::Queue(QueueName::Task));
    }
    Ok(())
}

/// A feed as its definition makes it.
pub(super) fn new_feed<'a>(definition: &'a FeedDefinition, toml: &'a str) -> NewFeed<'a> {
    let seconds = i64::try_from(definition.refresh_seconds).unwrap_or(i64::MAX);
    NewFeed {
        slug: &definition.slug,
        name: &definition.name,
        provider: &definition.provider,
        provider_name: &definition.provider,
        definition: toml,
        interval_seconds: (!definition.is_local()).then_some(seconds),
    }
}

/// What a definition says. Its list is at an address: files of the workers' machines are read for those who may log in there. That
/// of a feed which is only imported, `location`, stays where it is.
pub(super) fn defined(field: &str, toml: &str, location: Option<&str>) -> Result<FeedDefinition, Failure> {
    if toml.len() > MAX_DEFINITION_BYTES || toml.contains('\0') {
        return Err(wrong(field, "is longer than 65,536 bytes or holds a NUL"));
    }
    let definition = FeedDefinition::from_toml(toml).map_err(|error| wrong(field, &error.told(toml)))?;
    slug(&format!("{field}: slug"), &definition.slug)?;
    if location != Some(&definition.location) {
        address(&format!("{field}: location"), &definition.location)?;
    }
    Ok(definition)
}

aggregator_openapi::problems! {
    /// What can go wrong with deleting a feed.
    pub(crate) DeleteFeedProblems:
        OriginNotAllowed, NotFound, PreconditionFailed, PreconditionRequired, NotReady, DiskFull
}

/// Delete a feed
///
/// With its lists and its runs. What it said is no longer current, and stays in the histories, under its slug, a tilde and a number.
#[utoipa::path(
    tag = "sources",
    params(
        ("slug" = String, Path, description = "Slug of the feed.", example = "threatfox-domains"),
        ("If-Match" = String, Header, description = "The ETag it was read with.", example = json!("\"9.1\"")),
    ),
    responses((status = 204, description = "It is deleted."), DeleteFeedProblems),
)]
#[delete("/{slug}")]
pub(crate) async fn delete_feed(
    SlugPath(slug): SlugPath,
    _: Query<NoParameters>,
    if_match: IfMatch,
    state: web::Data<State>,
) -> Result<HttpResponse, Failure> {
    let known = find(&state, &slug).await?;
    if_match.admits(known.head.revision)?;
    match feeds::remove(state.database(), known.head.revision).await? {
        Removal::Changed => Err(stale()),
        Removal::Removed | Removal::InUse(_) => {
            for topic in [Topic::Feeds, Topic::Queue(QueueName::Task)] {
                state.doorbell().ring(&topic);
            }
            Ok(HttpResponse::NoContent().finish())
        }
    }
}

aggregator_openapi::problems! {
    /// What can go wrong with listing the shipped definitions.
    pub(crate) ListFeedPresetsProblems: NotReady, DiskFull
}

/// List the definitions that ship with the program
///
/// All of them, by slug, with those that are feeds already. `POST /api/v1/feeds` makes a feed of one.
#[utoipa::path(
    tag = "sources",
    responses((status = 200, description = "The definitions.", body = FeedPresetList), ListFeedPresetsProblems),
)]
#[get("")]
pub(crate) async fn list_feed_presets(
    _: Query<NoParameters>,
    state: web::Data<State>,
) -> Result<web::Json<FeedPresetList>, Failure> {
    let known = feeds::slugs(state.database()).await?;
    let presets = presets().iter().map(|preset| {
        let definition = preset.definition().map_err(Failure::internal)?;
        Ok(FeedPreset {
            known: known.contains(&definition.slug),
            slug: definition.slug,
            name: definition.name,
            provider: definition.provider,
            role: definition.role.as_str().to_owned(),
            location: definition.location,
            licence: definition.licence,
            refresh_seconds: definition.refresh_seconds,
            definition: preset.toml.to_owned(),
        })
    });
    Ok(web::Json(FeedPresetList { presets: presets.collect::<Result<_, Failure>>()? }))
}
