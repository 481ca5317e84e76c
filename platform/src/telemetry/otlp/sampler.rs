//! Which traces are kept.

use opentelemetry::trace::{Link, SpanContext, SpanKind, TraceContextExt, TraceState};
use opentelemetry::{Context, KeyValue, TraceId};
use opentelemetry_sdk::trace::{Sampler as Standard, SamplingDecision, SamplingResult, ShouldSample};

/// What belongs to a trace is kept as that is; a request that belongs to none is kept by the ratio. Nothing else begins a trace:
/// work that no traced request led to makes no spans.
#[derive(Debug, Clone)]
pub(super) struct Sampler {
    roots: Standard,
}

impl Sampler {
    pub(super) fn new(ratio: f64) -> Self {
        Self { roots: Standard::TraceIdRatioBased(ratio) }
    }
}

impl ShouldSample for Sampler {
    fn should_sample(
        &self,
        parent_context: Option<&Context>,
        trace_id: TraceId,
        name: &str,
        span_kind: &SpanKind,
        attributes: &[KeyValue],
        links: &[Link],
    ) -> SamplingResult {
        let parent = parent_context.map(|context| context.span().span_context().clone());
        let parent = parent.filter(SpanContext::is_valid);
        if parent.is_none() && *span_kind == SpanKind::Server {
            return self.roots.should_sample(None, trace_id, name, span_kind, attributes, links);
        }
        let is_kept = parent.is_some_and(|parent| parent.is_sampled());
        SamplingResult {
            decision: if is_kept { SamplingDecision::RecordAndSample } else { SamplingDecision::Drop },
            attributes: Vec::new(),
            trace_state: TraceState::default(),
        }
    }
}
