//! The registry: which job works which lane.

mod lookup;
mod screen;
mod task;

use std::sync::Arc;
use std::time::Duration;

use aggregator_entities::repositories::units::Lane;
use aggregator_platform::Shutdown;
use aggregator_queue::{Envelope, QueueName, Worker, WorkerOptions};

use self::lookup::Desk;
pub(crate) use self::lookup::{ask, brief, data, opinion, pause};
use crate::claimer::Claimer;
use crate::context::Context;
use crate::lanes::queue_of;
use crate::screener::Screener;
use crate::slots::Slots;
use crate::writer::Writer;

/// Tasks at once in one process.
const TASK_SLOTS: usize = 2;

/// Time for one unit; beyond it its body is dropped and its lease runs out.
const DEADLINE: Duration = Duration::from_mins(30);

/// Works both lookup queues until the wish to stop and the end of the drain. Those that somebody waits for have slots of
/// their own.
pub(crate) async fn work_lookups(context: Arc<Context>, shutdown: Shutdown) {
    let calls = context.options.remote.concurrency.max(2);
    let interactive = (calls / 4).clamp(1, 50);
    let slots = Arc::new(Slots::new(calls, interactive));
    let work = |queue: QueueName, concurrency: usize| {
        let options = WorkerOptions {
            concurrency,
            deadline: DEADLINE,
            drain: context.options.drain,
            safety_poll: context.options.poll,
        };
        let worker = Worker::new(&context.backends, queue, options);
        // A claimer and a writer of each lane's own: what somebody waits for is not committed behind a group of bulk.
        let desk = Desk {
            claimer: Claimer::start(&context),
            writer: Writer::start(&context, queue),
            slots: Arc::clone(&slots),
        };
        let (context, shutdown) = (Arc::clone(&context), shutdown.clone());
        let handler =
            move |envelope: Envelope| lookup::run(Arc::clone(&context), desk.clone(), (queue, envelope));
        async move { worker.run(Arc::new(handler), async move { shutdown.requested().await }).await }
    };
    let close = {
        let (shutdown, slots) = (shutdown.clone(), Arc::clone(&slots));
        async move {
            shutdown.requested().await;
            slots.close();
        }
    };
    // As many again as may call: those in reserve, and those that wait for their commit.
    tokio::join!(work(QueueName::LookupInteractive, interactive), work(QueueName::Lookup, 2 * calls), close);
}

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
