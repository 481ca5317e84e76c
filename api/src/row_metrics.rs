//! Metrics that are read from rows when somebody asks: queues, sources, feeds and workers of the whole installation.
//!
//! Every API process tells the same of them; a query takes the maximum over its instances.

use std::borrow::Cow;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use aggregator_entities::StoreError;
use aggregator_entities::clock::SECOND;
use aggregator_entities::repositories::queues::{Depth, Figures, SourceFigures, SourceHold};
use aggregator_entities::repositories::{feeds, workers};
use aggregator_platform::metrics::Labels;
use futures::future::join_all;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Metric, Registry};

use crate::State;
use crate::handlers::queues::window;

/// How long rows may take: Prometheus waits for ten seconds unless it is told otherwise.
const ROWS_TIMEOUT: Duration = Duration::from_secs(8);

/// Reads all of it. Where the rows or Redis do not answer, what they would have told is missing, and
/// `aggregator_database_up` is 0.
pub(crate) async fn read(state: &State) -> Registry {
    let mut registry = Registry::default();
    let up: Gauge = Gauge::default();
    match tokio::time::timeout(ROWS_TIMEOUT, add_rows(&mut registry, state)).await {
        Ok(Ok(())) => {
            up.set(1);
        }
        Ok(Err(error)) => tracing::warn!(%error, "the rows do not answer; their metrics are missing"),
        Err(_elapsed) => tracing::warn!("the rows do not answer in time; their metrics are missing"),
    }
    registry.register("aggregator_database_up", "1 when the rows answered within eight seconds", up);
    registry
}

async fn add_rows(registry: &mut Registry, state: &State) -> Result<(), StoreError> {
    let figures = state.figures().await?;
    let alive = workers::alive(state.database(), workers::FRESH).await?;
    let feeds = feeds::list(state.database()).await?;
    add_queues(registry, &figures);
    add_windows(registry, state, &figures).await;
    add_sources(registry, &figures);
    add_feeds(registry, &feeds, figures.at);
    let workers: Gauge = Gauge::default();
    workers.set(i64::try_from(alive.len()).unwrap_or(i64::MAX));
    registry.register(
        "aggregator_workers_alive",
        "Workers that said within 20 seconds that they live",
        workers,
    );
    Ok(())
}

/// A gauge with labels.
struct Gauges<const N: usize>(Family<Labels<N>, Gauge<f64, AtomicU64>>);

impl<const N: usize> Gauges<N> {
    fn new() -> Self {
        Self(Family::default())
    }

