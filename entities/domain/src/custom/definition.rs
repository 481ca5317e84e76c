//! What somebody says of a custom kind, checked whole before it is stored, and compiled before it is used.

use std::borrow::Cow;

use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};

use super::CustomKind;
use crate::coded::coded;
use crate::detect::prepared;

/// The longest pattern, characters.
pub const MAX_PATTERN_CHARS: usize = 1_000;

/// The longest value of a custom kind, bytes. It bounds the work of one look: the value's length times the pattern's size.
pub const MAX_VALUE_BYTES: usize = 1_024;

/// The most examples, and the most counter-examples.
pub const MAX_EXAMPLES: usize = 20;

/// The largest a pattern may become compiled, bytes.
const PATTERN_SIZE_LIMIT: usize = 1 << 20;

/// The most one thread keeps of what it found out about a pattern, bytes.
const PATTERN_CACHE_LIMIT: usize = 512 << 10;

/// The deepest nesting of a pattern.
const PATTERN_NEST_LIMIT: u32 = 50;

coded! {
    /// What is done to a value before it is matched and stored.
    Normalise {
        /// Nothing: upper and lower case make two values.
        Keep = 1 "none",
        /// It becomes lower case.
        Lower = 2 "lower",
        /// It becomes upper case.
        Upper = 3 "upper",
    }
}

impl Normalise {
    pub(super) fn apply(self, text: &str) -> Cow<'_, str> {
        match self {
            Self::Keep => Cow::Borrowed(text),
            Self::Lower => Cow::Owned(text.to_lowercase()),
            Self::Upper => Cow::Owned(text.to_uppercase()),
        }
    }
}

/// What a custom kind is, apart from its slug, its name and its place among others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomKindDefinition {
    /// A regular expression of the `regex` crate, at most 1,000 characters. It has to match a value from its first to its last
    /// character.
    pub pattern: String,
    /// True when upper and lower case match alike.
    pub case_insensitive: bool,
    /// What is done to a value before it is matched and stored.
    pub normalise: Normalise,
    /// True when it is looked for in running text.
    pub in_text: bool,
    /// Values that must match.
    pub examples: Vec<String>,
    /// Values that must not match.
    pub counter_examples: Vec<String>,
}

/// Why a definition is none; each says what is wrong of the field that [`DefinitionError::field`] names.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DefinitionError {
    /// No pattern, too long a one, or one with a NUL.
    #[error("must be 1 to 1,000 characters, none of them a NUL")]
    PatternLength,
    /// Not a regular expression.
    #[error("is no regular expression: {0}")]
    Pattern(String),
    /// A regular expression that is too much work.
    #[error(
        "becomes larger than 1 MiB when it is compiled; repeat less, or say `[0-9A-Za-z_]` for `\\w`, which has the letters of every script"
    )]
    PatternSize,
    /// A comment at its end, which would take what stands behind it.
    #[error("ends in a comment of the x flag; leave the comment out")]
    PatternComment,
    /// It would take a value that is not there.
    #[error("matches the empty text; say what has to be there")]
    MatchesNothing,
    /// Too many examples of one sort.
    #[error("has more than 20")]
    ExampleCount(&'static str),
    /// An example that can be no value.
    #[error("holds {1:?}, which is empty, longer than 1,024 bytes, or has a control character")]
    NoValue(&'static str, String),
    /// An example the pattern does not take.
    #[error("holds {0:?}, which the pattern does not match from its first to its last character")]
    ExampleMissed(String),
    /// A counter-example the pattern takes.
    #[error("holds {0:?}, which the pattern matches")]
    CounterExampleMatched(String),
}

impl DefinitionError {
    /// The field that is wrong.
    pub const fn field(&self) -> &'static str {
        match self {
            Self::PatternLength
            | Self::Pattern(_)
            | Self::PatternSize
            | Self::PatternComment
            | Self::MatchesNothing => "pattern",
            Self::ExampleCount(field) | Self::NoValue(field, _) => field,
            Self::ExampleMissed(_) => EXAMPLES,
            Self::CounterExampleMatched(_) => COUNTER_EXAMPLES,
        }
    }
}

const EXAMPLES: &str = "examples";
const COUNTER_EXAMPLES: &str = "counter_examples";

impl CustomKindDefinition {
    /// Compiles the pattern; what is wrong with it otherwise.
    pub fn compile(&self, slug: &str) -> Result<CustomKind, DefinitionError> {
        let length = self.pattern.chars().count();
        if !(1..=MAX_PATTERN_CHARS).contains(&length) || self.pattern.contains('\0') {
            return Err(DefinitionError::PatternLength);
        }
        // By itself first: `a)|(b` becomes a regular expression between the two halves of a group.
        self.built(&self.pattern)?;
        let whole = self.built(&format!(r"\A(?:{})\z", self.pattern)).map_err(|error| match error {
            DefinitionError::Pattern(_) => DefinitionError::PatternComment,
            other => other,
        })?;
        Ok(CustomKind { slug: slug.into(), normalise: self.normalise, in_text: self.in_text, whole })
    }

    fn built(&self, pattern: &str) -> Result<Regex, DefinitionError> {
        let built = RegexBuilder::new(pattern)
            .case_insensitive(self.case_insensitive)
            .size_limit(PATTERN_SIZE_LIMIT)
            .dfa_size_limit(PATTERN_CACHE_LIMIT)
            .nest_limit(PATTERN_NEST_LIMIT)
            .build();
        built.map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => DefinitionError::PatternSize,
            // The last line says what is wrong; those before it draw where.
            error => {
                let text = error.to_string();
                let last = text.lines().last().unwrap_or_default();
                DefinitionError::Pattern(last.trim_start_matches("error: ").to_owned())
            }
        })
    }

    /// [`Self::compile`], and every example tried: what is done before a definition is stored.
    pub fn check(&self, slug: &str) -> Result<CustomKind, DefinitionError> {
        let kind = self.compile(slug)?;
        if kind.whole.is_match("") {
            return Err(DefinitionError::MatchesNothing);
        }
        for example in sized(EXAMPLES, &self.examples)? {
            if kind.read(value(EXAMPLES, example)?).is_none() {
                return Err(DefinitionError::ExampleMissed(example.clone()));
            }
        }
        for example in sized(COUNTER_EXAMPLES, &self.counter_examples)? {
            if kind.read(value(COUNTER_EXAMPLES, example)?).is_some() {
                return Err(DefinitionError::CounterExampleMatched(example.clone()));
            }
        }
        Ok(kind)
    }
}

fn sized<'a>(field: &'static str, examples: &'a [String]) -> Result<&'a [String], DefinitionError> {
    if examples.len() > MAX_EXAMPLES { Err(DefinitionError::ExampleCount(field)) } else { Ok(examples) }
}

/// An example as a value, without what surrounds it.
fn value<'a>(field: &'static str, example: &'a str) -> Result<&'a str, DefinitionError> {
    match prepared(example) {
        Ok(text) if text.len() <= MAX_VALUE_BYTES && !text.contains(char::is_control) => Ok(text),
        _ => {
            let shown = example.chars().take(100).collect();
            Err(DefinitionError::NoValue(field, shown))
        }
    }
}
