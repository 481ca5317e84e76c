//! Group screening: the chunks that are due together are claimed together, judged off the async threads, and committed
//! in one transaction. Bounded by the lane's slots; nothing is buffered beyond the groups at work.

use std::sync::Arc;
use std::time::{Duration, Instant};

use aggregator_entities::StoreError;
use aggregator_entities::ids::ChunkId;
use aggregator_entities::payload;
use aggregator_entities::repositories::screening::{self, Committed, LocalFinding, ScreenedChunk};
use aggregator_entities::repositories::units::{self, Lane};
use aggregator_entities::tables::chunk::ClaimedChunk;
use aggregator_queue::{QueueName, Topic};
use tokio::sync::{Mutex, mpsc, oneshot};
use tracing::Span;

use crate::company;
use crate::context::Context;
use crate::intelligence::Intelligence;
use crate::judge;
use crate::lanes::due;
use crate::meters::Stage;
use crate::planner;
use crate::traces::Traced;

/// Hands chunk ids to the groups of one lane. Cheap to clone; the last clone's drop ends the groups.
#[derive(Clone)]
pub(crate) struct Screener {
    requests: mpsc::Sender<Request>,
}

struct Request {
    id: i64,
    ended: oneshot::Sender<()>,
    /// The job, where it is traced.
    job: Option<Span>,
}

impl Screener {
    /// Starts the groups of a lane.
    pub(crate) fn start(context: &Arc<Context>, lane: Lane) -> Self {
        let (requests, receiver) = mpsc::channel(context.options.screen_slots());
        let receiver = Arc::new(Mutex::new(receiver));
        for number in 0..context.options.screen_groups.max(1) {
            tokio::spawn(work(Arc::clone(context), (lane, number), Arc::clone(&receiver)));
        }
        Self { requests }
    }

    /// Screens one chunk; returns when its group has ended, well or not: the row says which.
    pub(crate) async fn screen(&self, id: i64) {
        let (ended, end) = oneshot::channel();
        if self.requests.send(Request { id, ended, job: Traced::job() }).await.is_ok() {
            // A dropped sender means that the group panicked: the lease runs out.
            drop(end.await);
        }
    }
}

async fn work(
    context: Arc<Context>,
    (lane, number): (Lane, usize),
    requests: Arc<Mutex<mpsc::Receiver<Request>>>,
) {
    let is_bulk = lane == Lane::Screen { interactive: false };
    loop {
        if is_bulk {
            context.courtesy().give_way(number == 0).await;
        }
        let group = {
            let mut requests = requests.lock().await;
            let Some(first) = requests.recv().await else { return };
            let usual = context.options.chunks_per_commit;
            let most = if is_bulk {
                context.courtesy().group(usual)
            } else {
                context.courtesy().note();
                usual
            };
            let mut group = vec![first];
            while group.len() < most
                && let Ok(next) = requests.try_recv()
            {
                group.push(next);
            }
            group
        };
        let ids: Vec<i64> = group.iter().map(|request| request.id).collect();
        // A panic must not take the group's loop with it.
        let traced = Traced::of(group.iter().filter_map(|request| request.job.clone()));
        let screened = tokio::spawn(screen_all(Arc::clone(&context), ids, traced)).await;
        if let Err(error) = screened {
            tracing::error!(%error, "screening a group failed; its leases run out");
        }
        for request in group {
            // Nobody waits when the body was dropped at its deadline.
            let _ = request.ended.send(());
        }
        context.backends.doorbell().ring(&due(lane));
    }
}

/// Screens chunks together, and those that are suspect after them, each alone.
async fn screen_all(context: Arc<Context>, mut ids: Vec<i64>, traced: Traced) {
    let company = context.company().join().await;
    let lease = context.options.lease_micros();
    let began = Instant::now();
    let step = traced.step("claim");
    let claimed = units::claim_chunks(&context.database, &ids, &context.name, lease).await;
    drop(step);
    match claimed {
        Ok(claimed) => {
            context.meters.stage(QueueName::Screen, Stage::Claim, began);
            ids.retain(|id| !claimed.iter().any(|chunk| chunk.id.0 == *id));
            screen(&context, claimed, &traced).await;
        }
        Err(error) => {
            tracing::warn!(count = ids.len(), %error, "chunks could not be claimed; they are offered again");
            return disclaim(&context, ids).await;
        }
    }
    drop(company);
    if ids.is_empty() {
        return;
    }
    match units::suspect_chunks(&context.database, &ids).await {
        Ok(suspects) => {
            for id in suspects {
                screen_alone(&context, id, &traced).await;
            }
        }
        Err(error) => tracing::warn!(%error, "chunks could not be read; they are offered again"),
    }
}

