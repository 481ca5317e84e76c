//! The writer: ends of many lookups in one commit, every few milliseconds (architecture.md hop 7).

use std::sync::Arc;
use std::time::{Duration, Instant};

use aggregator_entities::domain::Outcome;
use aggregator_entities::repositories::lookups::{self, Finish, Finished};
use aggregator_queue::{QueueName, Topic};
use tokio::sync::{mpsc, oneshot};

use crate::context::Context;
use crate::meters::Stage;

/// Ends waiting for their commit: then whoever brings one waits.
const WAITING: usize = 1_024;

/// Most ends in one commit.
const MOST: usize = 256;

/// The longest pause between attempts of a commit.
const PAUSE_MOST: Duration = Duration::from_secs(2);

struct Request {
    finished: Finished,
    ended: oneshot::Sender<()>,
}

/// Hands ends to the writer. Cheap to clone; the last clone's drop ends it.
#[derive(Clone)]
pub(crate) struct Writer {
    requests: mpsc::Sender<Request>,
}

impl Writer {
    /// Starts the writer of a lane.
    pub(crate) fn start(context: &Arc<Context>, lane: QueueName) -> Self {
        let (requests, receiver) = mpsc::channel(WAITING);
        tokio::spawn(work(Arc::clone(context), lane, receiver));
        Self { requests }
    }

    /// Returns when the end is committed, or given up: then its lease runs out.
    pub(crate) async fn finish(&self, finished: Finished) {
        let (ended, end) = oneshot::channel();
        if self.requests.send(Request { finished, ended }).await.is_ok() {
            drop(end.await);
        }
    }
}

async fn work(context: Arc<Context>, lane: QueueName, mut requests: mpsc::Receiver<Request>) {
    let mut group = Vec::with_capacity(MOST);
    while requests.recv_many(&mut group, MOST).await > 0 {
        let (finished, ended): (Vec<_>, Vec<_>) =
            group.drain(..).map(|request| (request.finished, request.ended)).unzip();
        commit(&context, lane, finished).await;
        for ended in ended {
            // Nobody waits when the body was dropped at its deadline.
            let _ = ended.send(());
        }
    }
}

/// Commits a group; one that is refused as a whole is halved until the culprit stands alone (architecture.md rule 9).
async fn commit(context: &Context, lane: QueueName, finished: Vec<Finished>) {
    let mut groups = vec![finished];
    while let Some(mut group) = groups.pop() {
        let mut pause = Duration::from_millis(20);
        loop {
            let began = Instant::now();
            match lookups::finish(&context.database, group.clone()).await {
                Ok(committed) => {
                    context.meters.stage(QueueName::Lookup, Stage::Commit, began);
                    settled(context, lane, &committed);
                    break;
                }
                Err(error) if error.is_transient() => {
                    tracing::warn!(%error, "the database did not take answers, which is tried again");
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(PAUSE_MOST);
                }
                Err(error) if group.len() > 1 => {
                    tracing::warn!(count = group.len(), %error, "a group of answers was refused and is halved");
                    groups.push(group.split_off(group.len() / 2));
                }
                Err(error) => {
                    let Some(culprit) = group.pop() else { break };
                    let Some(instead) = without_answer(&culprit, &error.to_string()) else {
                        tracing::error!(lookup.id = culprit.id.0, %error, "an end cannot be written; the lease runs out");
                        break;
                    };
                    tracing::warn!(lookup.id = culprit.id.0, %error, "an answer cannot be stored and is malformed");
                    group.push(instead);
                }
            }
        }
    }
}

/// The same end without what cannot be stored; `None` where nothing is left to leave out.
fn without_answer(culprit: &Finished, error: &str) -> Option<Finished> {
    matches!(&culprit.end, Finish::Answered { answer: Some(_), .. }).then(|| Finished {
        end: Finish::Dead {
            outcome: Outcome::Malformed,
            reason: format!("the answer cannot be stored: {}", error.replace('\0', "")),
            called: true,
        },
        ..culprit.clone()
    })
}

fn settled(context: &Context, lane: QueueName, committed: &lookups::Committed) {
    if committed.refused > 0 {
        tracing::warn!(count = committed.refused, "stale write refused: the lookups were no longer ours");
        context.counters.add_stale(committed.refused);
    }
    context.counters.add_finished(committed.settled);
    let doorbell = context.backends.doorbell();
    for submission in &committed.submissions {
        doorbell.ring(&Topic::Submission(submission.0));
    }
    doorbell.ring(&Topic::Queue(lane));
    if committed.derived {
        doorbell.ring(&Topic::Queue(QueueName::Screen));
        doorbell.ring(&Topic::Queue(QueueName::ScreenInteractive));
    }
}
