//! Lookups on the wire: one source asked about one indicator.

use aggregator_entities::clock::rfc3339;
use aggregator_entities::domain::state;
use aggregator_entities::repositories::lookups as row;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Outcome;
use crate::indicator::mirror;

mirror! {
    /// Where a lookup stands.
    LookupState of state::UnitState {
        /// Waits for room: of its source, or of the workers.
        Queued = "queued",
        /// Its id was pushed to a queue.
        Offered = "offered",
        /// A worker asks.
        Running = "running",
        /// Asked again at a known time.
        Parked = "parked",
        /// Another submission asks the same; its answer settles this one.
        Waiting = "waiting",
        /// Ended, with an outcome.
        Done = "done",
        /// Given up, with a reason.
        Dead = "dead",
        /// It was cancelled, or its submission was.
        Cancelled = "cancelled",
    }
}

/// One source asked about one indicator of one submission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!(Lookup::example()))]
pub struct Lookup {
    /// Its id.
    #[schema(example = 12)]
    pub id: i64,
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
    /// Calls made for it.
    #[schema(example = 1)]
    pub tries: i32,
    /// When it is asked again; only of a parked one.
    #[schema(format = DateTime, required = true, example = "2026-11-21T02:03:34.567Z")]
    pub due_at: Option<String>,
    /// When it was made.
    #[schema(format = DateTime, example = "2026-11-21T02:03:04.567Z")]
    pub created_at: String,
    /// When it ended.
    #[schema(format = DateTime, required = true, example = "2026-11-21T02:03:05.067Z")]
    pub finished_at: Option<String>,
}

impl From<row::LookupRow> for Lookup {
    fn from(row: row::LookupRow) -> Self {
        Self {
            id: row.id.0,
            source: row.source,
            source_name: row.source_name,
            state: row.state.into(),
            outcome: row.outcome.map(Into::into),
            reason: row.reason,
            tries: row.tries,
            due_at: row.due_at.map(rfc3339),
            created_at: rfc3339(row.created_at),
            finished_at: row.finished_at.map(rfc3339),
        }
    }
}

impl Lookup {
    /// A lookup for the document's examples.
    pub fn example() -> Self {
        Self {
            id: 12,
            source: "rdap".to_owned(),
            source_name: "RDAP".to_owned(),
            state: LookupState::Done,
            outcome: Some(Outcome::Found),
            reason: None,
            tries: 1,
            due_at: None,
            created_at: "2026-11-21T02:03:04.567Z".to_owned(),
            finished_at: Some("2026-11-21T02:03:05.067Z".to_owned()),
        }
    }
}
