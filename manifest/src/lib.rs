//! Sources as data: what a person writes down, read and checked. Pure: no files, no network, no rows, so that the API says what
//! is wrong with a definition before anything is stored, and workers do what it says.
//!
//! A [`FeedDefinition`] says where a list is, how it reads and what being listed means; [`presets()`] are those that ship with
//! the product, one file each in `presets/`.

pub mod definition;
pub mod format;
pub mod presets;

pub use definition::{DefinitionError, FeedDefinition, FeedRole, OpinionRule, ScoreStep};
pub use format::Format;
pub use presets::{Preset, presets};
