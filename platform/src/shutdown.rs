//! Stopping: one token that every loop of the process watches.

use std::io;

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// The wish to stop. Cheap to clone; every clone is the same wish.
#[derive(Debug, Clone, Default)]
pub struct Shutdown(CancellationToken);

impl Shutdown {
    /// A wish nobody has yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A wish that SIGTERM or SIGINT (Ctrl-C) expresses. A second signal ends the process at once, with the exit code
    /// shells give for it (128 + number), for an operator who will not wait for the drain.
    ///
    /// Needs a running tokio runtime; the error is the system's refusal to install a handler.
    pub fn on_signals() -> io::Result<Self> {
        let shutdown = Self::new();
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let wish = shutdown.clone();
        tokio::spawn(async move {
            loop {
                let (name, number) = tokio::select! {
                    _ = terminate.recv() => ("SIGTERM", 15),
                    _ = interrupt.recv() => ("SIGINT", 2),
                };
                if wish.is_requested() {
                    tracing::warn!(signal = name, "second signal: stopping at once");
                    std::process::exit(128 + number);
                }
                tracing::info!(
                    signal = name,
                    "stopping: finishing what is under way; signal again to stop at once"
                );
                wish.request();
            }
        });
        Ok(shutdown)
    }

    /// Expresses the wish; again changes nothing.
    pub fn request(&self) {
        self.0.cancel();
    }

    /// True once somebody wished.
    pub fn is_requested(&self) -> bool {
        self.0.is_cancelled()
    }

    /// Returns once somebody wished; at once when they already did. Safe to drop and call again.
    pub async fn requested(&self) {
        self.0.cancelled().await;
    }
}
