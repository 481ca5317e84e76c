//! Lookups with all their rows say, and lists of them.

use aggregator_entities::clock::rfc3339;
use aggregator_entities::repositories::lookups as row;
use serde::Serialize;
use utoipa::ToSchema;

use crate::page::{page_parameters, sorts};
use crate::{Kind, KindSlug, LookupState, Outcome};

sorts! {
    /// The order of lookups; with `-` from the last to the first. Those of one submission are sorted by `ordinal`, all others by
    /// `created_at`.
    LookupSort {
        /// In the order they were made first.
        CreatedAt = "created_at",
        /// The newest first.
        #[default]
        CreatedAtDescending = "-created_at",
        /// In the order of the items of their submission.
        Ordinal = "ordinal",
        /// Against it.
        OrdinalDescending = "-ordinal",
    }
}

page_parameters! {
    /// Which lookups to list.
    ListLookupsParameters {
        /// Only of this submission; they come in the order of its items then.
        #[param(example = 17)]
        submission: i64,
        /// Only of the source with this slug.
        #[param(example = "crtsh")]
        source: String,
        /// Only in this state.
        state: LookupState,
        /// Only those that ended so.
        outcome: Outcome,
    }
    /// The order. With `submission` `ordinal`, the usual one then, or `-ordinal`; else `created_at` or `-created_at`, the usual one.
    sort: LookupSort
}

/// One source asked about one indicator, with everything that is known of the asking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!(LookupDetails::example()))]
pub struct LookupDetails {
    /// Its id.
    #[schema(example = 12)]
    pub id: i64,
    /// Its submission.
    #[schema(example = 17)]
    pub submission_id: i64,
    /// Ordinal of its item.
    #[schema(example = 0)]
    pub ordinal: i32,
    /// What it is about.
    pub kind: Kind,
    /// The slug of its kind, where that is a custom one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<KindSlug>)]
    pub custom_kind: Option<String>,
    /// Its canonical value.
    #[schema(example = "example.com")]
    pub value: String,
    /// Slug of the source.
    #[schema(example = "rdap")]
    pub source: String,
    /// Name of the source.
    #[schema(example = "RDAP")]
    pub source_name: String,
    /// Where it stands.
    pub state: LookupState,
    /// How it ended; `null` until then, save that of a running one `cancelled` says that it ends so when its call returns.
    /// Anything but `found` and `not_found` says nothing about the indicator.
    #[schema(required = true)]
    pub outcome: Option<Outcome>,
    /// Why it failed, or is asked again.
    #[schema(required = true)]
    pub reason: Option<String>,
    /// True when somebody waits for it.
    pub interactive: bool,
    /// Times a worker took it.
    #[schema(example = 1)]
    pub attempts: i32,
    /// Calls made for it.
    #[schema(example = 1)]
    pub tries: i32,
    /// Workers lost while they had it.
    #[schema(example = 0)]
    pub lost: i32,
    /// The lookup whose answer settles this one; only of a waiting one, and of one that waited.
    #[schema(required = true)]
    pub waiting_on: Option<i64>,
    /// The worker that has it.
    #[schema(required = true)]
    pub leased_by: Option<String>,
    /// Until when that worker has it, unless it renews.
    #[schema(required = true)]
    pub lease_until: Option<String>,
    /// Until when its source cannot be asked: a limit, a breaker, a pause it asked for. Only of a queued one.
    #[schema(required = true, example = "2026-11-21T02:03:34.567Z")]
    pub limited_until: Option<String>,
    /// When it is asked again; only of a parked one.
    #[schema(format = DateTime, required = true, example = "2026-11-21T02:03:34.567Z")]
    pub due_at: Option<String>,
    /// When it was made.
    #[schema(format = DateTime, example = "2026-11-21T02:03:04.567Z")]
    pub created_at: String,
    /// When a worker took it, the last time.
    #[schema(format = DateTime, required = true, example = "2026-11-21T02:03:04.867Z")]
    pub started_at: Option<String>,
    /// When it ended.
    #[schema(format = DateTime, required = true, example = "2026-11-21T02:03:05.067Z")]
    pub finished_at: Option<String>,
    /// Where its time went.
    pub timing: LookupTiming,
}

