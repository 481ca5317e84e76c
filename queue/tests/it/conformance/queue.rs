//! The producer's side.

use aggregator_queue::{QueueDepth, QueueName};

use crate::support::{Form, by_ring_alone, in_process, receive, start, telling, through_redis};

#[tokio::test]
async fn an_empty_push_is_nothing_in_process() {
    an_empty_push_is_nothing(in_process().await).await;
}

#[tokio::test]
async fn an_empty_push_is_nothing_through_redis() {
    an_empty_push_is_nothing(through_redis().await).await;
}

async fn an_empty_push_is_nothing(form: Form) {
    let queue = form.backends.queue(QueueName::Lookup);
    queue.push(&[]).await.unwrap();
    assert_eq!(queue.depth().await.unwrap(), QueueDepth::default());
    form.backends.ping().await.unwrap();
}

#[tokio::test]
async fn queues_do_not_mix_in_process() {
    queues_do_not_mix(in_process().await).await;
}

#[tokio::test]
async fn queues_do_not_mix_through_redis() {
    queues_do_not_mix(through_redis().await).await;
}

async fn queues_do_not_mix(form: Form) {
    for (id, name) in (0..).zip(QueueName::ALL) {
        form.backends.queue(name).push(&[id, id + 100]).await.unwrap();
    }
    let (handler, mut seen) = telling();
    let worker = start(&form.backends, by_ring_alone(1), handler);
    assert_eq!(receive(&mut seen, 2).await, [3, 103]);
    assert_eq!(worker.finish().await.finished, 2);
    for name in QueueName::ALL {
        let waiting = if name == QueueName::Lookup { 0 } else { 2 };
        assert_eq!(form.backends.queue(name).depth().await.unwrap().waiting, waiting, "{name}");
    }
}

#[tokio::test]
async fn ids_come_in_order_in_process() {
    ids_come_in_order(in_process().await).await;
}

#[tokio::test]
async fn ids_come_in_order_through_redis() {
    ids_come_in_order(through_redis().await).await;
}

async fn ids_come_in_order(form: Form) {
    let ids: Vec<i64> = (0..1_100).map(|id| id * 7 - 5).collect();
    form.backends.queue(QueueName::Lookup).push(&ids).await.unwrap();
    let (handler, mut seen) = telling();
    let worker = start(&form.backends, by_ring_alone(1), handler);
    assert_eq!(receive(&mut seen, ids.len()).await, ids);
    assert_eq!(worker.finish().await.finished, 1_100);
}
