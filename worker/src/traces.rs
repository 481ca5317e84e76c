//! Work within the traces of the requests that led to it. Nothing here happens where no trace is sent.

use std::collections::BTreeMap;

use aggregator_entities::repositories::traces;
use aggregator_platform::{TraceParent, trace};
use aggregator_queue::{Envelope, QueueName};
use tracing::Span;

use crate::context::Context;

/// Ids on their way into a queue; the spans of their push end with it.
pub(crate) struct Push {
    pub(crate) envelopes: Vec<Envelope>,
    _spans: Vec<Span>,
}

/// Envelopes of these ids. A push serves many submissions: each traced one has a span of it, and its ids say which.
pub(crate) async fn push(context: &Context, queue: QueueName, ids: &[i64]) -> Push {
    let parents = if context.options.traced { parents(context, queue, ids).await } else { BTreeMap::new() };
    let mut counts: BTreeMap<TraceParent, usize> = BTreeMap::new();
    for parent in parents.values() {
        *counts.entry(*parent).or_default() += 1;
    }
    let spans: BTreeMap<TraceParent, Span> = counts
        .into_iter()
        .map(|(parent, count)| (parent, trace::push(parent, queue.as_str(), count)))
        .collect();
    let trace_of = |id| parents.get(id).and_then(|parent| spans.get(parent)).and_then(trace::of);
    let envelopes = ids.iter().map(|id| Envelope { trace: trace_of(id), ..Envelope::of(*id) }).collect();
    Push { envelopes, _spans: spans.into_values().collect() }
}

/// The spans of the requests that led to these ids. A trace is not worth a delay: where they cannot be read, there are none.
async fn parents(context: &Context, queue: QueueName, ids: &[i64]) -> BTreeMap<i64, TraceParent> {
    let read = match queue {
        QueueName::Screen | QueueName::ScreenInteractive => traces::of_chunks(&context.database, ids).await,
        QueueName::Lookup | QueueName::LookupInteractive => traces::of_lookups(&context.database, ids).await,
        QueueName::Task => return BTreeMap::new(),
    };
    match read {
        Ok(traces) => traces.into_iter().filter_map(|(id, text)| Some((id, text.parse().ok()?))).collect(),
        Err(error) => {
            tracing::debug!(%queue, %error, "the traces of ids could not be read; they are pushed without");
            BTreeMap::new()
        }
    }
}

/// The traced jobs among those that are worked on together.
#[derive(Debug, Default)]
pub(crate) struct Traced(Vec<Span>);

impl Traced {
    /// The job at hand, where it is traced.
    pub(crate) fn job() -> Option<Span> {
        let job = Span::current();
        trace::of(&job).map(|_| job)
    }

    /// Those of a group.
    pub(crate) fn of(jobs: impl Iterator<Item = Span>) -> Self {
        Self(jobs.collect())
    }

    /// A step of them all; it ends when this is dropped.
    #[must_use = "a step ends when it is dropped"]
    pub(crate) fn step(&self, name: &'static str) -> Vec<Span> {
        self.0.iter().map(|job| trace::step_of(job, name)).collect()
    }
}
