//! The tailer of one submission.

use std::sync::Arc;
use std::time::Duration;

use aggregator_entities::ids::SubmissionId;
use aggregator_queue::Topic;
use tokio::sync::broadcast;

use super::Live;
use super::frame::News;

/// How long it goes without looking although no doorbell rang.
const SAFETY_POLL: Duration = Duration::from_secs(2);

/// Progress is told at most four times a second.
const PROGRESS_EVERY: Duration = Duration::from_millis(250);

/// What a tailer starts with.
pub(super) struct Tail {
    pub(super) live: Arc<Live>,
    pub(super) id: SubmissionId,
    /// The commit after which it tells: everything up to it is known to the first listener.
    pub(super) position: i64,
    pub(super) sender: broadcast::Sender<Arc<News>>,
}

/// Tells until the submission ended, is gone, or nobody listens.
pub(super) async fn run(tail: Tail) {
    // Ended in any way, a panic included, it leaves no entry behind that nobody serves.
    let tail = Retire(tail);
    let Tail { live, id, position, sender } = &tail.0;
    let (id, mut position) = (*id, *position);
    // Listening before the first look: nothing is missed.
    let bell = live.doorbell.subscribe(&Topic::Submission(id.0));
    loop {
        match News::look(&live.database, id, position).await {
            Ok(Some(news)) => {
                position = news.seq;
                let (is_last, told_progress) = (news.is_last, news.is_progress && !news.frames.is_empty());
                if !news.frames.is_empty() {
                    // Nobody listening is found out below.
                    let _ = sender.send(Arc::new(news));
                }
                if is_last {
                    return;
                }
                if told_progress {
                    tokio::time::sleep(PROGRESS_EVERY).await;
                }
            }
            Ok(None) => return,
            // Whoever listens goes on listening: the rows will be back.
            Err(failure) => tracing::warn!(submission.id = id.0, %failure, "a tailer could not look"),
        }
        if live.retire_idle(id, sender) {
            return;
        }
        bell.rung_within(SAFETY_POLL).await;
    }
}

struct Retire(Tail);

impl Drop for Retire {
    fn drop(&mut self) {
        self.0.live.retire(self.0.id, &self.0.sender);
    }
}
