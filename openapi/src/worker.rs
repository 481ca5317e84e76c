//! Workers on the wire.

use aggregator_entities::clock::rfc3339;
use aggregator_entities::repositories::workers as row;
use serde::Serialize;
use utoipa::ToSchema;

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
    /// Chunks it screens at once.
    #[schema(example = 16)]
    pub slots: i32,
    /// Units it has in hand.
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
    #[schema(example = "2026-11-21T02:03:04.567Z")]
    pub started_at: String,
    /// When it last said that it lives.
    #[schema(example = "2026-11-21T03:03:04.567Z")]
    pub seen_at: String,
}

/// Every worker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"workers": [Worker::example()]}))]
pub struct WorkerList {
    /// The workers, those that live first, then by name.
    pub workers: Vec<Worker>,
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
