//! Feeds on the wire: lists that are downloaded on a schedule and matched locally.

use aggregator_entities::clock::{SECOND, rfc3339};
use aggregator_entities::domain::state;
use aggregator_entities::repositories::feeds as row;
use aggregator_entities::repositories::feeds::shown::ShownFeed;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::indicator::mirror;
use crate::listing::list_parameters;

/// The shortest interval, seconds: some publishers block clients that ask more often.
pub const MIN_REFRESH_SECONDS: i64 = 300;

/// The longest interval, seconds: 31 days.
pub const MAX_REFRESH_SECONDS: i64 = 2_678_400;

mirror! {
    /// The state of one refresh of a feed.
    FeedRunState of state::FeedRunState {
        /// Waits.
        Queued = "queued",
        /// Downloads or parses.
        Running = "running",
        /// A new list is live.
        Swapped = "swapped",
        /// Nothing new upstream.
        Unchanged = "unchanged",
        /// The answer is not fit to replace the list; the old one stays.
        Rejected = "rejected",
        /// The download failed; the old list stays.
        Failed = "failed",
    }
}

list_parameters! {
    /// Which feeds to list.
    ListFeedsParameters {
        /// Only of the provider with this slug.
        #[param(pattern = "^[^\\x00]*[^\\s\\x00\\x85][^\\x00]*$")]
        provider: String,
        /// Only those switched on themselves (`true`), or only those switched off.
        enabled: bool,
    }
}

/// All that can be changed of a feed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"enabled": true, "refresh_seconds": 7200}))]
pub struct ReplaceFeed {
    /// False switches it off: neither downloaded nor matched; its list is kept.
    pub enabled: bool,
    /// Seconds between refreshes, 300–2,678,400 (31 days); `null` or absent: as its definition says. Not of a feed that is only
    /// imported.
    #[schema(minimum = 300, maximum = 2_678_400, example = 7200)]
    pub refresh_seconds: Option<i64>,
    /// Another definition, TOML, of the same slug; `null` or absent: it keeps the one it has. Its list is read anew by it.
    #[schema(max_length = 65_536)]
    pub definition: Option<String>,
}

/// How a refresh of a feed ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!(FeedRun::example()))]
pub struct FeedRun {
    /// Its state.
    pub state: FeedRunState,
    /// Why it was rejected or failed.
    #[schema(required = true)]
    pub reason: Option<String>,
    /// Entries of the list it brought.
    #[schema(required = true)]
    pub entries: Option<i64>,
    /// Entries it added.
    #[schema(required = true)]
    pub added: Option<i64>,
    /// Entries it removed.
    #[schema(required = true)]
    pub removed: Option<i64>,
    /// When it ended.
    #[schema(format = DateTime, required = true, example = "2026-11-21T02:03:04.567Z")]
    pub finished_at: Option<String>,
}

/// A list that is downloaded on a schedule and matched locally.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!(Feed::example()))]
pub struct Feed {
    /// Its name in addresses: that of the source it is.
    pub slug: String,
    /// Its name for people.
    pub name: String,
    /// Slug of its provider.
    pub provider: String,
    /// What it is for: `intel` or `warninglist`.
    #[schema(example = "intel")]
    pub role: String,
    /// Where it is: an address, or a path of a file.
    pub location: String,
    /// What its licence allows.
    pub licence: String,
    /// What it is defined by, TOML.
    pub definition: String,
    /// False when it is switched off.
    pub enabled: bool,
    /// False when its provider is switched off, and it with it.
    pub provider_enabled: bool,
    /// Where its last refresh stands; `null` when there was none.
    #[schema(required = true)]
    pub state: Option<FeedRunState>,
    /// Entries of the list that is matched; `null` before the first.
    #[schema(required = true)]
    pub entries: Option<i64>,
    /// Bytes of that list as it is kept.
    #[schema(required = true)]
    pub bytes: Option<i64>,
    /// Since when that list is matched.
    #[schema(required = true)]
    pub live_since: Option<String>,
    /// When its publisher was last asked, whatever it said, or a list last imported.
    #[schema(format = DateTime, required = true)]
    pub checked_at: Option<String>,
    /// When an answer was last taken: a new list, or that there is nothing new. `null` when none was.
    #[schema(format = DateTime, required = true)]
    pub accepted_at: Option<String>,
    /// Since when each answer was refused, or none came: the list grows old. `null` when the last one was taken.
    #[schema(format = DateTime, required = true)]
    pub failing_since: Option<String>,
    /// Seconds since `checked_at`.
    #[schema(required = true)]
    pub age_seconds: Option<i64>,
    /// Seconds between refreshes; `null` when it is only imported.
    #[schema(required = true)]
    pub interval_seconds: Option<i64>,
    /// What was set instead of the definition's interval.
    #[schema(required = true)]
    pub refresh_seconds: Option<i64>,
    /// When it is due again; `null` when it is only imported.
    #[schema(format = DateTime, required = true)]
    pub next_refresh_at: Option<String>,
    /// How its last refresh ended.
    #[schema(required = true)]
    pub last_run: Option<FeedRun>,
    /// When it was made known.
    #[schema(format = DateTime, example = "2026-11-21T02:03:04.567Z")]
    pub created_at: String,
    /// When it was last changed by hand.
    #[schema(format = DateTime, example = "2026-11-21T02:03:04.567Z")]
    pub updated_at: String,
}

