//! Asynchronous cleaning up inside `drop`, which is not asynchronous.

use std::future::Future;

/// Runs a future to its end on a thread of its own, so that a test's runtime (current-thread or not) is left alone.
/// A failure is swallowed: the test has its answer already, and the next run clears what stayed behind.
pub(crate) fn finish<F>(future: F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let thread = std::thread::spawn(move || {
        if let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() {
            runtime.block_on(future);
        }
    });
    let _ = thread.join();
}
