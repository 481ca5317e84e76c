//! One entry of a feed: what it matches, what it says, what else is known.

use aggregator_domain::Opinion;
pub use aggregator_domain::{EntryMode, Pattern};

/// What a feed says beside the value: a compact JSON object, or nothing.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, PartialOrd, Ord)]
pub struct Facts(Box<str>);

impl Facts {
    /// The longest object kept, bytes.
    pub const MAX_BYTES: usize = 4_096;
    /// The longest text kept in one fact, bytes; longer ones are cut and end in `…`.
    pub const MAX_TEXT_BYTES: usize = 512;

    /// The facts of an object; nothing when it is empty or longer than [`Self::MAX_BYTES`].
    pub fn from_object(object: &serde_json::Map<String, serde_json::Value>) -> Self {
        if object.is_empty() {
            return Self::default();
        }
        match serde_json::to_string(object) {
            Ok(text) if text.len() <= Self::MAX_BYTES => Self(text.into_boxed_str()),
            _ => Self::default(),
        }
    }

    /// The object as JSON text; empty when nothing is known.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One entry of a feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedEntry {
    /// What it matches.
    pub pattern: Pattern,
    /// What being listed says.
    pub opinion: Opinion,
    /// What the feed tells beside it.
    pub facts: Facts,
}
