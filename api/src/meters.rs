//! What this process measures about the requests it answers.

use std::borrow::Cow;
use std::time::Duration;

use actix_web::http::{Method, StatusCode};
use aggregator_platform::metrics::{Labels, Metrics, durations};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;

/// Requests by route, and the clients that listen to events. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Meters {
    requests: Family<Labels<3>, Counter>,
    durations: Family<Labels<2>, Histogram>,
    listening: Gauge,
}

impl Meters {
    /// Meters that are told with these metrics.
    pub(crate) fn new(metrics: &Metrics) -> Self {
        let meters = Self {
            requests: Family::default(),
            durations: Family::new_with_constructor(durations),
            listening: Gauge::default(),
        };
        metrics.register(
            "aggregator_http_requests",
            "Requests answered, by the route's template",
            meters.requests.clone(),
        );
        metrics.register(
            "aggregator_http_request_duration_seconds",
            "Time until the head of the answer, seconds",
            meters.durations.clone(),
        );
        metrics.register(
            "aggregator_sse_clients",
            "Clients that follow a submission's events now",
            meters.listening.clone(),
        );
        meters
    }

    /// Counts an answer. `route` is a template and never a path.
    pub(crate) fn answered(&self, method: &Method, route: &str, status: StatusCode, took: Duration) {
        let route: Cow<'static, str> = Cow::Owned(route.to_owned());
        let method = Cow::Borrowed(known(method));
        let status = Cow::Owned(status.as_u16().to_string());
        let labels = [("route", route.clone()), ("method", method.clone()), ("status", status)];
        self.requests.get_or_create(&labels).inc();
        self.durations.get_or_create(&[("route", route), ("method", method)]).observe(took.as_secs_f64());
    }

    /// Counts a client that listens, until the guard is dropped.
    pub(crate) fn listens(&self) -> Listening {
        self.listening.inc();
        Listening(self.listening.clone())
    }
}

/// A client may send any word as its method: others than these are one.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// A client that listens.
pub(crate) struct Listening(Gauge);

impl Drop for Listening {
    fn drop(&mut self) {
        self.0.dec();
    }
}
