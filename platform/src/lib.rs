//! Boot kit: what no binary starts without. Typed settings, telemetry, metrics, shutdown.
//!
//! The only crate that reads the environment (clippy.toml keeps the others from it).

pub mod metrics;
pub mod settings;
pub mod shutdown;
pub mod telemetry;
pub mod trace;

pub use metrics::Metrics;
pub use settings::{Environment, LiveSettings, Settings, SettingsError};
pub use shutdown::Shutdown;
pub use trace::TraceParent;
