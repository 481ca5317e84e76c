//! Lookups with all their rows say, and lists of them.

use aggregator_entities::clock::rfc3339;
use aggregator_entities::repositories::lookups as row;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{Kind, LookupState, Outcome};

/// Which lookups to list.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListLookupsParameters {
    /// Only of this submission; they come in the order of its items then.
    #[param(example = 17)]
    pub submission: Option<i64>,
    /// Only of the source with this slug.
    #[param(example = "crtsh")]
    pub source: Option<String>,
    /// Only in this state.
    pub state: Option<LookupState>,
    /// Only those that ended so.
    pub outcome: Option<Outcome>,
    /// Lookups at most, 1–1,000; 100 when absent.
    #[param(minimum = 1, maximum = 1000, example = 100)]
    pub limit: Option<u32>,
    /// Where to go on: the `next` of the page before.
    pub cursor: Option<String>,
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
    pub outcome: Option<Outcome>,
    /// Why it failed, or is asked again.
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
    pub waiting_on: Option<i64>,
    /// The worker that has it.
    pub leased_by: Option<String>,
    /// Until when that worker has it, unless it renews.
    pub lease_until: Option<String>,
    /// Until when its source cannot be asked: a limit, a breaker, a pause it asked for. Only of a queued one.
    #[schema(example = "2026-11-21T02:03:34.567Z")]
    pub limited_until: Option<String>,
    /// When it is asked again; only of a parked one.
    #[schema(example = "2026-11-21T02:03:34.567Z")]
    pub due_at: Option<String>,
    /// When it was made.
    #[schema(example = "2026-11-21T02:03:04.567Z")]
    pub created_at: String,
    /// When a worker took it, the last time.
    #[schema(example = "2026-11-21T02:03:04.867Z")]
    pub started_at: Option<String>,
    /// When it ended.
    #[schema(example = "2026-11-21T02:03:05.067Z")]
    pub finished_at: Option<String>,
}

/// Lookups: those of a submission in the order of its items, else the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"lookups": [LookupDetails::example()], "next": null}))]
pub struct LookupPage {
    /// The lookups. A page looks back so far and no further: it may be short, even empty, and not the last.
    pub lookups: Vec<LookupDetails>,
    /// The cursor of the next page; `null` on the last one.
    pub next: Option<String>,
}

impl From<row::LookupDetails> for LookupDetails {
    fn from(row: row::LookupDetails) -> Self {
        Self {
            id: row.row.id.0,
            submission_id: row.submission_id.0,
            ordinal: row.ordinal,
            kind: row.indicator.kind().into(),
            value: row.indicator.value().to_owned(),
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
        }
    }
}
