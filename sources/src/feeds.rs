//! Feeds: what they are, how they read, which ship with the product.

pub mod definition;
pub mod entry;
pub mod format;
pub mod hygiene;
pub mod parse;
pub mod presets;
pub mod refresh;
pub mod report;

pub use aggregator_domain::reading::{self, Reading};
pub use definition::{DefinitionError, FeedDefinition, FeedRole, OpinionRule, ScoreStep};
pub use entry::{EntryMode, Facts, FeedEntry, Pattern};
pub use hygiene::FeedRejection;
pub use parse::{ParseError, ParsedFeed, parse_feed};
pub use presets::{Preset, presets};
pub use report::{ParseReport, RejectedRow, RowReject};
