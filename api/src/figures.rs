//! Figures that are counted from rows, and kept for a while.
//!
//! Counting a backlog costs time that grows with it. Whoever asks shares what was read last, for twenty times as long as
//! reading took: however many ask, the database spends at most a twentieth of its time on it.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;
use std::time::Instant;

use aggregator_entities::StoreError;
use tokio::sync::Mutex;

/// What was read is kept for so many times as long as reading took.
const KEPT_TIMES: u32 = 20;

/// Figures of a kind, the last of each.
pub(crate) struct Reading<K, T> {
    last: Mutex<HashMap<K, Kept<T>>>,
}

struct Kept<T> {
    figures: Arc<T>,
    until: Instant,
}

impl<K: Hash + Eq + Send + 'static, T: Send + Sync + 'static> Reading<K, T> {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { last: Mutex::default() })
    }

    /// The last figures, or new ones. Those who ask at the same time wait for one reading; it ends even when all of them
    /// went away, so that the next who asks finds what took so long.
    pub(crate) async fn figures(
        self: &Arc<Self>,
        key: K,
        read: impl Future<Output = Result<T, StoreError>> + Send + 'static,
    ) -> Result<Arc<T>, StoreError> {
        let this = Arc::clone(self);
        let reading = tokio::spawn(async move { this.kept_or(key, read).await });
        reading.await.unwrap_or_else(|error| Err(StoreError::Other(error.to_string())))
    }

    async fn kept_or(
        &self,
        key: K,
        read: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<Arc<T>, StoreError> {
        let mut last = self.last.lock().await;
        let started = Instant::now();
        if let Some(kept) = last.get(&key).filter(|kept| kept.until > started) {
            return Ok(Arc::clone(&kept.figures));
        }
        let figures = Arc::new(read.await?);
        let until = Instant::now() + started.elapsed() * KEPT_TIMES;
        last.insert(key, Kept { figures: Arc::clone(&figures), until });
        Ok(figures)
    }
}
