//! Queues and remote sources on the wire: what waits, for how long, and what holds it back.

use aggregator_entities::clock::{SECOND, rfc3339};
use aggregator_entities::repositories::lookups::Limit;
use aggregator_entities::repositories::queues as row;
use serde::Serialize;
use utoipa::ToSchema;

use crate::page::{page_parameters, sorts};

/// Units by state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct UnitCounts {
    /// Wait for room or for their time.
    #[schema(example = 1200)]
    pub queued: i64,
    /// Their ids were pushed to the queue.
    #[schema(example = 16)]
    pub offered: i64,
    /// A worker works them.
    #[schema(example = 8)]
    pub running: i64,
    /// Lookups asked again at a known time.
    #[schema(example = 2)]
    pub parked: i64,
    /// Lookups that another's answer will settle.
    #[schema(example = 0)]
    pub waiting: i64,
    /// Given up.
    #[schema(example = 0)]
    pub dead: i64,
}

/// How much waits, and how it goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct QueueDepth {
    /// Units by state.
    pub units: UnitCounts,
    /// Units offered or running.
    #[schema(example = 24)]
    pub in_flight: i64,
    /// For how long the oldest queued unit has waited, seconds; `null` when none is queued, or when what is queued does not
    /// say (chunks of indicators that answers led to).
    #[schema(required = true, example = 17)]
    pub oldest_age_seconds: Option<i64>,
    /// When the next unit is due that waits for its time; `null` when none does.
    #[schema(format = DateTime, required = true, example = "2026-11-21T02:03:34.567Z")]
    pub next_due_at: Option<String>,
    /// Units done in the last minute.
    #[schema(example = 930)]
    pub done_per_minute: i64,
}

/// What is in a queue's window, over all processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct QueueWindow {
    /// Ids pushed and not yet taken by a worker.
    #[schema(example = 9)]
    pub waiting: u64,
    /// Ids being worked, as the workers said a moment ago.
    #[schema(example = 7)]
    pub in_flight: u64,
    /// Slots of all workers that listen; 0: nobody does.
    #[schema(example = 16)]
    pub slots: u64,
    /// Workers that listen.
    #[schema(example = 2)]
    pub workers: u64,
}

/// One queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!(Queue::example()))]
pub struct Queue {
    /// `screen`, `lookup`, each with an `:interactive` twin for what somebody waits for, and `task`.
    #[schema(example = "lookup")]
    pub name: String,
    /// Since when an operator holds it back; `null` when nobody does.
    #[schema(format = DateTime, required = true, example = json!(null))]
    pub paused_at: Option<String>,
    /// What its rows say: the truth.
    pub depth: QueueDepth,
    /// What Redis (or the process itself) holds of it; `null` when that does not answer.
    #[schema(required = true)]
    pub window: Option<QueueWindow>,
}

/// Every queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"as_of": "2026-11-21T02:03:04.567Z", "queues": [Queue::example()]}))]
pub struct QueueList {
    /// When the rows were read. With a large backlog they are read now and then.
    #[schema(example = "2026-11-21T02:03:04.567Z")]
    pub as_of: String,
    /// The queues.
    pub queues: Vec<Queue>,
}

/// Why a source is not asked now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HoldReason {
    /// It, or its provider, is switched off.
    Disabled,
    /// An operator paused it.
    Paused,
    /// It failed too often in a row: its breaker is open.
    Broken,
    /// It asked to be left alone.
    Blocked,
    /// Its limits allow no call yet.
    Limited,
}

/// What keeps a source from being asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SourceHold {
    /// What it is.
    pub reason: HoldReason,
    /// Until when; `null` where an operator decides.
    #[schema(required = true, example = "2026-11-21T02:03:34.567Z")]
    pub until: Option<String>,
}

/// What one limit of a source has room for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LimitRoom {
    /// The window, seconds.
    #[schema(example = 60)]
    pub window_seconds: i64,
    /// Calls in one window.
    #[schema(example = 240)]
    pub calls: i64,
    /// Calls it allows at this moment. They are spread over the window, so this is a few at most.
    #[schema(example = 3)]
    pub allowed: i64,
    /// When it allows the next call; `null` where it allows one now.
    #[schema(format = DateTime, required = true, example = "2026-11-21T02:03:04.817Z")]
    pub next_at: Option<String>,
}

/// The lookups of one remote source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!(SourceQueue::example()))]
pub struct SourceQueue {
    /// Slug of the source.
    #[schema(example = "crtsh")]
    pub source: String,
    /// Name of the source.
    #[schema(example = "crt.sh")]
    pub source_name: String,
    /// Its lookups of both lanes.
    pub depth: QueueDepth,
    /// Calls under way at once.
    #[schema(example = 4)]
    pub concurrency: i32,
    /// Its failures that no answer has made up for; from five on its breaker is open.
    #[schema(example = 0)]
    pub failures: i32,
    /// What keeps it from being asked now; `null` when nothing does.
    #[schema(required = true)]
    pub hold: Option<SourceHold>,
    /// Its limits.
    pub limits: Vec<LimitRoom>,
}

