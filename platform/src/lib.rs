//! Boot kit: what no binary starts without. Typed settings, telemetry, metrics, shutdown.
//!
//! The only crate that reads the environment (clippy.toml keeps the others from it).

pub mod metrics;
pub mod settings;
pub mod shutdown;
pub mod telemetry;

pub use metrics::Metrics;
pub use settings::{Environment, Settings, SettingsError};
pub use shutdown::Shutdown;
