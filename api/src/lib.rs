//! The HTTP surface: routes, handlers, problem mapping.
//!
//! [`server::serve`] builds the whole of it from a [`State`] and a listener; production and tests run the same line. A
//! handler parses, asks a repository, and answers a DTO of `aggregator-openapi` or a [`failure::Failure`]; no query and
//! no outbound call is written here (the crate lists neither SeaORM nor an HTTP client).

pub mod document;
mod envelope;
pub mod failure;
mod fallback;
mod figures;
mod gate;
mod handlers;
mod input;
pub mod intake;
mod kinds;
mod live;
mod meters;
mod pressure;
pub mod readiness;
mod routes;
mod row_metrics;
pub mod server;
mod settings;
mod site;
pub mod state;

pub use readiness::Check;
pub use server::{bind, serve};
pub use state::State;
