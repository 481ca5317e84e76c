//! Leases.

use std::time::Duration;

use crate::support::{Form, in_process, through_redis, until};

const LONG: Duration = Duration::from_mins(10);

#[tokio::test]
async fn one_holder_at_a_time_in_process() {
    one_holder_at_a_time(in_process().await).await;
}

#[tokio::test]
async fn one_holder_at_a_time_through_redis() {
    one_holder_at_a_time(through_redis().await).await;
}

async fn one_holder_at_a_time(form: Form) {
    let locks = form.backends.locks();
    let lease = locks.try_acquire("feeder:lookup", LONG).await.unwrap().unwrap();
    assert!(locks.try_acquire("feeder:lookup", LONG).await.unwrap().is_none());
    assert!(locks.try_acquire("feeder:screen", LONG).await.unwrap().is_some());
    assert!(lease.renew().await.unwrap());
    lease.release().await.unwrap();
    let again = locks.try_acquire("feeder:lookup", LONG).await.unwrap().unwrap();
    // A drop gives back in the background.
    drop(again);
    until(async || locks.try_acquire("feeder:lookup", LONG).await.unwrap().is_some()).await;
}

#[tokio::test]
async fn a_lost_lease_is_noticed_and_harms_nobody_in_process() {
    a_lost_lease_is_noticed_and_harms_nobody(in_process().await).await;
}

#[tokio::test]
async fn a_lost_lease_is_noticed_and_harms_nobody_through_redis() {
    a_lost_lease_is_noticed_and_harms_nobody(through_redis().await).await;
}

async fn a_lost_lease_is_noticed_and_harms_nobody(form: Form) {
    let locks = form.backends.locks();
    let lost = locks.try_acquire("sweep", Duration::from_millis(1)).await.unwrap().unwrap();
    let mut next = None;
    until(async || {
        next = locks.try_acquire("sweep", LONG).await.unwrap();
        next.is_some()
    })
    .await;
    assert!(!lost.renew().await.unwrap());
    lost.release().await.unwrap();
    assert!(
        next.unwrap().renew().await.unwrap(),
        "the old holder's release must not take the new holder's lease"
    );
}