/// Feeds, in the order asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"feeds": [Feed::example()], "next": null}))]
pub struct FeedPage {
    /// The feeds.
    pub feeds: Vec<Feed>,
    /// The cursor of the next page; `null` on the last one.
    #[schema(required = true)]
    pub next: Option<String>,
}

impl From<row::FeedRun> for FeedRun {
    fn from(run: row::FeedRun) -> Self {
        Self {
            state: run.state.into(),
            reason: run.reason,
            entries: run.entries,
            added: run.added,
            removed: run.removed,
            finished_at: run.finished_at.map(rfc3339),
        }
    }
}

impl From<ShownFeed> for Feed {
    fn from(feed: ShownFeed) -> Self {
        let interval_seconds = feed.interval_seconds();
        let state = feed.refreshing.or_else(|| feed.last_run.as_ref().map(|run| run.state));
        let generation = feed.generation.as_ref();
        Self {
            state: state.map(Into::into),
            entries: generation.map(|live| live.entries),
            bytes: generation.map(|live| live.bytes),
            live_since: generation.map(|live| rfc3339(live.created_at)),
            age_seconds: feed.checked_at.map(|at| (feed.now - at).max(0) / SECOND),
            checked_at: feed.checked_at.map(rfc3339),
            accepted_at: feed.accepted_at.map(rfc3339),
            failing_since: feed.failing_since.map(rfc3339),
            interval_seconds,
            refresh_seconds: feed.refresh_seconds,
            next_refresh_at: feed.next_refresh_at.map(rfc3339),
            last_run: feed.last_run.map(Into::into),
            slug: feed.head.slug,
            name: feed.head.name,
            provider: feed.provider,
            role: feed.definition.role,
            location: feed.definition.location,
            licence: feed.definition.licence,
            definition: feed.toml,
            enabled: feed.enabled,
            provider_enabled: feed.provider_enabled,
            created_at: rfc3339(feed.head.created_at),
            updated_at: rfc3339(feed.head.updated_at),
        }
    }
}

impl FeedRun {
    /// A run for the document's examples.
    pub fn example() -> Self {
        Self {
            state: FeedRunState::Swapped,
            reason: None,
            entries: Some(28_431),
            added: Some(112),
            removed: Some(87),
            finished_at: Some("2026-11-21T02:03:04.567Z".to_owned()),
        }
    }
}

impl Feed {
    /// A feed for the document's examples.
    pub fn example() -> Self {
        Self {
            slug: "threatfox-domains".to_owned(),
            name: "ThreatFox domains".to_owned(),
            provider: "abuse.ch".to_owned(),
            role: "intel".to_owned(),
            location: "https://threatfox.example/export/domains.csv".to_owned(),
            licence: "CC0".to_owned(),
            definition: "slug = \"threatfox-domains\"\n…".to_owned(),
            enabled: true,
            provider_enabled: true,
            state: Some(FeedRunState::Swapped),
            entries: Some(28_431),
            bytes: Some(1_048_576),
            live_since: Some("2026-11-21T02:03:04.567Z".to_owned()),
            checked_at: Some("2026-11-21T02:03:04.567Z".to_owned()),
            accepted_at: Some("2026-11-21T02:03:04.567Z".to_owned()),
            failing_since: None,
            age_seconds: Some(1_733),
            interval_seconds: Some(3_600),
            refresh_seconds: None,
            next_refresh_at: Some("2026-11-21T03:03:04.567Z".to_owned()),
            last_run: Some(FeedRun::example()),
            created_at: "2026-11-20T02:03:04.567Z".to_owned(),
            updated_at: "2026-11-20T02:03:04.567Z".to_owned(),
        }
    }
}
