//! What every request gets: an id, a span of its trace, a log line, the headers that keep a browser careful, and an answer even when a
//! handler panics.

use std::panic::AssertUnwindSafe;
use std::time::Instant;

use actix_web::Error;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web::Data;
use aggregator_platform::{TraceParent, trace};
use futures::FutureExt;
use tracing::field::Empty;
use tracing::{Instrument, Span};
use uuid::Uuid;

use crate::State;
use crate::failure::Failure;

/// The response header with the request's id.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The request header that names the caller's span, and the response header that names ours (W3C Trace Context, levels 1 and 2).
const TRACE_PARENT: HeaderName = HeaderName::from_static("traceparent");
const TRACE_RESPONSE: HeaderName = HeaderName::from_static("traceresponse");

/// Headers of every response; a handler that needs another value sets its own first.
const HEADERS: [(HeaderName, HeaderValue); 8] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ),
    ),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ),
];

/// The outermost middleware.
pub(crate) async fn wrap(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let started = Instant::now();
    let id = Uuid::now_v7().to_string();
    let method = request.method().clone();
    if method == Method::HEAD {
        // Routed as GET; the codec remembers that the client wants no body.
        request.head_mut().method = Method::GET;
    }
    let meters = request.app_data::<Data<State>>().map(|state| state.meters().clone());
    let span = tracing::info_span!("request", request.id = %id, trace_id = Empty, span_id = Empty);
    let traced = traced(&request, &method);
    trace::note(&traced, &span);
    // The traced span is the inner one: handlers ask it where their work goes on.
    let handled = AssertUnwindSafe(next.call(request)).catch_unwind().instrument(traced.clone());
    let answered = handled.instrument(span.clone()).await;
    let _entered = span.enter();
    let result = match answered {
        Ok(result) => result.map(ServiceResponse::map_into_boxed_body),
        Err(_panic) => Err(Failure::internal("a handler panicked; the panic hook told where").into()),
    };
    finish(result, (&id, trace::of(&traced)), |status, route| {
        trace::answered(&traced, method.as_str(), route, status.as_u16());
        let took = started.elapsed();
        let duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        if let Some(meters) = &meters {
            meters.answered(&method, route, status, took);
        }
        // The route's pattern and never the path or the query: those hold what somebody is interested in.
        tracing::info!(%method, route, status = status.as_u16(), duration_ms, "answered");
    })
}

/// The span of a request to the API. Probes and files of the page are nobody's trace.
fn traced(request: &ServiceRequest, method: &Method) -> Span {
    if !request.path().starts_with("/api/") {
        return Span::none();
    }
    let caller = request.headers().get(TRACE_PARENT).and_then(|value| value.to_str().ok());
    trace::request(method.as_str(), caller.and_then(|text| text.parse().ok()))
}

fn finish(
    result: Result<ServiceResponse<BoxBody>, Error>,
    ids: (&str, Option<TraceParent>),
    log: impl FnOnce(StatusCode, &str),
) -> Result<ServiceResponse<BoxBody>, Error> {
    match result {
        Ok(mut response) => {
            complete(response.headers_mut(), ids);
            let route = response.request().match_pattern();
            log(response.status(), route.as_deref().unwrap_or("unmatched"));
            Ok(response)
        }
        // No request is left to answer with: the server writes the response inside the error.
        Err(error) => {
            let mut response = error.error_response();
            complete(response.headers_mut(), ids);
            log(response.status(), "unfinished");
            Err(InternalError::from_response(error, response).into())
        }
    }
}

fn complete(headers: &mut HeaderMap, (id, trace): (&str, Option<TraceParent>)) {
    for (name, value) in HEADERS {
        if !headers.contains_key(&name) {
            headers.insert(name, value);
        }
    }
    if let Ok(value) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, value);
    }
    if let Some(value) = trace.and_then(|own| HeaderValue::from_str(&own.to_string()).ok()) {
        headers.insert(TRACE_RESPONSE, value);
    }
}
