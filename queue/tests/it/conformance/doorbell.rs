//! Rings.

use std::time::Duration;

use aggregator_queue::{QueueName, Topic};

use crate::support::{Form, in_process, soon, through_redis};

#[tokio::test]
async fn a_ring_is_kept_once_and_for_its_topic_in_process() {
    a_ring_is_kept_once_and_for_its_topic(in_process().await).await;
}

#[tokio::test]
async fn a_ring_is_kept_once_and_for_its_topic_through_redis() {
    a_ring_is_kept_once_and_for_its_topic(through_redis().await).await;
}

async fn a_ring_is_kept_once_and_for_its_topic(form: Form) {
    let doorbell = form.backends.doorbell();
    let submission = doorbell.subscribe(&Topic::Submission(7));
    let same = doorbell.subscribe(&Topic::Submission(7));
    let policy = doorbell.subscribe(&Topic::Policy);
    let other = doorbell.subscribe(&Topic::Submission(8));
    if form.server.is_some() {
        // The subscription's first connection rings everybody: let that pass.
        for bell in [&submission, &same, &policy, &other] {
            soon(bell.rung()).await;
        }
    }
    for _ in 0..5 {
        doorbell.ring(&Topic::Submission(7));
    }
    soon(submission.rung()).await;
    soon(same.rung()).await;
    doorbell.ring(&Topic::Policy);
    soon(policy.rung()).await;
    for quiet in [&submission, &same, &policy, &other] {
        assert!(!quiet.rung_within(Duration::ZERO).await, "{}", quiet.topic());
    }
    doorbell.ring(&Topic::Queue(QueueName::Task));
}
