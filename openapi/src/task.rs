//! Tasks on the wire: work beside the items.

use aggregator_entities::clock::rfc3339;
use aggregator_entities::repositories::tasks as row;
use aggregator_entities::tables::source_test;
use serde::Serialize;
use utoipa::ToSchema;

use crate::page::{CreatedSort, page_parameters};
use crate::{LookupState, SourceTest};

page_parameters! {
    /// Which tasks to list.
    ListTasksParameters {
        /// Only of this kind, such as `refresh_feed`.
        #[param(example = "refresh_feed")]
        kind: String,
        /// Only in this state. A task is never parked or waiting.
        state: LookupState,
    }
    /// The order; newest first when absent.
    sort: CreatedSort
}

/// Something to be done once.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(example = json!(Task::example()))]
pub struct Task {
    /// Its id.
    #[schema(example = 31)]
    pub id: i64,
    /// What is to be done.
    #[schema(example = "refresh_feed")]
    pub kind: String,
    /// What makes it one: nobody adds a second with the same key. Of a prune, a refresh of one feed and one test of a source at most
    /// one is open besides.
    #[schema(example = "refresh_feed:4:1795226584567890")]
    pub key: String,
    /// The ids it is about.
    pub payload: serde_json::Value,
    /// Where it stands.
    pub state: LookupState,
    /// Why it failed, or is tried again.
    #[schema(required = true)]
    pub reason: Option<String>,
    /// Times a worker took it.
    #[schema(example = 1)]
    pub attempts: i32,
    /// Workers lost while they had it.
    #[schema(example = 0)]
    pub lost: i32,
    /// What it left behind: the answer of a source that was tested (`test_source`). Shown of one task alone, once it is done.
    #[schema(required = true)]
    pub result: Option<SourceTest>,
    /// The worker that has it.
    #[schema(required = true)]
    pub leased_by: Option<String>,
    /// From when on it may be done; only of a queued one.
    #[schema(format = DateTime, required = true, example = "2026-11-21T02:03:04.567Z")]
    pub due_at: Option<String>,
    /// When it was made.
    #[schema(format = DateTime, example = "2026-11-21T02:03:04.567Z")]
    pub created_at: String,
    /// When it ended.
    #[schema(format = DateTime, required = true, example = "2026-11-21T02:03:05.067Z")]
    pub finished_at: Option<String>,
}

/// Tasks, in the order asked for. Those that ended well are kept for a week, those given up for thirty days.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(example = json!({"tasks": [Task::example()], "next": null}))]
pub struct TaskPage {
    /// The tasks.
    pub tasks: Vec<Task>,
    /// The cursor of the next page; `null` on the last one.
    #[schema(required = true)]
    pub next: Option<String>,
}

impl From<row::TaskRow> for Task {
    fn from(row: row::TaskRow) -> Self {
        Self {
            id: row.id.0,
            kind: row.kind,
            key: row.unique_key,
            payload: serde_json::from_str(&row.payload).unwrap_or_default(),
            state: row.state.into(),
            reason: row.reason,
            attempts: row.attempt,
            lost: row.lost,
            result: row
                .result
                .and_then(|result| serde_json::from_str::<source_test::SourceTest>(&result).ok())
                .map(Into::into),
            leased_by: row.leased_by,
            due_at: row.due_at.map(rfc3339),
            created_at: rfc3339(row.created_at),
            finished_at: row.finished_at.map(rfc3339),
        }
    }
}

impl Task {
    /// A task for the document's examples.
    pub fn example() -> Self {
        Self {
            id: 31,
            kind: "refresh_feed".to_owned(),
            key: "refresh_feed:4:1795226584567890".to_owned(),
            payload: serde_json::json!({"feed": 4}),
            state: LookupState::Done,
            reason: None,
            attempts: 1,
            lost: 0,
            result: None,
            leased_by: None,
            due_at: None,
            created_at: "2026-11-21T02:03:04.567Z".to_owned(),
            finished_at: Some("2026-11-21T02:03:05.067Z".to_owned()),
        }
    }
}