/// Screens one chunk that has lost workers, with nothing beside it.
async fn screen_alone(context: &Context, id: i64, traced: &Traced) {
    let _alone = match company::leave(context).await {
        Ok(alone) => alone,
        Err(error) => {
            tracing::warn!(chunk.id = id, %error, "a suspect chunk cannot run alone now; it is offered again");
            return;
        }
    };
    tracing::warn!(chunk.id = id, "a chunk that lost workers is screened alone");
    match units::claim_suspect(&context.database, id, &context.name, context.options.lease_micros()).await {
        Ok(claimed) => screen(context, claimed.into_iter().collect(), traced).await,
        Err(error) => {
            tracing::warn!(chunk.id = id, %error, "a chunk could not be claimed; it is offered again");
            disclaim(context, vec![id]).await;
        }
    }
}

async fn screen(context: &Context, claimed: Vec<ClaimedChunk>, traced: &Traced) {
    if claimed.is_empty() {
        return;
    }
    let held: Vec<i64> = claimed.iter().map(|chunk| chunk.id.0).collect();
    let _hold = context.hold_chunks(&held);
    let intelligence = match context.intelligence.current(&context.database).await {
        Ok(intelligence) => intelligence,
        Err(error) => {
            tracing::error!(%error, "the local lists cannot be read; the chunks go back");
            release(context, claimed.iter().map(|chunk| (chunk.id, chunk.attempt)).collect()).await;
            return;
        }
    };
    let units: Vec<_> = claimed.iter().map(|chunk| (chunk.id, chunk.attempt)).collect();
    let lists = Arc::clone(&intelligence);
    let began = Instant::now();
    let step = traced.step("judge");
    let judged = tokio::task::spawn_blocking(move || judge_all(&claimed, &lists)).await;
    drop(step);
    let Ok(Judged { mut chunks, findings, unreadable }) = judged else {
        tracing::error!("judging panicked; the leases run out");
        return;
    };
    context.meters.stage(QueueName::Screen, Stage::Call, began);
    for (chunk, reason) in unreadable {
        tracing::error!(chunk.id = chunk.id.0, reason, "a chunk cannot be read and is dead");
        if let Err(error) = units::bury_chunk(&context.database, &chunk, &reason).await {
            tracing::warn!(%error, "a dead chunk was not written; its lease runs out");
        }
    }
    if let Err(error) = planner::plan(context, &intelligence, &mut chunks).await {
        tracing::warn!(%error, "the plans of submissions cannot be read; their chunks go back");
        release(context, units).await;
        return;
    }
    if !chunks.is_empty() {
        let _step = traced.step("write");
        commit(context, chunks, findings).await;
    }
}

struct Judged {
    chunks: Vec<ScreenedChunk>,
    findings: Vec<LocalFinding>,
    unreadable: Vec<(ClaimedChunk, String)>,
}

fn judge_all(claimed: &[ClaimedChunk], intelligence: &Intelligence) -> Judged {
    let mut judged = Judged { chunks: Vec::new(), findings: Vec::new(), unreadable: Vec::new() };
    for chunk in claimed {
        match payload::decode(&chunk.payload) {
            Ok(items) => {
                let items = judge::items(items, intelligence, &mut judged.findings);
                judged.chunks.push(ScreenedChunk {
                    id: chunk.id,
                    submission_id: chunk.submission_id,
                    attempt: chunk.attempt,
                    first_ordinal: chunk.first_ordinal,
                    depth: chunk.depth,
                    interactive: chunk.interactive,
                    policy_version: intelligence.versions().combined(),
                    max_derived: 0,
                    max_per_root: 0,
                    items,
                });
            }
            Err(error) => judged.unreadable.push((chunk.clone(), error.to_string())),
        }
    }
    judged
}

