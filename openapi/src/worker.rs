//! Workers on the wire.

use aggregator_entities::clock::rfc3339;
use aggregator_entities::repositories::workers as row;
use serde::Serialize;
use utoipa::ToSchema;

use crate::page::{page_parameters, sorts};

/// A worker process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!(Worker::example()))]
pub struct Worker {
    /// Unique for one start of one process.
    #[schema(example = "worker-1-4711-0f8fad5bd9cb469fa16570867728950e")]
    pub name: String,
    /// Version of the program.
    #[schema(example = "0.1.0")]
    pub version: String,
    /// True when it said within twenty seconds that it lives. One that stopped as planned is not listed; one that vanished is,
    /// for a day.
    pub alive: bool,
    /// Chunks it screens at once. Lookups and tasks have slots of their own, which are not counted here.
    #[schema(example = 16)]
    pub slots: i32,
    /// Units it has in hand: chunks, lookups and tasks. Lookups make it more than `slots`.
    #[schema(example = 7)]
    pub running: i32,
    /// Units it finished since it started.
    #[schema(example = 48213)]
    pub finished: i64,
    /// Its writes that were refused since it started: somebody else had the unit by then.
    #[schema(example = 0)]
    pub stale_refused: i64,
    /// True while it runs a unit that lost workers before, and nothing else.
    pub alone: bool,
    /// When it started.
    #[schema(format = DateTime, example = "2026-11-21T02:03:04.567Z")]
    pub started_at: String,
    /// When it last said that it lives.
    #[schema(format = DateTime, example = "2026-11-21T03:03:04.567Z")]
    pub seen_at: String,
}

sorts! {
    /// The order of workers, names deciding between equals; with `-` from the last to the first. Names are ordered byte by byte.
    WorkerSort {
        /// Those that live first.
        #[default]
        Alive = "alive",
        /// Those that are gone first.
        AliveDescending = "-alive",
        /// By name.
        Name = "name",
        /// By name, backwards.
        NameDescending = "-name",
        /// By when they started, oldest first.
        StartedAt = "started_at",
        /// By when they started, newest first.
        StartedAtDescending = "-started_at",
    }
}

impl WorkerSort {
    /// What is ordered by.
    pub const fn key(self) -> row::WorkerKey {
        match self {
            Self::Alive | Self::AliveDescending => row::WorkerKey::Alive,
            Self::Name | Self::NameDescending => row::WorkerKey::Name,
            Self::StartedAt | Self::StartedAtDescending => row::WorkerKey::StartedAt,
        }
    }
}

page_parameters! {
    /// Which part of the list of workers.
    ListWorkersParameters {}
    /// The order; those that live first when absent.
    sort: WorkerSort
}

/// Workers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"workers": [Worker::example()], "next": null}))]
pub struct WorkerList {
    /// The workers, in the order asked for.
    pub workers: Vec<Worker>,
    /// The cursor of the next page; `null` on the last one.
    #[schema(required = true)]
    pub next: Option<String>,
}

impl From<row::KnownWorker> for Worker {
    fn from(worker: row::KnownWorker) -> Self {
        let beat = worker.beat;
        Self {
            name: beat.name,
            version: beat.version,
            alive: worker.alive,
            slots: beat.slots,
            running: beat.running,
            finished: beat.finished,
            stale_refused: beat.stale_refused,
            alone: beat.alone,
            started_at: rfc3339(worker.started_at),
            seen_at: rfc3339(worker.seen_at),
        }
    }
}

impl Worker {
    /// A worker for the document's examples.
    pub fn example() -> Self {
        Self {
            name: "worker-1-4711-0f8fad5bd9cb469fa16570867728950e".to_owned(),
            version: "0.1.0".to_owned(),
            alive: true,
            slots: 16,
            running: 7,
            finished: 48_213,
            stale_refused: 0,
            alone: false,
            started_at: "2026-11-21T02:03:04.567Z".to_owned(),
            seen_at: "2026-11-21T03:03:04.567Z".to_owned(),
        }
    }
}
