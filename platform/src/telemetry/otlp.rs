//! Spans to a collector, as OTLP over gRPC: in a thread and a runtime of their own, so that neither a slow collector nor one
//! that is away is felt by anything else.

mod quiet;
mod sampler;

use std::io;
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithExportConfig, WithTonicConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{BatchConfigBuilder, BatchSpanProcessor, SdkTracer, SdkTracerProvider};
use tokio::runtime::{Builder, Runtime};
use tonic::transport::{ClientTlsConfig, Endpoint};

use crate::Settings;
use quiet::Quiet;
use sampler::Sampler;

/// How long the collector may take for a batch.
const ANSWER: Duration = Duration::from_secs(3);

/// How long the connection may take.
const CONNECT: Duration = Duration::from_secs(2);

/// How long the last batches may take when the process stops.
const LAST: Duration = Duration::from_secs(3);

/// Spans that wait for the next batch; beyond them spans are lost, and nobody waits.
const WAITING: usize = 8_192;

/// Spans in a batch.
const BATCH: usize = 512;

/// The pause between batches.
const PAUSE: Duration = Duration::from_secs(2);

/// Why no spans can be sent.
#[derive(Debug, thiserror::Error)]
pub enum OtlpError {
    /// The collector's address does not work.
    #[error("telemetry.otlp_endpoint cannot be used: {0}")]
    Endpoint(#[from] tonic::transport::Error),
    /// The exporter was refused: most likely an `OTEL_…` variable.
    #[error("the exporter of traces cannot be set up; check the variables that begin with OTEL_: {0}")]
    Exporter(#[from] ExporterBuildError),
    /// The system gives no thread.
    #[error("the thread of the exporter of traces cannot start: {0}")]
    Thread(#[from] io::Error),
}

/// The way of spans to the collector.
#[derive(Debug)]
pub(super) struct Otlp {
    provider: SdkTracerProvider,
    /// `None` while it is dropped.
    runtime: Option<Runtime>,
}

impl Otlp {
    /// Prepares the way; `None` where no collector is configured. Nothing is connected yet.
    pub(super) fn start(settings: &Settings, role: &'static str) -> Result<Option<Self>, OtlpError> {
        let Some(endpoint) = &settings.telemetry.otlp_endpoint else { return Ok(None) };
        let runtime =
            Builder::new_multi_thread().worker_threads(1).thread_name("otlp").enable_all().build()?;
        let exporter = {
            let _within = runtime.enter();
            let endpoint = Endpoint::from_shared(endpoint.expose().to_owned())?;
            let endpoint = match endpoint.uri().scheme_str() {
                Some("https") => endpoint.tls_config(ClientTlsConfig::new().with_native_roots())?,
                _ => endpoint,
            };
            let channel = endpoint.connect_timeout(CONNECT).timeout(ANSWER).connect_lazy();
            SpanExporter::builder().with_tonic().with_channel(channel).with_timeout(ANSWER).build()?
        };
        let config = BatchConfigBuilder::default()
            .with_max_queue_size(WAITING)
            .with_max_export_batch_size(BATCH)
            .with_scheduled_delay(PAUSE)
            .build();
        let processor = BatchSpanProcessor::builder(Quiet::new(exporter)).with_batch_config(config).build();
        let provider = SdkTracerProvider::builder()
            .with_span_processor(processor)
            .with_sampler(Sampler::new(settings.telemetry.sample_ratio.value()))
            .with_resource(resource(settings, role))
            .build();
        Ok(Some(Self { provider, runtime: Some(runtime) }))
    }

    pub(super) fn tracer(&self) -> SdkTracer {
        self.provider.tracer("aggregator")
    }

    /// Sends what waits, at most five seconds.
    pub(super) fn flush(&self) {
        if let Err(error) = self.provider.force_flush() {
            tracing::debug!(%error, "not all spans were sent");
        }
    }
}

impl Drop for Otlp {
    fn drop(&mut self) {
        if let Err(error) = self.provider.shutdown_with_timeout(LAST) {
            tracing::debug!(%error, "the last spans were not sent");
        }
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn resource(settings: &Settings, role: &'static str) -> Resource {
    Resource::builder_empty()
        .with_service_name(settings.telemetry.service_name.clone())
        .with_attributes([
            KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
            KeyValue::new("aggregator.role", role),
            KeyValue::new("process.pid", i64::from(std::process::id())),
            KeyValue::new("deployment.environment.name", settings.sentry.environment.clone()),
        ])
        .build()
}
