//! The consumer's side: slots, panics, deadlines, shutdown.

use std::{sync::Arc, time::Duration};

use aggregator_queue::{Envelope, QueueName, WorkerOptions};
use tokio::sync::{Semaphore, mpsc};

use crate::support::{Form, by_ring_alone, in_process, receive, soon, start, telling, through_redis, until};

#[tokio::test]
async fn a_ring_wakes_an_idle_worker_in_process() {
    a_ring_wakes_an_idle_worker(in_process().await).await;
}

#[tokio::test]
async fn a_ring_wakes_an_idle_worker_through_redis() {
    a_ring_wakes_an_idle_worker(through_redis().await).await;
}

async fn a_ring_wakes_an_idle_worker(form: Form) {
    let queue = form.backends.queue(QueueName::Lookup);
    let (handler, mut seen) = telling();
    let worker = start(&form.backends, by_ring_alone(4), handler);
    for id in 0..50 {
        queue.push(&[id]).await.unwrap();
        assert_eq!(receive(&mut seen, 1).await, [id]);
    }
    worker.finish().await;
}

#[tokio::test]
async fn no_more_bodies_than_slots_in_process() {
    no_more_bodies_than_slots(in_process().await).await;
}

#[tokio::test]
async fn no_more_bodies_than_slots_through_redis() {
    no_more_bodies_than_slots(through_redis().await).await;
}

async fn no_more_bodies_than_slots(form: Form) {
    let queue = form.backends.queue(QueueName::Lookup);
    let gate = Arc::new(Semaphore::new(0));
    let (handler, mut started) = held(&gate);
    let worker = start(&form.backends, by_ring_alone(3), handler);
    queue.push(&[1, 2, 3, 4, 5]).await.unwrap();
    let mut first = receive(&mut started, 3).await;
    first.sort_unstable();
    assert_eq!(first, [1, 2, 3]);
    // All slots are taken: the others still wait in the queue, for any worker.
    until(async || queue.depth().await.unwrap().in_flight == 3).await;
    let depth = queue.depth().await.unwrap();
    assert_eq!((depth.waiting, depth.slots, depth.workers), (2, 3, 1));
    assert!(started.try_recv().is_err());
    gate.add_permits(5);
    receive(&mut started, 2).await;
    assert_eq!(worker.finish().await.finished, 5);
    until(async || queue.depth().await.unwrap().workers == 0).await;
}

#[tokio::test]
async fn a_panic_costs_its_job_alone_in_process() {
    a_panic_costs_its_job_alone(in_process().await).await;
}

#[tokio::test]
async fn a_panic_costs_its_job_alone_through_redis() {
    a_panic_costs_its_job_alone(through_redis().await).await;
}

async fn a_panic_costs_its_job_alone(form: Form) {
    let (sender, mut seen) = mpsc::unbounded_channel();
    let handler = move |envelope: Envelope| {
        let (sender, id) = (sender.clone(), envelope.ids[0]);
        assert_ne!(id, 1, "panics before the future exists");
        async move {
            tokio::task::yield_now().await;
            assert_ne!(id, 2, "panics after an await");
            sender.send(id).unwrap();
        }
    };
    let worker = start(&form.backends, by_ring_alone(1), Arc::new(handler));
    form.backends.queue(QueueName::Lookup).push(&[1, 2, 3, 1, 2, 4]).await.unwrap();
    assert_eq!(receive(&mut seen, 2).await, [3, 4]);
    let report = worker.finish().await;
    assert_eq!((report.panicked, report.finished), (4, 2));
}

#[tokio::test]
async fn a_deadline_frees_the_slot_in_process() {
    a_deadline_frees_the_slot(in_process().await).await;
}

#[tokio::test]
async fn a_deadline_frees_the_slot_through_redis() {
    a_deadline_frees_the_slot(through_redis().await).await;
}

async fn a_deadline_frees_the_slot(form: Form) {
    let (sender, mut seen) = mpsc::unbounded_channel();
    let handler = move |envelope: Envelope| {
        let sender = sender.clone();
        async move {
            if envelope.ids == [1] {
                std::future::pending::<()>().await;
            }
            sender.send(envelope.ids[0]).unwrap();
        }
    };
    let options = WorkerOptions { deadline: Duration::from_millis(50), ..by_ring_alone(1) };
    let worker = start(&form.backends, options, Arc::new(handler));
    form.backends.queue(QueueName::Lookup).push(&[1, 2]).await.unwrap();
    assert_eq!(receive(&mut seen, 1).await, [2]);
    let report = worker.finish().await;
    assert_eq!((report.expired, report.finished), (1, 1));
}

#[tokio::test]
async fn a_shutdown_finishes_what_runs_and_leaves_the_rest_in_process() {
    a_shutdown_finishes_what_runs_and_leaves_the_rest(in_process().await).await;
}

#[tokio::test]
async fn a_shutdown_finishes_what_runs_and_leaves_the_rest_through_redis() {
    a_shutdown_finishes_what_runs_and_leaves_the_rest(through_redis().await).await;
}

async fn a_shutdown_finishes_what_runs_and_leaves_the_rest(form: Form) {
    let queue = form.backends.queue(QueueName::Lookup);
    let gate = Arc::new(Semaphore::new(0));
    let (handler, mut started) = held(&gate);
    let worker = start(&form.backends, by_ring_alone(2), handler);
    queue.push(&[1, 2, 3, 4]).await.unwrap();
    receive(&mut started, 2).await;
    let stopping = worker.stop();
    // A ring during the drain must not start anything.
    queue.push(&[5]).await.unwrap();
    tokio::task::yield_now().await;
    gate.add_permits(5);
    let report = soon(stopping).await.unwrap();
    assert_eq!((report.finished, report.abandoned), (2, 0));
    assert_eq!(queue.depth().await.unwrap().waiting, 3);
    let (handler, mut seen) = telling();
    let next = start(&form.backends, by_ring_alone(1), handler);
    assert_eq!(receive(&mut seen, 3).await, [3, 4, 5]);
    next.finish().await;
}

#[tokio::test]
async fn the_drain_time_bounds_a_shutdown_in_process() {
    the_drain_time_bounds_a_shutdown(in_process().await).await;
}

#[tokio::test]
async fn the_drain_time_bounds_a_shutdown_through_redis() {
    the_drain_time_bounds_a_shutdown(through_redis().await).await;
}

async fn the_drain_time_bounds_a_shutdown(form: Form) {
    let gate = Arc::new(Semaphore::new(0));
    let (handler, mut started) = held(&gate);
    let options = WorkerOptions { drain: Duration::from_millis(50), ..by_ring_alone(2) };
    let worker = start(&form.backends, options, handler);
    form.backends.queue(QueueName::Lookup).push(&[1, 2]).await.unwrap();
    receive(&mut started, 2).await;
    let report = worker.finish().await;
    assert_eq!((report.finished, report.abandoned), (0, 2));
}

/// A handler that tells its id and then waits for a permit of the gate.
fn held(gate: &Arc<Semaphore>) -> (Arc<dyn aggregator_queue::JobHandler>, mpsc::UnboundedReceiver<i64>) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let gate = Arc::clone(gate);
    let handler = move |envelope: Envelope| {
        let (sender, gate) = (sender.clone(), Arc::clone(&gate));
        async move {
            sender.send(envelope.ids[0]).unwrap();
            gate.acquire().await.unwrap().forget();
        }
    };
    (Arc::new(handler), receiver)
}
