//! What happens to a submission, as it happens: one tailer per process and submission looks at the rows when the doorbell
//! rings (or a safety poll is due) and hands what it finds to every client that listens here.
//!
//! The number of a commit (`seq`) is the id of its events, so a client that comes back names the last one it has and gets
//! everything after it, from this process or another. Nothing is kept for it: rows are the truth.

mod client;
mod frame;
mod tail;

pub(crate) use client::Client;
pub(crate) use frame::EXAMPLE;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aggregator_entities::Database;
use aggregator_entities::ids::SubmissionId;
use aggregator_queue::Doorbell;
use tokio::sync::broadcast;

use frame::News;

/// News kept for a client that reads slowly; one that is further behind gets a `resync`.
const KEPT_NEWS: usize = 64;

/// The tailers of this process.
pub(crate) struct Live {
    database: Database,
    doorbell: Doorbell,
    tails: Mutex<HashMap<SubmissionId, broadcast::Sender<Arc<News>>>>,
}

impl Live {
    pub(crate) fn new(database: Database, doorbell: Doorbell) -> Arc<Self> {
        Arc::new(Self { database, doorbell, tails: Mutex::default() })
    }

    /// Listens to a submission's news from commit `position` on. The first listener starts the tailer.
    fn join(self: &Arc<Self>, id: SubmissionId, position: i64) -> broadcast::Receiver<Arc<News>> {
        let mut tails = self.tails();
        if let Some(tail) = tails.get(&id) {
            return tail.subscribe();
        }
        let (sender, receiver) = broadcast::channel(KEPT_NEWS);
        tails.insert(id, sender.clone());
        drop(tails);
        tokio::spawn(tail::run(tail::Tail { live: Arc::clone(self), id, position, sender }));
        receiver
    }

    /// Ends a tailer that nobody listens to any more; false while somebody does.
    fn retire_idle(&self, id: SubmissionId, sender: &broadcast::Sender<Arc<News>>) -> bool {
        // Under the lock nobody can join in between.
        let mut tails = self.tails();
        let idle = sender.receiver_count() == 0;
        if idle {
            tails.remove(&id);
        }
        idle
    }

    /// Takes out a tailer that ended: who still listens is told by the closed channel.
    fn retire(&self, id: SubmissionId, sender: &broadcast::Sender<Arc<News>>) {
        let mut tails = self.tails();
        // Its successor may be there already.
        if tails.get(&id).is_some_and(|tail| tail.same_channel(sender)) {
            tails.remove(&id);
        }
    }

    fn tails(&self) -> MutexGuard<'_, HashMap<SubmissionId, broadcast::Sender<Arc<News>>>> {
        self.tails.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