sorts! {
    /// The order of the queues of sources, slugs deciding between equals; with `-` from the last to the first.
    SourceQueueSort {
        /// By slug.
        #[default]
        Source = "source",
        /// By slug, backwards.
        SourceDescending = "-source",
        /// By what is queued, the least first.
        Queued = "queued",
        /// By what is queued, the most first.
        QueuedDescending = "-queued",
        /// By what is offered or running, the least first.
        InFlight = "in_flight",
        /// By what is offered or running, the most first.
        InFlightDescending = "-in_flight",
        /// By what was given up, the least first.
        Dead = "dead",
        /// By what was given up, the most first.
        DeadDescending = "-dead",
    }
}

impl SourceQueueSort {
    /// The figure that is ordered by; none by slug alone.
    pub const fn figure(self, depth: &row::Depth) -> i64 {
        match self {
            Self::Source | Self::SourceDescending => 0,
            Self::Queued | Self::QueuedDescending => depth.queued,
            Self::InFlight | Self::InFlightDescending => depth.in_flight(),
            Self::Dead | Self::DeadDescending => depth.dead,
        }
    }
}

page_parameters! {
    /// Which queues of sources to list.
    ListSourceQueuesParameters {
        /// Only of sources whose slug or name contains this; upper and lower case are the same.
        #[param(max_length = 200, pattern = "^[^\\x00]*[^\\s\\x00\\x85][^\\x00]*$")]
        search: String,
    }
    /// The order; by slug when absent. Figures move: by one of them a source may be on two pages, or on none.
    sort: SourceQueueSort
}

/// The queues of remote sources, in the order asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"as_of": "2026-11-21T02:03:04.567Z", "sources": [SourceQueue::example()], "next": null}))]
pub struct SourceQueueList {
    /// When the rows were read. With a large backlog they are read now and then.
    #[schema(example = "2026-11-21T02:03:04.567Z")]
    pub as_of: String,
    /// The sources.
    pub sources: Vec<SourceQueue>,
    /// The cursor of the next page; `null` on the last one.
    #[schema(required = true)]
    pub next: Option<String>,
}

impl QueueDepth {
    /// What rows said at the instant `at`.
    pub fn of(depth: &row::Depth, at: i64) -> Self {
        Self {
            units: UnitCounts {
                queued: depth.queued,
                offered: depth.offered,
                running: depth.running,
                parked: depth.parked,
                waiting: depth.waiting,
                dead: depth.dead,
            },
            in_flight: depth.in_flight(),
            oldest_age_seconds: depth.oldest_at.map(|since| (at - since).max(0) / SECOND),
            next_due_at: depth.next_due_at.map(rfc3339),
            done_per_minute: depth.done,
        }
    }
}

impl From<row::SourceHold> for SourceHold {
    fn from(hold: row::SourceHold) -> Self {
        let reason = match hold {
            row::SourceHold::Disabled => HoldReason::Disabled,
            row::SourceHold::Paused => HoldReason::Paused,
            row::SourceHold::Broken(_) => HoldReason::Broken,
            row::SourceHold::Blocked(_) => HoldReason::Blocked,
            row::SourceHold::Limited(_) => HoldReason::Limited,
        };
        Self { reason, until: hold.until().map(rfc3339) }
    }
}

impl From<Limit> for LimitRoom {
    fn from(limit: Limit) -> Self {
        Self {
            window_seconds: limit.window_micros / SECOND,
            calls: limit.calls,
            allowed: limit.allowed,
            next_at: limit.free_at.map(rfc3339),
        }
    }
}

impl SourceQueue {
    /// What rows said at the instant `at`.
    pub fn of(figures: &row::SourceFigures, at: i64) -> Self {
        Self {
            source: figures.slug.clone(),
            source_name: figures.name.clone(),
            depth: QueueDepth::of(&figures.depth, at),
            concurrency: figures.concurrency,
            failures: figures.failures,
            hold: figures.hold.map(Into::into),
            limits: figures.limits.iter().copied().map(Into::into).collect(),
        }
    }

    /// A source for the document's examples.
    pub fn example() -> Self {
        Self {
            source: "crtsh".to_owned(),
            source_name: "crt.sh".to_owned(),
            depth: QueueDepth::example(),
            concurrency: 4,
            failures: 0,
            hold: Some(SourceHold {
                reason: HoldReason::Limited,
                until: Some("2026-11-21T02:03:04.817Z".to_owned()),
            }),
            limits: vec![LimitRoom {
                window_seconds: 60,
                calls: 240,
                allowed: 0,
                next_at: Some("2026-11-21T02:03:04.817Z".to_owned()),
            }],
        }
    }
}

impl QueueDepth {
    fn example() -> Self {
        Self {
            units: UnitCounts { queued: 1_200, offered: 16, running: 8, parked: 2, waiting: 0, dead: 0 },
            in_flight: 24,
            oldest_age_seconds: Some(17),
            next_due_at: Some("2026-11-21T02:03:34.567Z".to_owned()),
            done_per_minute: 930,
        }
    }
}

impl Queue {
    /// A queue for the document's examples.
    pub fn example() -> Self {
        Self {
            name: "lookup".to_owned(),
            paused_at: None,
            depth: QueueDepth::example(),
            window: Some(QueueWindow { waiting: 9, in_flight: 7, slots: 16, workers: 2 }),
        }
    }
}
