//! What the process tells about itself: log lines on stderr, and errors to Sentry when a DSN is set.

use std::io::IsTerminal;

use sentry::integrations::tracing::ErrorLayer;
use tracing::{Level, Metadata};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt};

use crate::Settings;
use crate::settings::LogFormat;

/// Why telemetry could not start.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// Another subscriber is already in place.
    #[error("telemetry was started twice in this process")]
    AlreadyStarted(#[from] tracing_subscriber::util::TryInitError),
    /// The filter was refused, although the settings accepted it.
    #[error("telemetry.filter is not understood: {0}")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
}

/// Keeps telemetry alive; dropping it sends what Sentry still holds (at most two seconds).
#[must_use = "dropping it ends the reports to Sentry"]
pub struct Telemetry {
    sentry: Option<sentry::ClientInitGuard>,
}

impl Telemetry {
    /// True when errors are reported to Sentry.
    pub fn reports_errors(&self) -> bool {
        self.sentry.as_ref().is_some_and(sentry::ClientInitGuard::is_enabled)
    }
}

/// Starts logging and error reports for the whole process. Call once, first thing.
pub fn start(settings: &Settings) -> Result<Telemetry, TelemetryError> {
    let filter = EnvFilter::try_new(settings.telemetry.filter.as_str())?;
    let sentry = start_sentry(settings);
    let lines = lines(settings.telemetry.format).with_filter(filter);
    // The layer alone would report every event, whatever its level.
    let reports = sentry.is_some().then(|| ErrorLayer::new().with_filter(filter_fn(is_reported)));
    tracing_subscriber::registry().with(lines).with(reports).try_init()?;
    Ok(Telemetry { sentry })
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
