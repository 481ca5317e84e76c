//! Which queue carries which lane of rows.

use aggregator_entities::repositories::units::Lane;
use aggregator_queue::{QueueName, Topic};

/// The queue of a lane.
pub(crate) fn queue_of(lane: Lane) -> QueueName {
    match lane {
        Lane::Screen { interactive: true } => QueueName::ScreenInteractive,
        Lane::Screen { interactive: false } => QueueName::Screen,
        Lane::Task => QueueName::Task,
    }
}

/// The ring that tells the feeder of a lane to look again.
pub(crate) fn due(lane: Lane) -> Topic {
    Topic::Queue(queue_of(lane))
}
