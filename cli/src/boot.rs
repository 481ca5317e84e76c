//! What every long-running subcommand does first: settings, telemetry, a runtime, signals.

use std::process::ExitCode;

use aggregator_platform::{Environment, Settings, Shutdown, telemetry};
use anyhow::Context;

/// Runs a service until it ends by itself or by SIGTERM or SIGINT.
pub(crate) fn run(
    service: impl AsyncFnOnce(Settings, Shutdown) -> anyhow::Result<()>,
) -> anyhow::Result<ExitCode> {
    let settings = Settings::load(&Environment::process())?;
    let _telemetry = telemetry::start(&settings)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the asynchronous runtime cannot start")?;
    runtime.block_on(async {
        let shutdown = Shutdown::on_signals().context("signals cannot be watched")?;
        service(settings, shutdown).await
    })?;
    Ok(ExitCode::SUCCESS)
}