    fn set(&self, labels: [(&'static str, &str); N], value: i64) {
        let labels = labels.map(|(name, value)| (name, Cow::Owned(value.to_owned())));
        // Counts and seconds are far below what a float holds exactly.
        #[expect(clippy::cast_precision_loss, reason = "a metric is a float")]
        self.0.get_or_create(&labels).set(value as f64);
    }

    fn register(self, registry: &mut Registry, name: &str, help: &str) {
        add(registry, name, help, self.0);
    }
}

fn add(registry: &mut Registry, name: &str, help: &str, metric: impl Metric) {
    registry.register(name, help, metric);
}

fn states(depth: &Depth) -> [(&'static str, i64); 6] {
    [
        ("queued", depth.queued),
        ("offered", depth.offered),
        ("running", depth.running),
        ("parked", depth.parked),
        ("waiting", depth.waiting),
        ("dead", depth.dead),
    ]
}

fn age(depth: &Depth, at: i64) -> i64 {
    depth.oldest_at.map_or(0, |since| (at - since).max(0) / SECOND)
}

fn add_queues(registry: &mut Registry, figures: &Figures) {
    let (units, ages, done) = (Gauges::new(), Gauges::new(), Gauges::new());
    for (queue, depth) in &figures.queues {
        for (state, count) in states(depth) {
            units.set([("queue", queue), ("state", state)], count);
        }
        ages.set([("queue", queue)], age(depth, figures.at));
        done.set([("queue", queue)], depth.done);
    }
    units.register(registry, "aggregator_queue_units", "Units of work by queue and state");
    ages.register(
        registry,
        "aggregator_queue_oldest_age_seconds",
        "How long the oldest queued unit has waited; 0 when none is queued",
    );
    done.register(registry, "aggregator_queue_done_per_minute", "Units done in the last minute");
}

async fn add_windows(registry: &mut Registry, state: &State, figures: &Figures) {
    let windows =
        join_all(figures.queues.iter().map(|(queue, _)| async { (*queue, window(state, queue).await) }));
    let (waiting, slots) = (Gauges::new(), Gauges::new());
    let count = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    for (queue, window) in windows.await {
        let Some(window) = window else { continue };
        waiting.set([("queue", queue)], count(window.waiting));
        slots.set([("queue", queue)], count(window.slots));
    }
    waiting.register(
        registry,
        "aggregator_queue_window_waiting",
        "Ids in Redis, or in the process, that no worker has taken yet",
    );
    slots.register(registry, "aggregator_queue_slots", "Slots of the workers that listen to the queue");
}

fn add_sources(registry: &mut Registry, figures: &Figures) {
    let (lookups, ages, done, holds) = (Gauges::new(), Gauges::new(), Gauges::new(), Gauges::new());
    let (failures, calls, allowed) = (Gauges::new(), Gauges::new(), Gauges::new());
    for SourceFigures { slug, depth, hold, failures: failed, limits, .. } in &figures.sources {
        for (state, count) in states(depth) {
            lookups.set([("source", slug), ("state", state)], count);
        }
        ages.set([("source", slug)], age(depth, figures.at));
        done.set([("source", slug)], depth.done);
        for reason in ["disabled", "paused", "broken", "blocked", "limited"] {
            let holds_now = hold.is_some_and(|hold| reason_of(hold) == reason);
            holds.set([("source", slug), ("reason", reason)], i64::from(holds_now));
        }
        failures.set([("source", slug)], i64::from(*failed));
        for limit in limits {
            let window = format!("{}s", limit.window_micros / SECOND);
            calls.set([("source", slug), ("window", &window)], limit.calls);
            allowed.set([("source", slug), ("window", &window)], limit.allowed);
        }
    }
    lookups.register(registry, "aggregator_source_lookups", "Lookups by source and state");
    ages.register(
        registry,
        "aggregator_source_oldest_age_seconds",
        "How long the oldest queued lookup of the source has waited; 0 when none is queued",
    );
    done.register(
        registry,
        "aggregator_source_done_per_minute",
        "Lookups of the source done in the last minute",
    );
    holds.register(registry, "aggregator_source_held", "1 for what keeps the source from being asked now");
    failures.register(
        registry,
        "aggregator_source_failures",
        "Failures of the source that no answer has made up for",
    );
    calls.register(
        registry,
        "aggregator_source_quota_calls",
        "Calls a limit of the source allows in its window",
    );
    allowed.register(
        registry,
        "aggregator_source_quota_left",
        "Calls a limit of the source allows at this moment",
    );
}

const fn reason_of(hold: SourceHold) -> &'static str {
    match hold {
        SourceHold::Disabled => "disabled",
        SourceHold::Paused => "paused",
        SourceHold::Broken(_) => "broken",
        SourceHold::Blocked(_) => "blocked",
        SourceHold::Limited(_) => "limited",
    }
}

fn add_feeds(registry: &mut Registry, feeds: &[feeds::Feed], at: i64) {
    let (entries, ages, checked, enabled) = (Gauges::new(), Gauges::new(), Gauges::new(), Gauges::new());
    let (accepted, failing) = (Gauges::new(), Gauges::new());
    for feed in feeds {
        let label = || [("feed", feed.slug.as_str())];
        enabled.set(label(), i64::from(feed.enabled));
        failing.set(label(), i64::from(feed.failing_since.is_some()));
        accepted.set(label(), (at - feed.accepted_at.unwrap_or(feed.created_at)).max(0) / SECOND);
        if let Some(live) = &feed.generation {
            entries.set(label(), live.entries);
            ages.set(label(), (at - live.created_at).max(0) / SECOND);
        }
        if let Some(checked_at) = feed.checked_at {
            checked.set(label(), (at - checked_at).max(0) / SECOND);
        }
    }
    entries.register(registry, "aggregator_feed_entries", "Entries of the feed's live list");
    ages.register(registry, "aggregator_feed_age_seconds", "How long the feed's list has been live");
    checked.register(
        registry,
        "aggregator_feed_checked_age_seconds",
        "Time since the feed was last asked for, whatever the answer",
    );
    accepted.register(
        registry,
        "aggregator_feed_accepted_age_seconds",
        "Time since an answer was last taken; since the feed was made known while none was",
    );
    failing.register(
        registry,
        "aggregator_feed_failing",
        "1 when the last answer was refused, or none came: the list grows old",
    );
    enabled.register(registry, "aggregator_feed_enabled", "1 when the feed is matched");
}
