//! Feeds to be made, and the definitions that ship with the program.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The longest definition of a feed, bytes.
pub const MAX_DEFINITION_BYTES: usize = 65_536;

/// A definition that ships with the program.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"preset": "spamhaus-drop"}))]
pub struct PresetDefinition {
    /// Its slug; `/feed-presets` lists them.
    #[schema(example = "spamhaus-drop")]
    pub preset: String,
}

/// A definition of one's own.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"toml": "slug = \"our-blocklist\"\n…"}))]
pub struct TomlDefinition {
    /// The definition, TOML, at most 65,536 bytes; `docs/SOURCES.md` tells its fields.
    pub toml: String,
}

/// What a new feed is defined by.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(untagged, expecting = "`definition` must hold either `preset` or `toml`, a text")]
pub enum NewDefinition {
    /// One that ships with the program.
    Preset(PresetDefinition),
    /// One of your own.
    Toml(TomlDefinition),
}

/// A feed to be made.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"definition": {"preset": "spamhaus-drop"}, "enabled": true}))]
pub struct CreateFeed {
    /// What it is: the slug of a shipped definition, or one of your own. Its slug is the definition's.
    pub definition: NewDefinition,
    /// False makes it known without downloading or matching it; true when absent.
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub enabled: bool,
    /// Seconds between refreshes, 300–2,678,400 (31 days); `null` or absent: as its definition says.
    #[schema(minimum = 300, maximum = 2_678_400, example = 7200)]
    pub refresh_seconds: Option<i64>,
}

const fn yes() -> bool {
    true
}

/// A definition that ships with the program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!(FeedPreset::example()))]
pub struct FeedPreset {
    /// Slug of the feed it makes.
    pub slug: String,
    /// Its name for people.
    pub name: String,
    /// Slug of its provider.
    pub provider: String,
    /// What it is for: `intel` or `warninglist`.
    #[schema(example = "intel")]
    pub role: String,
    /// Where its list is.
    pub location: String,
    /// What its licence allows.
    pub licence: String,
    /// Seconds between refreshes.
    pub refresh_seconds: u64,
    /// The definition, TOML: where one of your own may begin.
    pub definition: String,
    /// True when there is a feed of this slug.
    pub known: bool,
}

/// All definitions that ship with the program, by slug.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"presets": [FeedPreset::example()]}))]
pub struct FeedPresetList {
    /// The definitions.
    pub presets: Vec<FeedPreset>,
}

impl FeedPreset {
    /// A definition for the document's examples.
    pub fn example() -> Self {
        Self {
            slug: "spamhaus-drop".to_owned(),
            name: "Spamhaus DROP".to_owned(),
            provider: "spamhaus".to_owned(),
            role: "intel".to_owned(),
            location: "https://spamhaus.example/drop.txt".to_owned(),
            licence: "Free, with attribution".to_owned(),
            refresh_seconds: 43_200,
            definition: "slug = \"spamhaus-drop\"\n…".to_owned(),
            known: false,
        }
    }
}
