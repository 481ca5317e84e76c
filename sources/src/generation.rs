//! One generation of a feed: an immutable, content-addressed artifact of sorted structures.
//!
//! [`GenerationBuilder`] writes it with bounded memory, [`Generation`] opens it (mapped or from bytes) and checks
//! everything first, [`delta`] walks two of them side by side. The format is described in [`mod@format`].

mod builder;
mod delta;
mod entry;
pub mod format;
mod open;
mod record;
mod runs;

pub use builder::{BuildError, Built, GenerationBuilder, Staged};
pub use delta::{Change, Delta, delta};
pub use entry::Entry;
pub use format::GenerationId;
pub use open::{Generation, OpenError};
