//! Traces: from a request over the queue to the calls it leads to, in the words of [W3C Trace Context].
//!
//! Every exported span is made here (and one in `egress`), with [`TARGET`] and the level TRACE: without an exporter nothing is
//! enabled for them, and a span costs a load and a comparison. Names, hosts and numbers go into spans; no indicator, path or user.
//!
//! [W3C Trace Context]: https://www.w3.org/TR/trace-context/

mod parent;

use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, TraceContextExt, TraceState};
use opentelemetry::{SpanId, TraceFlags, TraceId};
use tracing::field::{Empty, display};
use tracing::{Span, trace_span};
use tracing_opentelemetry::OpenTelemetrySpanExt;

pub use parent::{NotATraceParent, TraceParent};

/// The target of all spans that are exported.
pub const TARGET: &str = "aggregator_trace";

/// A request to the API, child of its caller's span where that says so. Its name comes with [`answered`].
pub fn request(method: &str, caller: Option<TraceParent>) -> Span {
    let span = trace_span!(
        target: TARGET, "request", otel.kind = "server", otel.name = method, otel.status_code = Empty,
        http.request.method = method, http.route = Empty, http.response.status_code = Empty,
    );
    if let Some(caller) = caller {
        adopt(&span, caller);
    }
    span
}

/// Completes the span of a request: its route's template, and its status.
pub fn answered(span: &Span, method: &str, route: &str, status: u16) {
    if span.is_disabled() {
        return;
    }
    // A field cannot rename a span that has begun.
    span.context().span().update_name(format!("{method} {route}"));
    span.record("http.route", route);
    span.record("http.response.status_code", i64::from(status));
    if status >= 500 {
        span.record("otel.status_code", "ERROR");
    }
}

/// The push of so many ids of one submission.
pub fn push(parent: TraceParent, queue: &str, count: usize) -> Span {
    let span = trace_span!(
        target: TARGET, "push", otel.kind = "producer", otel.name = %format_args!("push {queue}"),
        messaging.destination.name = queue, messaging.batch.message_count = count,
    );
    adopt(&span, parent);
    span
}

/// A job taken from a queue, child of its push.
pub fn job(parent: TraceParent, queue: &str) -> Span {
    let span = trace_span!(
        target: TARGET, "job", otel.kind = "consumer", otel.name = %format_args!("job {queue}"),
        otel.status_code = Empty, messaging.destination.name = queue,
    );
    adopt(&span, parent);
    span
}

/// A step of the job at hand: `claim`, `write`.
pub fn step(name: &'static str) -> Span {
    trace_span!(target: TARGET, "step", otel.name = name)
}

/// A step of this job, done together with others.
pub fn step_of(job: &Span, name: &'static str) -> Span {
    trace_span!(target: TARGET, parent: job, "step", otel.name = name)
}

/// A source asked within the job at hand; its outcome comes with [`told`].
pub fn call(source: &str) -> Span {
    trace_span!(target: TARGET, "call", source, outcome = Empty)
}

/// Completes the span of a call.
pub fn told(call: &Span, outcome: &str) {
    call.record("outcome", outcome);
}

/// Marks a span as failed.
pub fn failed(span: &Span) {
    span.record("otel.status_code", "ERROR");
}

/// Where work begun within this span goes on; `None` where it is not sampled.
pub fn of(span: &Span) -> Option<TraceParent> {
    if span.is_disabled() {
        return None;
    }
    let context = span.context();
    let own = context.span().span_context().clone();
    (own.is_valid() && own.is_sampled()).then(|| TraceParent {
        trace: u128::from_be_bytes(own.trace_id().to_bytes()),
        span: u64::from_be_bytes(own.span_id().to_bytes()),
        sampled: true,
    })
}

/// [`of`] the innermost span.
pub fn current() -> Option<TraceParent> {
    of(&Span::current())
}

/// Writes `trace_id` and `span_id` into the log lines of a span that has these fields.
pub fn note(traced: &Span, lines: &Span) {
    if let Some(own) = of(traced) {
        lines.record("trace_id", display(own.trace_id()));
        lines.record("span_id", display(own.span_id()));
    }
}

fn adopt(span: &Span, parent: TraceParent) {
    let flags = if parent.sampled { TraceFlags::SAMPLED } else { TraceFlags::NOT_SAMPLED };
    let (trace, of) = (TraceId::from(parent.trace), SpanId::from(parent.span));
    let remote = SpanContext::new(trace, of, flags, true, TraceState::default());
    // Err: nobody exports.
    drop(span.set_parent(Context::new().with_remote_span_context(remote)));
}
