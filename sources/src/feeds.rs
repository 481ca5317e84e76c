//! Feeds: their lists fetched, doubted and read as their definitions (`aggregator-manifest`) say.

pub mod entry;
pub mod hygiene;
pub mod parse;
pub mod refresh;
pub mod report;

pub use aggregator_domain::reading::{self, Reading};
pub use aggregator_manifest::{
    DefinitionError, FeedDefinition, FeedRole, OpinionRule, Preset, ScoreStep, definition, format, presets,
};
pub use entry::{EntryMode, Facts, FeedEntry, Pattern};
pub use hygiene::FeedRejection;
pub use parse::{ParseError, ParsedFeed, parse_feed, parse_feed_with};
pub use report::{ParseReport, RejectedRow, RowReject};
