//! A feed as its definition describes it: where it is, how it reads, what being listed means.

use aggregator_domain::reading::Reading;
use aggregator_domain::{KindSet, Opinion, Stance};
use serde::{Deserialize, Serialize};

use crate::format::Format;

/// What a feed is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FeedRole {
    /// Being listed is an opinion.
    Intel,
    /// Being listed is context that caps an automatic verdict.
    Warninglist,
}

impl FeedRole {
    /// The name used in definitions and in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Intel => "intel",
            Self::Warninglist => "warninglist",
        }
    }
}

/// One step of a score: from `at_least` on, this opinion.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScoreStep {
    /// The lowest score of the step.
    pub at_least: f64,
    /// The side taken.
    pub stance: Stance,
    /// How sure, 0–100.
    pub confidence: u8,
}

/// What being listed says.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpinionRule {
    /// The side taken where no step applies.
    #[serde(default)]
    pub stance: Stance,
    /// How sure, 0–100, where no score says otherwise.
    #[serde(default)]
    pub confidence: u8,
    /// Steps of the row's score, lowest first. Without steps a score of 0–100 is the confidence.
    #[serde(default)]
    pub steps: Vec<ScoreStep>,
}

impl OpinionRule {
    /// The opinion of a row with this score.
    pub fn of(&self, score: Option<f64>) -> Opinion {
        let default = Opinion { stance: self.stance, confidence: self.confidence.min(100) };
        match score.filter(|score| score.is_finite()) {
            None => default,
            Some(score) if self.steps.is_empty() => {
                Opinion { stance: self.stance, confidence: percent(score) }
            }
            Some(score) => self.steps.iter().rfind(|step| step.at_least <= score).map_or(default, |step| {
                Opinion { stance: step.stance, confidence: step.confidence.min(100) }
            }),
        }
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0–100 first")]
fn percent(score: f64) -> u8 {
    score.clamp(0.0, 100.0).round() as u8
}

/// A feed: everything needed to fetch, read and judge it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeedDefinition {
    /// Its short name: lower-case letters, digits and `-`, at most 64.
    pub slug: String,
    /// Its name for people.
    pub name: String,
    /// Who publishes it.
    pub provider: String,
    /// Where it is: `https:`, `http:`, or a path of a file.
    pub location: String,
    /// What its licence allows, in a few words.
    pub licence: String,
    /// What it is for.
    pub role: FeedRole,
    /// The least time between two refreshes, seconds; at least 300.
    pub refresh_seconds: u64,
    /// Fewer entries than this and the answer is refused.
    pub min_rows: u64,
    /// Shrinking by more than this, percent, and the answer is refused; 100 switches the guard off.
    #[serde(default = "half")]
    pub max_shrink_percent: u8,
    /// How the body is written.
    pub format: Format,
    /// How its values are read.
    #[serde(default)]
    pub reading: Reading,
    /// What being listed says.
    #[serde(default)]
    pub opinion: OpinionRule,
    /// The kinds of indicators it is asked about; a URL asks by its host too, an e-mail address by its domain. A
    /// warninglist says so itself.
    #[serde(default = "every_kind")]
    pub answers: KindSet,
}

fn half() -> u8 {
    50
}

fn every_kind() -> KindSet {
    KindSet::ALL
}

/// Why a definition is no definition.
#[derive(Debug, thiserror::Error)]
pub enum DefinitionError {
    /// The text is not TOML or not of this shape; the message has line and field.
    #[error("the feed definition does not parse: {0}")]
    Shape(#[from] toml::de::Error),
    /// A field has a value that cannot work.
    #[error("the feed definition's `{field}` {problem}")]
    Field {
        /// The field.
        field: &'static str,
        /// What is wrong and what would be right.
        problem: &'static str,
    },
}

impl DefinitionError {
    /// What is wrong with this text, in one line that says where.
    pub fn told(&self, text: &str) -> String {
        let Self::Shape(error) = self else { return self.to_string() };
        let message = error.message().replace('\n', ", ");
        let Some(before) = error.span().and_then(|span| text.get(..span.start)) else { return message };
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        format!("line {line}, column {column}: {message}")
    }
}

/// The longest name, characters.
const MAX_NAME_CHARS: usize = 200;

/// The longest name of a provider, bytes.
const MAX_PROVIDER_BYTES: usize = 64;

/// Whether people can read it: not blank, none of it a control character.
fn is_printable(text: &str) -> bool {
    !text.trim().is_empty() && !text.chars().any(char::is_control)
}

impl FeedDefinition {
    /// The shortest refresh interval, seconds: some publishers block clients that poll more often.
    pub const MIN_REFRESH_SECONDS: u64 = 300;

    /// The longest, seconds: 31 days.
    pub const MAX_REFRESH_SECONDS: u64 = 2_678_400;

    /// Reads and checks a definition.
    pub fn from_toml(text: &str) -> Result<Self, DefinitionError> {
        let definition: Self = toml::from_str(text)?;
        definition.check()?;
        Ok(definition)
    }

    /// True when the location is a file of this machine and not an address.
    pub fn is_local(&self) -> bool {
        // As those who fetch it read an address: blanks around it and the case of its scheme say nothing.
        let scheme = self.location.trim().split_once(':').map(|(scheme, _)| scheme);
        !scheme.is_some_and(|it| it.eq_ignore_ascii_case("http") || it.eq_ignore_ascii_case("https"))
    }

    /// Checks what the shape alone does not.
    pub fn check(&self) -> Result<(), DefinitionError> {
        let wrong = |field, problem| Err(DefinitionError::Field { field, problem });
        let slug_byte = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if self.slug.is_empty() || self.slug.len() > 64 || !self.slug.bytes().all(slug_byte) {
            return wrong("slug", "must be 1–64 lower-case letters, digits or hyphens");
        }
        if !is_printable(&self.name) || self.name.chars().count() > MAX_NAME_CHARS {
            return wrong("name", "must be 1–200 characters, not blank, none of them a control character");
        }
        if !is_printable(&self.provider) || self.provider.len() > MAX_PROVIDER_BYTES {
            return wrong("provider", "must be 1–64 bytes, not blank, none of them a control character");
        }
        if !(Self::MIN_REFRESH_SECONDS..=Self::MAX_REFRESH_SECONDS).contains(&self.refresh_seconds) {
            return wrong("refresh_seconds", "must be 300 to 2,678,400");
        }
        if self.max_shrink_percent > 100 {
            return wrong("max_shrink_percent", "must be 0–100");
        }
        if self.location.trim().is_empty() {
            return wrong("location", "must be an http(s) address or a path");
        }
        if self.reading.kinds.is_empty() {
            return wrong("reading.kinds", "must name at least one kind");
        }
        if !self.opinion.steps.is_sorted_by(|a, b| a.at_least < b.at_least) {
            return wrong("opinion.steps", "must rise by `at_least`");
        }
        match &self.format {
            Format::Csv(csv) if !(csv.delimiter.is_ascii() && csv.quote.is_ascii()) => {
                wrong("format.delimiter", "and `quote` must be one ASCII character each")
            }
            Format::Csv(csv) if csv.columns.value.is_empty() => {
                wrong("format.columns.value", "must name a column")
            }
            Format::Json(json) if json.rows.is_empty() => wrong("format.rows", "must name a path"),
            Format::Json(json) if json.fields.value.is_empty() => {
                wrong("format.fields.value", "must name a field")
            }
            Format::Ndjson(json) if json.fields.value.is_empty() => {
                wrong("format.fields.value", "must name a field")
            }
            _ => Ok(()),
        }
    }
}
