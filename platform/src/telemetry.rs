//! What the process tells about itself: log lines on stderr, errors to Sentry when a DSN is set, traces to a collector when one
//! is named.

mod otlp;

use std::io::IsTerminal;

use opentelemetry_sdk::trace::SdkTracer;
use sentry::integrations::tracing::ErrorLayer;
use tracing::{Level, Metadata};
use tracing_opentelemetry::OpenTelemetryLayer;
use tracing_subscriber::filter::{FilterExt, LevelFilter, dynamic_filter_fn, filter_fn};
use tracing_subscriber::layer::{Filter, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt, reload};

use crate::settings::LogFormat;
use crate::{LiveSettings, Settings, trace};
use otlp::Otlp;
pub use otlp::OtlpError;

/// Why telemetry could not start.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// Another subscriber is already in place.
    #[error("telemetry was started twice in this process")]
    AlreadyStarted(#[from] tracing_subscriber::util::TryInitError),
    /// The filter was refused, although the settings accepted it.
    #[error("telemetry.filter is not understood: {0}")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// Traces are configured, and cannot be sent.
    #[error(transparent)]
    Otlp(#[from] OtlpError),
}

/// Keeps telemetry alive; dropping it sends what the collector (at most three seconds) and Sentry (two) were not sent yet.
#[must_use = "dropping it ends the reports to Sentry and the traces"]
pub struct Telemetry {
    traces: Option<Otlp>,
    sentry: Option<sentry::ClientInitGuard>,
    filter: reload::Handle<EnvFilter, Registry>,
}

impl Telemetry {
    /// True when errors are reported to Sentry.
    pub fn reports_errors(&self) -> bool {
        self.sentry.as_ref().is_some_and(sentry::ClientInitGuard::is_enabled)
    }

    /// Writes what the settings in force ask for, for ever.
    pub fn follow(&self, settings: &LiveSettings) -> impl Future<Output = ()> + Send + use<> {
        let (filter, settings) = (self.filter.clone(), settings.clone());
        async move {
            let mut changes = settings.subscribe();
            // What the process began with is in force already.
            let mut known = Some(settings.settings().telemetry.filter.clone());
            loop {
                let wanted = changes.borrow_and_update().settings.telemetry.filter.clone();
                if known.as_ref() != Some(&wanted) {
                    // `LogFilter` is the proof that the text parses; the handle lives as long as the process.
                    let _ = EnvFilter::try_new(wanted.as_str()).map(|wanted| filter.reload(wanted));
                    tracing::info!(filter = wanted.as_str(), "the log follows another filter");
                    known = Some(wanted);
                }
                if changes.changed().await.is_err() {
                    return;
                }
            }
        }
    }

    /// True when traces are sent to a collector.
    pub fn traces(&self) -> bool {
        self.traces.is_some()
    }

    /// Sends the spans that ended so far; waits for the collector, at most five seconds.
    pub fn flush(&self) {
        if let Some(traces) = &self.traces {
            traces.flush();
        }
    }
}

/// Starts logging, error reports and traces for the whole process, whose `role` the traces tell: `up`, `api`, `worker` … Call once,
/// first thing.
pub fn start(settings: &Settings, role: &'static str) -> Result<Telemetry, TelemetryError> {
    let (filter, handle) = reload::Layer::new(EnvFilter::try_new(settings.telemetry.filter.as_str())?);
    let sentry = start_sentry(settings);
    let mut layers = vec![lines(settings.telemetry.format).with_filter(filter.and(each_time())).boxed()];
    if sentry.is_some() {
        // The layer alone would report every event, whatever its level.
        let errors = filter_fn(is_reported).with_max_level_hint(LevelFilter::ERROR);
        layers.push(ErrorLayer::new().with_filter(errors).boxed());
    }
    let traces = Otlp::start(settings, role)?;
    if let Some(traces) = &traces {
        layers.push(spans(traces).with_filter(filter_fn(is_exported)).boxed());
    }
    // A list of those that are there: an `Option` that is `None` counts as a layer that wants everything.
    tracing_subscriber::registry().with(layers).try_init()?;
    Ok(Telemetry { traces, sentry, filter: handle })
}

/// Has a filter asked about every line it lets pass, as if the answer might change. Otherwise a line that is known to pass finds what
/// the thread was told about the one before: sqlx asks whether it should write, is told no, and the next line is lost.
fn each_time() -> impl Filter<Registry> + Send + Sync {
    dynamic_filter_fn(|_, _| true).with_max_level_hint(LevelFilter::TRACE)
}

fn spans(traces: &Otlp) -> OpenTelemetryLayer<Registry, SdkTracer> {
    tracing_opentelemetry::layer()
        .with_tracer(traces.tracer())
        .with_context_activation(false)
        .with_tracked_inactivity(false)
        .with_location(false)
        .with_threads(false)
        .with_target(false)
        .with_level(false)
}

/// True for the spans of traces; log lines stay log lines.
fn is_exported(of: &Metadata<'_>) -> bool {
    of.is_span() && of.target() == trace::TARGET
}

/// True for errors somebody has to act on. To `actix_http` a client that speaks no HTTP is one, too.
fn is_reported(of: &Metadata<'_>) -> bool {
    *of.level() == Level::ERROR && !of.target().starts_with("actix_http")
}

fn lines(format: LogFormat) -> Box<dyn Layer<Registry> + Send + Sync> {
    match format {
        LogFormat::Text => {
            let lines = fmt::layer().with_writer(std::io::stderr).with_target(true);
            // Left alone it colours whatever it writes to, unless NO_COLOR is set.
            if std::io::stderr().is_terminal() { lines.boxed() } else { lines.with_ansi(false).boxed() }
        }
        LogFormat::Json => {
            fmt::layer().json().flatten_event(true).with_span_list(false).with_writer(std::io::stderr).boxed()
        }
    }
}

fn start_sentry(settings: &Settings) -> Option<sentry::ClientInitGuard> {
    // `SentryDsn` is the proof that the text parses, which `ClientOptions::dsn` asks for.
    let dsn = settings.sentry.dsn.as_ref()?;
    let mut options = sentry::ClientOptions::new()
        .dsn(dsn.expose())
        .release(concat!("aggregator@", env!("CARGO_PKG_VERSION")))
        .environment(settings.sentry.environment.clone())
        .send_default_pii(false);
    if let Some(proxy) = &settings.egress.proxy {
        options = options.http_proxy(proxy.expose().to_owned()).https_proxy(proxy.expose().to_owned());
    }
    Some(sentry::init(options))
}

#[cfg(test)]
mod tests {
    use super::start_sentry;
    use crate::{Environment, Settings};

    #[test]
    fn nothing_is_reported_without_a_dsn() {
        assert!(start_sentry(&Settings::load(&Environment::empty()).unwrap()).is_none());
    }
}
