//! What only Redis can do to us: die, forget, fill up, carry rubbish, be absent.

use std::{sync::Arc, time::Duration};

use aggregator_queue::{Backends, Envelope, QueueError, QueueName, Topic, WorkerOptions};
use tokio::sync::{Semaphore, mpsc};

use crate::{
    redis_server::RedisServer,
    support::{by_ring_alone, receive, soon, start, telling, through_redis, until},
};

/// The list of the queue the tests work on: the wire contract an operator's tools rely on.
const WAITING: &str = "{test:queue:lookup}:waiting";

#[tokio::test]
async fn rubbish_in_the_list_is_skipped() {
    let form = through_redis().await;
    let server = form.server.unwrap();
    let mut push = redis::cmd("RPUSH");
    push.arg(WAITING).arg(&b"\xff\xfe"[..]).arg("{}").arg("[1]").arg(r#"{"ids":[9],"new":true}"#).arg("");
    let _: i64 = server.command(&push).await.unwrap();
    let (handler, mut seen) = telling();
    // Nobody rang for it: the poll without a ring finds it.
    let options = WorkerOptions { safety_poll: Duration::from_millis(20), ..by_ring_alone(1) };
    let worker = start(&form.backends, options, handler);
    assert_eq!(receive(&mut seen, 1).await, [9]);
    let queue = form.backends.queue(QueueName::Lookup);
    until(async || queue.depth().await.unwrap().waiting == 0).await;
    let report = worker.finish().await;
    assert_eq!((report.undecodable, report.finished), (4, 1));
}

#[tokio::test]
async fn a_killed_redis_aborts_nothing_and_loses_nothing_written() {
    let form = through_redis().await;
    let mut server = form.server.unwrap();
    let queue = form.backends.queue(QueueName::Lookup);
    let gate = Arc::new(Semaphore::new(0));
    let (sender, mut told) = mpsc::unbounded_channel();
    let handler = {
        let gate = Arc::clone(&gate);
        move |envelope: Envelope| {
            let (sender, gate) = (sender.clone(), Arc::clone(&gate));
            async move {
                sender.send(envelope.ids[0]).unwrap();
                gate.acquire().await.unwrap().forget();
                sender.send(-envelope.ids[0]).unwrap();
            }
        }
    };
    let worker = start(&form.backends, by_ring_alone(1), Arc::new(handler));
    queue.push(&[1, 2, 3]).await.unwrap();
    assert_eq!(receive(&mut told, 1).await, [1]);

    server.kill();
    assert!(matches!(queue.push(&[4]).await, Err(QueueError::Unavailable(_))));
    assert!(form.backends.ping().await.is_err());
    // The running body does not notice, and its slot asks a dead Redis for more without harm.
    gate.add_permits(1);
    assert_eq!(receive(&mut told, 1).await, [-1]);
    server.restart().await;
    gate.add_permits(3);
    assert_eq!(receive(&mut told, 4).await, [2, -2, 3, -3]);
    until(async || queue.push(&[5]).await.is_ok()).await;
    assert_eq!(receive(&mut told, 2).await, [5, -5]);
    let report = worker.finish().await;
    assert_eq!((report.finished, report.panicked, report.abandoned), (4, 0, 0));
}

#[tokio::test]
async fn an_emptied_redis_goes_on_with_what_comes_next() {
    let form = through_redis().await;
    let server = form.server.unwrap();
    let queue = form.backends.queue(QueueName::Lookup);
    let (handler, mut seen) = telling();
    let worker = start(&form.backends, by_ring_alone(2), handler);
    until(async || queue.depth().await.unwrap().workers == 1).await;
    let _: String = server.command(&redis::cmd("FLUSHALL")).await.unwrap();
    queue.push(&[1]).await.unwrap();
    assert_eq!(receive(&mut seen, 1).await, [1]);
    // The running count of the next job makes the worker announce itself again, at the latest after ten seconds.
    until(async || queue.depth().await.unwrap().workers == 1).await;
    worker.finish().await;
}

#[tokio::test]
async fn a_full_redis_says_so_and_still_gives() {
    let form = through_redis().await;
    let server = form.server.unwrap();
    let queue = form.backends.queue(QueueName::Lookup);
    queue.push(&[1, 2]).await.unwrap();
    let mut limit = redis::cmd("CONFIG");
    limit.arg("SET").arg("maxmemory").arg("1");
    let _: String = server.command(&limit).await.unwrap();
    let refused = queue.push(&[3]).await;
    assert!(matches!(refused, Err(QueueError::Full(_))), "{refused:?}");
    assert_eq!(queue.depth().await.unwrap().waiting, 2);
    let (handler, mut seen) = telling();
    let worker = start(&form.backends, by_ring_alone(1), handler);
    assert_eq!(receive(&mut seen, 2).await, [1, 2]);
    let mut limit = redis::cmd("CONFIG");
    limit.arg("SET").arg("maxmemory").arg("0");
    let _: String = server.command(&limit).await.unwrap();
    queue.push(&[4]).await.unwrap();
    assert_eq!(receive(&mut seen, 1).await, [4]);
    worker.finish().await;
}

#[tokio::test]
async fn a_process_starts_while_redis_is_away() {
    let mut server = RedisServer::start().await;
    server.kill();
    let backends = Backends::connect(Some(&server.url()), "test").unwrap();
    let (handler, mut seen) = telling();
    let worker = start(&backends, by_ring_alone(1), handler);
    assert!(matches!(backends.queue(QueueName::Lookup).push(&[1]).await, Err(QueueError::Unavailable(_))));
    server.restart().await;
    until(async || backends.queue(QueueName::Lookup).push(&[2]).await.is_ok()).await;
    assert_eq!(receive(&mut seen, 1).await, [2]);
    worker.finish().await;
}

#[tokio::test]
async fn a_ring_reaches_the_other_process_and_waits_for_a_dead_redis() {
    let form = through_redis().await;
    let mut server = form.server.unwrap();
    let other = Backends::connect(Some(&server.url()), "test").unwrap();
    let stranger = Backends::connect(Some(&server.url()), "test2").unwrap();
    let [bell, foreign] =
        [&other, &stranger].map(|backends| backends.doorbell().subscribe(&Topic::Submission(42)));
    soon(bell.rung()).await;
    soon(foreign.rung()).await;
    form.backends.doorbell().ring(&Topic::Submission(42));
    soon(bell.rung()).await;
    assert!(!foreign.rung_within(Duration::ZERO).await, "a prefix hears its own rings only");

    server.kill();
    form.backends.doorbell().ring(&Topic::Submission(42));
    server.restart().await;
    // The ring of the new connection, or the kept ring, or both: what was missed is made up for.
    soon(bell.rung()).await;
}

#[tokio::test]
async fn a_worker_in_another_process_is_woken_by_a_push() {
    let form = through_redis().await;
    let server = form.server.unwrap();
    let other = Backends::connect(Some(&server.url()), "test").unwrap();
    let (handler, mut seen) = telling();
    let worker = start(&other, by_ring_alone(1), handler);
    for id in 0..20 {
        form.backends.queue(QueueName::Lookup).push(&[id]).await.unwrap();
        assert_eq!(receive(&mut seen, 1).await, [id]);
    }
    worker.finish().await;
}

#[tokio::test]
async fn settings_nobody_can_connect_with_are_refused() {
    assert!(matches!(
        Backends::connect(Some("http://127.0.0.1/"), "test"),
        Err(QueueError::Misconfigured(_))
    ));
    let server = RedisServer::start().await;
    let mut secret = redis::cmd("CONFIG");
    secret.arg("SET").arg("requirepass").arg("a-password-of-this-test");
    let _: String = server.command(&secret).await.unwrap();
    let nobody = Backends::connect(Some(&server.url()), "test").unwrap();
    assert!(matches!(nobody.ping().await, Err(QueueError::Misconfigured(_))));
    let wrong = server.url().replace("redis://", "redis://:wrong@");
    let wrong = Backends::connect(Some(&wrong), "test").unwrap();
    assert!(matches!(wrong.ping().await, Err(QueueError::Misconfigured(_))));
}
