//! The figures of queues and sources, read from rows at most so often.
//!
//! Counting a backlog costs time that grows with it. Whoever asks shares what was read last, for twenty times as long as
//! reading took: however many ask, the database spends at most a twentieth of its time on it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use aggregator_entities::repositories::queues::{self, Figures};
use aggregator_entities::{Database, StoreError};
use tokio::sync::Mutex;

/// What was read is kept for so many times as long as reading took.
const KEPT_TIMES: u32 = 20;

/// Reads figures, and keeps the last ones.
pub(crate) struct Reading {
    database: Database,
    last: Mutex<Option<Kept>>,
}

struct Kept {
    figures: Arc<Figures>,
    until: Instant,
}

impl Reading {
    pub(crate) fn new(database: Database) -> Arc<Self> {
        Arc::new(Self { database, last: Mutex::new(None) })
    }

    /// The last figures, or new ones. Those who ask at the same time wait for one reading.
    pub(crate) async fn figures(&self) -> Result<Arc<Figures>, StoreError> {
        let mut last = self.last.lock().await;
        let started = Instant::now();
        if let Some(kept) = last.as_ref().filter(|kept| kept.until > started) {
            return Ok(Arc::clone(&kept.figures));
        }
        let figures = Arc::new(queues::figures(&self.database).await?);
        let kept: Duration = started.elapsed() * KEPT_TIMES;
        *last = Some(Kept { figures: Arc::clone(&figures), until: Instant::now() + kept });
        Ok(figures)
    }
}
