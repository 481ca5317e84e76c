//! What a worker process measures: how long each stage takes, how lookups end, what the cache answered.

use std::borrow::Cow;
use std::time::{Duration, Instant};

use aggregator_entities::domain::Outcome;
use aggregator_platform::metrics::{Labels, Metrics, durations};
use aggregator_queue::QueueName;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;

/// The stages of a unit's way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// One transaction of the feeder that offered something.
    Offer,
    /// One claim, of all that was taken together.
    Claim,
    /// The work itself: judging a group of chunks, asking a source, doing a task.
    Call,
    /// One commit, of all that ended together.
    Commit,
}

impl Stage {
    const ALL: [Self; 4] = [Self::Offer, Self::Claim, Self::Call, Self::Commit];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Offer => "offer",
            Self::Claim => "claim",
            Self::Call => "call",
            Self::Commit => "commit",
        }
    }
}

/// The meters of a worker process.
#[derive(Clone)]
pub struct Meters {
    stages: Family<Labels<2>, Histogram>,
    calls: Family<Labels<1>, Histogram>,
    ended: Family<Labels<2>, Counter>,
    cached: Family<Labels<1>, Counter>,
}

impl Default for Meters {
    fn default() -> Self {
        Self {
            stages: Family::new_with_constructor(durations),
            calls: Family::new_with_constructor(durations),
            ended: Family::default(),
            cached: Family::default(),
        }
    }
}

impl Meters {
    /// Tells them with these metrics. What can be known of the labels is there from the start, at 0: a rate over the first
    /// failure needs it.
    pub(crate) fn register(&self, metrics: &Metrics, sources: &[&'static str]) {
        for queue in ["screen", "lookup", "task"] {
            for stage in Stage::ALL {
                self.of_stage(queue, stage);
            }
        }
        for source in sources {
            let source = || ("source", Cow::Borrowed(*source));
            drop(self.calls.get_or_create(&[source()]));
            drop(self.cached.get_or_create(&[source()]));
            for outcome in Outcome::ALL {
                drop(self.ended.get_or_create(&[source(), ("outcome", Cow::Borrowed(outcome.as_str()))]));
            }
        }
        metrics.register(
            "aggregator_worker_stage_duration_seconds",
            "Time of a stage of the work, seconds",
            self.stages.clone(),
        );
        metrics.register(
            "aggregator_worker_call_duration_seconds",
            "Time of a call to a remote source, seconds",
            self.calls.clone(),
        );
        metrics.register(
            "aggregator_worker_calls",
            "Calls to remote sources by how they ended",
            self.ended.clone(),
        );
        metrics.register(
            "aggregator_worker_cache_hits",
            "Times a source was not asked because its answer was there",
            self.cached.clone(),
        );
    }

    /// Notes how long a stage took that began at `since`.
    pub fn stage(&self, queue: QueueName, stage: Stage, since: Instant) {
        // Twins are one: what they do is the same.
        let queue = match queue {
            QueueName::Screen | QueueName::ScreenInteractive => "screen",
            QueueName::Lookup | QueueName::LookupInteractive => "lookup",
            QueueName::Task => "task",
        };
        self.of_stage(queue, stage).observe(since.elapsed().as_secs_f64());
    }

    fn of_stage(&self, queue: &'static str, stage: Stage) -> Histogram {
        let labels = [("queue", Cow::Borrowed(queue)), ("stage", Cow::Borrowed(stage.as_str()))];
        self.stages.get_or_create_owned(&labels)
    }

    /// Notes a call to a source that ended so.
    pub fn called(&self, source: &str, outcome: Outcome, took: Duration) {
        let source = || ("source", Cow::Owned(source.to_owned()));
        self.calls.get_or_create(&[source()]).observe(took.as_secs_f64());
        self.ended.get_or_create(&[source(), ("outcome", Cow::Borrowed(outcome.as_str()))]).inc();
    }

    /// Notes answers of a source that were there already.
    pub fn answered_from_cache(&self, source: &str, answers: usize) {
        let source = Cow::Owned(source.to_owned());
        self.cached.get_or_create(&[("source", source)]).inc_by(u64::try_from(answers).unwrap_or_default());
    }
}
