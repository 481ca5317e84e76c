//! What every long-running subcommand does first: settings, telemetry, a runtime, signals.

use std::process::ExitCode;

use aggregator_platform::{Environment, LiveSettings, Settings, Shutdown, telemetry};
use anyhow::Context;

/// Runs a service until it ends by itself or by SIGTERM or SIGINT. Its traces carry the `role`.
pub(crate) fn run(
    role: &'static str,
    service: impl AsyncFnOnce(LiveSettings, Shutdown) -> anyhow::Result<()>,
) -> anyhow::Result<ExitCode> {
    let settings = Settings::load(&Environment::process())?;
    let telemetry = telemetry::start(&settings, role)?;
    let settings = LiveSettings::from(settings);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the asynchronous runtime cannot start")?;
    runtime.block_on(async {
        tokio::spawn(telemetry.follow(&settings));
        let shutdown = Shutdown::on_signals().context("signals cannot be watched")?;
        service(settings, shutdown).await
    })?;
    Ok(ExitCode::SUCCESS)
}
