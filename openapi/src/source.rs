//! Sources on the wire: what they are, what they may, and how they are.

use aggregator_entities::clock::{SECOND, rfc3339};
use aggregator_entities::repositories::sources as row;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::indicator::mirror;
use crate::listing::list_parameters;
use crate::{Kind, Name};

/// The most limits of one source.
pub const MAX_LIMITS: usize = 8;

/// The most calls in a window.
pub const MAX_CALLS: i32 = 1_000_000;

/// The longest window, seconds: 31 days.
pub const MAX_WINDOW_SECONDS: i64 = 2_678_400;

/// The most calls under way at once.
pub const MAX_CONCURRENCY: i32 = 256;

mirror! {
    /// How a source comes by its answers.
    SourceKind of row::SourceKind {
        /// Part of the program, asked over the network.
        Native = "native",
        /// A list downloaded on a schedule and matched locally.
        Feed = "feed",
        /// A database on the workers' machines.
        Database = "database",
    }
}

list_parameters! {
    /// Which sources to list.
    ListSourcesParameters {
        /// Only of the provider with this slug.
        #[param(pattern = "^[^\\x00]*[^\\s\\x00\\x85][^\\x00]*$")]
        provider: String,
        /// Only of this kind.
        kind: SourceKind,
        /// Only those switched on themselves (`true`), or only those switched off.
        enabled: bool,
        /// Only paused ones (`true`), or only others.
        paused: bool,
    }
}

/// How a source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SourceState {
    /// It is asked, within its limits.
    Ready,
    /// It, or its provider, is switched off.
    Disabled,
    /// Its lookups wait until it is resumed.
    Paused,
    /// It failed whoever asked, and is left alone until `broken_until`.
    Broken,
    /// It asked us to stay away until `blocked_until`.
    Blocked,
}

/// At most so many calls in any window of this length; several hold at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"calls": 60, "window_seconds": 60}))]
pub struct SourceLimit {
    /// Calls, 1–1,000,000.
    #[schema(minimum = 1, maximum = 1_000_000, example = 60)]
    pub calls: i32,
    /// The window, seconds, 1–2,678,400 (31 days).
    #[schema(minimum = 1, maximum = 2_678_400, example = 60)]
    pub window_seconds: i64,
}

/// All that can be changed of a source.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "RDAP", "enabled": true, "paused": false, "concurrency": 4, "weight": 100,
    "limits": [{"calls": 60, "window_seconds": 60}]
}))]
pub struct ReplaceSource {
    /// Its name for people, at most 200 characters.
    #[schema(value_type = Name)]
    pub name: String,
    /// False switches it off: nothing is asked of it any more. What waits for it ends as refused.
    pub enabled: bool,
    /// True lets its lookups wait; of one that is asked over the network only.
    pub paused: bool,
    /// Calls under way at once, 1–256.
    #[schema(minimum = 1, maximum = 256, example = 4)]
    pub concurrency: i32,
    /// What its opinions weigh, 0–100: their confidence is multiplied; 100 when absent. At 0 it takes no side.
    #[serde(default = "full_weight")]
    #[schema(minimum = 0, maximum = 100, example = 100)]
    pub weight: i16,
    /// Its limits, at most 8, each window once; of one that is asked over the network only.
    #[schema(max_items = 8)]
    pub limits: Vec<SourceLimit>,
}

pub(crate) const fn full_weight() -> i16 {
    100
}

/// One thing of a provider that can be asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!(Source::example()))]
pub struct Source {
    /// Its name in addresses, and what playbooks name it by.
    pub slug: String,
    /// Its name for people.
    pub name: String,
    /// Slug of its provider.
    pub provider: String,
    /// How it comes by its answers.
    pub kind: SourceKind,
    /// How it is.
    pub state: SourceState,
    /// False when it is switched off.
    pub enabled: bool,
    /// False when its provider is switched off, and it with it.
    pub provider_enabled: bool,
    /// True when its lookups wait.
    pub paused: bool,
    /// Calls under way at once.
    pub concurrency: i32,
    /// What its opinions weigh, 0–100.
    pub weight: i16,
    /// Its limits, the shortest window first.
    pub limits: Vec<SourceLimit>,
    /// Kinds it takes; `null` where that is not known.
    #[schema(required = true)]
    pub kinds: Option<Vec<Kind>>,
    /// True when asking it tells the owner of the indicator; `null` where that is not known.
    #[schema(required = true)]
    pub active: Option<bool>,
    /// True when it needs no credential; `null` where that is not known.
    #[schema(required = true)]
    pub keyless: Option<bool>,
    /// Slug of the program's source whose protocol it speaks, of one that was made; `null` of others.
    #[schema(required = true)]
    pub adapter: Option<String>,
    /// Where it is asked, of one that was made; `null` of others.
    #[schema(required = true)]
    pub base_url: Option<String>,
    /// True when others can be made that are asked at another place; `null` where that is not known.
    #[schema(required = true)]
    pub movable: Option<bool>,
    /// Until when the service asked us to stay away.
    #[schema(required = true)]
    pub blocked_until: Option<String>,
    /// Until when it is left alone after failures.
    #[schema(required = true)]
    pub broken_until: Option<String>,
    /// Since when no call has succeeded; `null` while calls do.
    #[schema(required = true)]
    pub broken_since: Option<String>,
    /// Up with each failed call, down with each other; from 5 on it is left alone for a while.
    pub failures: i32,
    /// Lookups that wait for it or are under way; 10,000 stands for that many or more (`/queues/sources` counts them all).
    pub open_lookups: i64,
    /// When it was made known.
    #[schema(format = DateTime, example = "2026-11-21T02:03:04.567Z")]
    pub created_at: String,
    /// When it was last changed by hand.
    #[schema(format = DateTime, example = "2026-11-21T02:03:04.567Z")]
    pub updated_at: String,
}

