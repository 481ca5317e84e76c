//! Kinds that people define by a regular expression, beside the built-in ones.
//!
//! An indicator of a custom kind is [`Kind::Custom`] with the canonical value `slug:value`, so its identity, its row and its way
//! through the queues are those of every other. What the slug stands for is a [`CustomKindDefinition`], compiled to a
//! [`CustomKind`]; whoever reads values hands in the [`CustomKinds`] there are at that moment. Nothing here is global.
//!
//! A value that a built-in kind claims is that kind's, unless the caller names another.

mod definition;
mod name;

use std::sync::Arc;

pub use definition::{
    CustomKindDefinition, DefinitionError, MAX_EXAMPLES, MAX_PATTERN_CHARS, MAX_VALUE_BYTES, Normalise,
};
pub use name::{KindName, is_slug};

use regex::Regex;

use crate::detect::{self, prepared};
use crate::{Detection, Kind, Parsed, Reject, parse, parse_as, refang};

/// The most custom kinds there may be.
pub const MAX_KINDS: usize = 100;

/// The slug and the value of a canonical value; a built-in kind has no slug, and the whole is its value.
pub fn parts(kind: Kind, canonical: &str) -> (Option<&str>, &str) {
    // The kind first: nearly all values are of a built-in one.
    if kind != Kind::Custom {
        return (None, canonical);
    }
    canonical.split_once(':').map_or((None, canonical), |(slug, value)| (Some(slug), value))
}

/// The canonical value of a custom kind: what [`parts`] takes apart.
pub fn canonical(slug: &str, value: &str) -> String {
    format!("{slug}:{value}")
}

/// One custom kind, ready to read values.
#[derive(Debug, Clone)]
pub struct CustomKind {
    slug: Box<str>,
    normalise: Normalise,
    in_text: bool,
    whole: Regex,
}

impl CustomKind {
    /// Its name.
    pub fn slug(&self) -> &str {
        &self.slug
    }

    /// A text in the form in which it is compared and stored.
    pub fn normalised(&self, text: &str) -> String {
        self.normalise.apply(text).into_owned()
    }

    /// Reads a trimmed value: normalised, then matched from its first to its last character. So a canonical value is read as
    /// itself.
    fn read(&self, text: &str) -> Option<Parsed> {
        if text.len() > MAX_VALUE_BYTES {
            return None;
        }
        let value = self.normalise.apply(text);
        let fits = !value.is_empty() && value.len() <= MAX_VALUE_BYTES && !value.contains(char::is_control);
        (fits && self.whole.is_match(&value))
            .then(|| parse::plain(Kind::Custom, canonical(&self.slug, &value)))
    }

    /// As it is written; else refanged.
    fn read_either(&self, text: &str) -> Option<Parsed> {
        self.read(text).or_else(|| self.read(&refang(text)))
    }
}

/// The custom kinds of a moment, in the order in which they are tried. Cheap to clone; none is the default, and costs nothing.
#[derive(Debug, Clone, Default)]
pub struct CustomKinds(Option<Arc<Kinds>>);

#[derive(Debug)]
struct Kinds {
    all: Vec<CustomKind>,
    any_in_text: bool,
}

impl CustomKinds {
    /// These kinds, tried in this order.
    pub fn new(all: Vec<CustomKind>) -> Self {
        let any_in_text = all.iter().any(|kind| kind.in_text);
        Self((!all.is_empty()).then(|| Arc::new(Kinds { all, any_in_text })))
    }

    /// True when there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// The kinds, in the order in which they are tried.
    pub fn iter(&self) -> impl Iterator<Item = &CustomKind> {
        self.0.iter().flat_map(|kinds| &kinds.all)
    }

    /// The kind with this slug.
    pub fn get(&self, slug: &str) -> Option<&CustomKind> {
        self.iter().find(|kind| kind.slug() == slug)
    }

    /// True when something can be read as what the name says.
    pub fn has(&self, name: &KindName) -> bool {
        match name {
            KindName::Kind(_) => true,
            KindName::Slug(slug) => self.get(slug).is_some(),
        }
    }

    /// [`detect::detect`], and the first custom kind that takes what no built-in kind claims.
    pub fn detect(&self, input: &str) -> Detection {
        self.or_custom(detect::detect(input), input)
    }

    /// [`detect::detect_bytes`], and the first custom kind that takes what no built-in kind claims.
    pub fn detect_bytes(&self, input: &[u8]) -> Detection {
        let detection = detect::detect_bytes(input);
        if self.is_empty() {
            return detection;
        }
        match std::str::from_utf8(input) {
            Ok(text) => self.or_custom(detection, text),
            Err(_) => detection,
        }
    }

    fn or_custom(&self, detection: Detection, input: &str) -> Detection {
        match detection {
            Detection::None(Reject::Unrecognised | Reject::Invalid | Reject::UnknownSuffix)
                if !self.is_empty() =>
            {
                self.readings(input).next().map_or(detection, Detection::One)
            }
            claimed => claimed,
        }
    }

    /// Everything a value can be read as by the custom kinds alone, in the order in which they are tried.
    pub fn readings(&self, input: &str) -> impl Iterator<Item = Parsed> {
        let text = prepared(input).ok();
        self.iter().filter_map(move |kind| kind.read_either(text?))
    }

    /// Reads a value as the kind named, a built-in one ([`parse_as`]) or a custom one; `custom` itself is the first that takes it.
    /// A slug nobody has is answered like a value that breaks the rules: ask [`Self::has`] first.
    pub fn parse_as(&self, name: &KindName, input: &str) -> Result<Parsed, Reject> {
        let read = match name {
            KindName::Kind(Kind::Custom) => prepared(input).map(|_| self.readings(input).next())?,
            KindName::Kind(kind) => return parse_as(*kind, input),
            KindName::Slug(slug) => {
                let text = prepared(input)?;
                self.get(slug).and_then(|kind| kind.read_either(text))
            }
        };
        read.ok_or(Reject::Invalid)
    }

    /// True when there are kinds to be found in running text.
    pub(crate) fn any_in_text(&self) -> bool {
        self.0.as_ref().is_some_and(|kinds| kinds.any_in_text)
    }

    /// What a word of a running text is.
    pub(crate) fn word(&self, word: &str) -> Option<Parsed> {
        self.iter().filter(|kind| kind.in_text).find_map(|kind| kind.read_either(word))
    }
}