/// Gives chunks back while their leases are still renewed: an outage burns no attempt.
async fn release(context: &Context, units: Vec<(ChunkId, i32)>) {
    let mut pause = Pause::default();
    while let Err(error) = units::release_chunks(&context.database, &units, 1_000_000).await {
        if !error.is_transient() {
            tracing::warn!(%error, "chunks could not be given back; their leases run out");
            return;
        }
        pause.after(&error).await;
    }
}

/// Gives back what a claim without an answer may have taken.
async fn disclaim(context: &Context, mut ids: Vec<i64>) {
    let (held, ..) = context.held();
    ids.retain(|id| !held.contains(id));
    let mut pause = Pause::default();
    while let Err(error) = units::disclaim_chunks(&context.database, &ids, &context.name).await {
        if !error.is_transient() {
            tracing::warn!(%error, "claims without an answer could not be given back; their leases run out");
            return;
        }
        pause.after(&error).await;
    }
}

/// Times a commit is made again because another one brought the same item into the same submission between its look and its write:
/// the next look finds it.
const TWINS: u32 = 8;

/// Commits, through contention and through a database that is away: the verdicts are in hand, and the fence decides.
async fn commit(context: &Context, chunks: Vec<ScreenedChunk>, findings: Vec<LocalFinding>) {
    let count = chunks.len();
    let asking = || chunks.iter().filter(|chunk| chunk.items.iter().any(|item| !item.lookups.is_empty()));
    let asks = asking().next().is_some().then(|| asking().any(|chunk| chunk.interactive));
    let (mut pause, mut again) = (Pause::default(), 0);
    loop {
        let began = Instant::now();
        match screening::finish(&context.database, chunks.clone(), findings.clone()).await {
            Ok(committed) => {
                context.meters.stage(QueueName::Screen, Stage::Commit, began);
                return settled(context, (count, asks), &committed);
            }
            Err(error) if error.is_transient() => pause.after(&error).await,
            Err(StoreError::Duplicate(_)) if again < TWINS => again += 1,
            Err(error @ StoreError::Duplicate(_)) => {
                // Somebody finished these chunks under a newer claim between our fence and our items.
                tracing::warn!(%error, "stale write refused");
                context.counters.add_stale(count);
                return;
            }
            Err(error) => {
                tracing::error!(%error, "a commit failed; the leases run out");
                return;
            }
        }
    }
}

/// Pauses between the attempts of a write, doubled each time.
struct Pause(Duration);

impl Default for Pause {
    fn default() -> Self {
        Self(Duration::from_millis(20))
    }
}

impl Pause {
    /// The longest.
    const MOST: Duration = Duration::from_secs(2);

    async fn after(&mut self, error: &StoreError) {
        tracing::warn!(%error, "the database did not take a write, which is tried again");
        tokio::time::sleep(self.0).await;
        self.0 = (self.0 * 2).min(Self::MOST);
    }
}

/// What follows a commit of so many chunks; whether they ask sources, and whether somebody waits for that.
fn settled(context: &Context, (count, asks): (usize, Option<bool>), committed: &Committed) {
    if !committed.refused.is_empty() {
        tracing::warn!(
            count = committed.refused.len(),
            "stale write refused: the chunks were no longer ours"
        );
        context.counters.add_stale(committed.refused.len());
    }
    context.counters.add_finished(count - committed.refused.len());
    if let Some(is_waited_for) = asks {
        let lane = if is_waited_for { QueueName::LookupInteractive } else { QueueName::Lookup };
        context.backends.doorbell().ring(&Topic::Queue(lane));
    }
    if committed.derived {
        for lane in [QueueName::Screen, QueueName::ScreenInteractive] {
            context.backends.doorbell().ring(&Topic::Queue(lane));
        }
    }
    for submission in &committed.submissions {
        context.backends.doorbell().ring(&Topic::Submission(submission.0));
    }
}