/// Sources, in the order asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"sources": [Source::example()], "next": null}))]
pub struct SourcePage {
    /// The sources.
    pub sources: Vec<Source>,
    /// The cursor of the next page; `null` on the last one.
    #[schema(required = true)]
    pub next: Option<String>,
}

impl From<SourceLimit> for row::SourceLimit {
    fn from(limit: SourceLimit) -> Self {
        Self { calls: limit.calls, window_micros: limit.window_seconds.saturating_mul(SECOND) }
    }
}

impl From<row::SourceLimit> for SourceLimit {
    /// A window is whole seconds, or shown as the next longer one.
    fn from(limit: row::SourceLimit) -> Self {
        let window_seconds = limit.window_micros.saturating_add(SECOND - 1) / SECOND;
        Self { calls: limit.calls, window_seconds }
    }
}

fn state(row: &row::StoredSource) -> SourceState {
    match row {
        row if !(row.enabled && row.provider_enabled) => SourceState::Disabled,
        row if row.paused => SourceState::Paused,
        row if row.broken_until.is_some() => SourceState::Broken,
        row if row.blocked_until.is_some() => SourceState::Blocked,
        _ => SourceState::Ready,
    }
}

impl From<row::StoredSource> for Source {
    fn from(row: row::StoredSource) -> Self {
        let state = state(&row);
        let described = row.described;
        let (adapter, base_url) = row.made.map_or((None, None), |made| (Some(made.slug), made.base_url));
        Self {
            slug: row.head.slug,
            name: row.head.name,
            provider: row.provider,
            kind: row.kind.into(),
            state,
            enabled: row.enabled,
            provider_enabled: row.provider_enabled,
            paused: row.paused,
            concurrency: row.concurrency,
            weight: row.weight,
            limits: row.limits.into_iter().map(Into::into).collect(),
            active: described.as_ref().map(|described| described.active),
            movable: described.as_ref().map(|described| described.movable && adapter.is_none()),
            adapter,
            base_url,
            keyless: described.as_ref().map(|described| described.keyless),
            kinds: described.map(|described| described.kinds.into_iter().map(Into::into).collect()),
            blocked_until: row.blocked_until.map(rfc3339),
            broken_until: row.broken_until.map(rfc3339),
            broken_since: row.broken_since.map(rfc3339),
            failures: row.failures,
            open_lookups: row.open_lookups,
            created_at: rfc3339(row.head.created_at),
            updated_at: rfc3339(row.head.updated_at),
        }
    }
}

impl Source {
    /// A source for the document's examples.
    pub fn example() -> Self {
        Self {
            slug: "rdap".to_owned(),
            name: "RDAP".to_owned(),
            provider: "iana".to_owned(),
            kind: SourceKind::Native,
            adapter: None,
            base_url: None,
            movable: Some(true),
            state: SourceState::Ready,
            enabled: true,
            provider_enabled: true,
            paused: false,
            concurrency: 4,
            weight: 100,
            limits: vec![SourceLimit { calls: 60, window_seconds: 60 }],
            kinds: Some(vec![Kind::Ipv4, Kind::Domain]),
            active: Some(false),
            keyless: Some(true),
            blocked_until: None,
            broken_until: None,
            broken_since: None,
            failures: 0,
            open_lookups: 0,
            created_at: "2026-11-21T02:03:04.567Z".to_owned(),
            updated_at: "2026-11-21T02:03:04.567Z".to_owned(),
        }
    }
}
