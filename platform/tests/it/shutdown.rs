//! One wish to stop reaches everybody who waits.

use aggregator_platform::Shutdown;

#[tokio::test]
async fn a_request_wakes_every_waiter_and_stays() {
    let shutdown = Shutdown::new();
    assert!(!shutdown.is_requested());
    let waiters: Vec<_> = (0..3)
        .map(|_| {
            let shutdown = shutdown.clone();
            tokio::spawn(async move { shutdown.requested().await })
        })
        .collect();
    shutdown.request();
    for waiter in waiters {
        waiter.await.unwrap();
    }
    shutdown.requested().await;
    assert!(shutdown.is_requested());
}

#[tokio::test]
async fn a_signal_is_a_request() {
    let shutdown = Shutdown::on_signals().unwrap();
    let status = tokio::process::Command::new("kill")
        .args(["-TERM", &std::process::id().to_string()])
        .status()
        .await
        .unwrap();
    assert!(status.success());
    shutdown.requested().await;
    assert!(shutdown.is_requested());
}
