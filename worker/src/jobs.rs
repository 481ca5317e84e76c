//! The registry: which job works which lane.

mod screen;
mod task;

use std::sync::Arc;
use std::time::Duration;

use aggregator_entities::repositories::units::Lane;
use aggregator_platform::Shutdown;
use aggregator_queue::{Envelope, Worker, WorkerOptions};

use crate::context::Context;
use crate::lanes::queue_of;
use crate::screener::Screener;

/// Tasks at once in one process.
const TASK_SLOTS: usize = 2;

/// Time for one unit; beyond it its body is dropped and its lease runs out.
const DEADLINE: Duration = Duration::from_mins(30);

/// Works one lane until the wish to stop and the end of the drain.
pub(crate) async fn work(context: Arc<Context>, lane: Lane, shutdown: Shutdown) {
    let options = WorkerOptions {
        concurrency: if lane == Lane::Task { TASK_SLOTS } else { context.options.screen_slots() },
        deadline: DEADLINE,
        drain: context.options.drain,
        safety_poll: context.options.poll,
    };
    let worker = Worker::new(&context.backends, queue_of(lane), options);
    let wish = async move { shutdown.requested().await };
    match lane {
        Lane::Screen { .. } => {
            let screener = Screener::start(&context, lane);
            let handler = move |envelope: Envelope| screen::run(screener.clone(), envelope);
            worker.run(Arc::new(handler), wish).await;
        }
        Lane::Task => {
            let handler = move |envelope: Envelope| task::run(Arc::clone(&context), envelope);
            worker.run(Arc::new(handler), wish).await;
        }
    }
}