/// Where the time of a lookup went until it ended, or until now. Together they are all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"queued_ms": 290, "limited_ms": 0, "calling_ms": 200, "writing_ms": 10}))]
pub struct LookupTiming {
    /// Milliseconds it waited for its turn, for its source's own limits, for a worker; and of one that waited on another, all.
    pub queued_ms: i64,
    /// Milliseconds it was parked: its source had failed, or wanted to be asked later.
    pub limited_ms: i64,
    /// Milliseconds in calls of its source. Of a running one the time since a worker took it, too.
    pub calling_ms: i64,
    /// Milliseconds from the answers to their commits.
    pub writing_ms: i64,
}

impl From<row::LookupTimes> for LookupTiming {
    fn from(times: row::LookupTimes) -> Self {
        let row::LookupTimes { queued, parked, called, written } = times;
        let [queued_ms, limited_ms, calling_ms, writing_ms] =
            [queued, parked, called, written].map(|micros| micros / 1_000);
        Self { queued_ms, limited_ms, calling_ms, writing_ms }
    }
}

/// Lookups: those of a submission in the order of its items, else the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"lookups": [LookupDetails::example()], "next": null}))]
pub struct LookupPage {
    /// The lookups. A page looks back so far and no further: it may be short, even empty, and not the last.
    pub lookups: Vec<LookupDetails>,
    /// The cursor of the next page; `null` on the last one.
    #[schema(required = true)]
    pub next: Option<String>,
}

impl From<row::LookupDetails> for LookupDetails {
    fn from(row: row::LookupDetails) -> Self {
        Self {
            id: row.row.id.0,
            submission_id: row.submission_id.0,
            ordinal: row.ordinal,
            kind: row.indicator.kind().into(),
            custom_kind: row.indicator.custom_kind().map(str::to_owned),
            value: row.indicator.shown().to_owned(),
            source: row.row.source,
            source_name: row.row.source_name,
            state: row.row.state.into(),
            outcome: row.row.outcome.map(Into::into),
            reason: row.row.reason,
            interactive: row.interactive,
            attempts: row.attempt,
            tries: row.row.tries,
            lost: row.lost,
            waiting_on: row.waiting_on.map(|id| id.0),
            leased_by: row.leased_by,
            lease_until: row.lease_until.map(rfc3339),
            limited_until: row.limited_until.map(rfc3339),
            due_at: row.row.due_at.map(rfc3339),
            created_at: rfc3339(row.row.created_at),
            started_at: row.started_at.map(rfc3339),
            finished_at: row.row.finished_at.map(rfc3339),
            timing: row.times.into(),
        }
    }
}

impl LookupDetails {
    /// A lookup for the document's examples.
    pub fn example() -> Self {
        Self {
            id: 12,
            submission_id: 17,
            ordinal: 0,
            kind: Kind::Domain,
            custom_kind: None,
            value: "example.com".to_owned(),
            source: "rdap".to_owned(),
            source_name: "RDAP".to_owned(),
            state: LookupState::Done,
            outcome: Some(Outcome::Found),
            reason: None,
            interactive: true,
            attempts: 1,
            tries: 1,
            lost: 0,
            waiting_on: None,
            leased_by: None,
            lease_until: None,
            limited_until: None,
            due_at: None,
            created_at: "2026-11-21T02:03:04.567Z".to_owned(),
            started_at: Some("2026-11-21T02:03:04.867Z".to_owned()),
            finished_at: Some("2026-11-21T02:03:05.067Z".to_owned()),
            timing: LookupTiming { queued_ms: 290, limited_ms: 0, calling_ms: 200, writing_ms: 10 },
        }
    }
}
