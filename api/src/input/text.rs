//! Texts of parameters that become part of a filter.

use aggregator_entities::domain::{
    self, CustomKinds, Detection, IndicatorId, Kind, KindName, custom, parse_as,
};
use aggregator_entities::repositories::items::TextFilter;
use aggregator_openapi::ProblemId;

use crate::failure::Failure;

/// The longest text, characters: as many as one value has bytes at most.
const MAX_CHARS: usize = domain::detect::MAX_INPUT_BYTES;

/// A text that can stand in a row: not empty, no NUL, not longer than a value.
pub(crate) fn plain(name: &str, text: &str) -> Result<String, Failure> {
    let wrong = |what: &str| Failure::new(ProblemId::InvalidParameter, format!("`{name}` {what}"));
    match text {
        _ if text.contains('\0') => Err(wrong("holds a NUL")),
        _ if text.chars().count() > MAX_CHARS => Err(wrong("is longer than 8,192 characters")),
        _ if text.trim().is_empty() => Err(wrong("is empty")),
        _ => Ok(text.trim().to_owned()),
    }
}

/// A name that rows are looked up by. None ever holds a NUL; a text with one names nothing.
pub(crate) fn asked(name: Option<String>) -> Option<String> {
    name.map(|name| name.replace('\0', "\u{fffd}"))
}

/// The three ways to ask for a text, of which one may be given: exact, prefix, domain.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AskedText<'a> {
    pub(crate) value: Option<&'a str>,
    pub(crate) prefix: Option<&'a str>,
    pub(crate) domain: Option<&'a str>,
}

impl AskedText<'_> {
    /// The filter asked for; `None` when nothing is. `kind` helps to read the value; a custom one is a filter by itself, because
    /// its values begin with its slug.
    pub(crate) fn filter(
        self,
        kind: Option<&KindName>,
        kinds: &CustomKinds,
    ) -> Result<Option<TextFilter>, Failure> {
        let slug = match kind {
            Some(KindName::Slug(slug)) => Some(slug),
            _ => None,
        };
        match (self.value, self.prefix, self.domain) {
            (None, None, None) => Ok(slug.map(|slug| TextFilter::Prefix(custom::canonical(slug, "")))),
            (Some(value), None, None) => {
                Ok(Some(TextFilter::Identities(readings(&plain("value", value)?, kind, kinds))))
            }
            (None, Some(prefix), None) => {
                let prefix = plain("prefix", prefix)?;
                Ok(Some(TextFilter::Prefix(match slug {
                    Some(slug) => beginning(slug, prefix, kinds),
                    None => domain::refang(&prefix).into_owned(),
                })))
            }
            (None, None, Some(name)) => {
                let name = plain("domain", name)?;
                let name = name.trim_start_matches("*.").trim_start_matches('.');
                match parse_as(Kind::Domain, name) {
                    Ok(parsed) if parsed.indicator.kind() == Kind::Domain => {
                        Ok(Some(TextFilter::DomainSuffix(parsed.indicator.into_value().into_string())))
                    }
                    _ => Err(Failure::new(ProblemId::InvalidParameter, "`domain` is no domain name")),
                }
            }
            _ => Err(Failure::new(
                ProblemId::InvalidParameter,
                "`value`, `prefix` and `domain` are three ways to ask; give one of them",
            )),
        }
    }
}

/// How values of a custom kind begin that begin so.
fn beginning(slug: &str, prefix: String, kinds: &CustomKinds) -> String {
    let prefix = match kinds.get(slug) {
        Some(kind) => kind.normalised(&prefix),
        None => prefix,
    };
    custom::canonical(slug, &prefix)
}

/// The indicators a value may stand for: as it is detected, else as any kind that can be made of it, and as every custom kind
/// that takes it. One of a custom kind that is gone or disabled is found as it is written.
fn readings(value: &str, kind: Option<&KindName>, kinds: &CustomKinds) -> Vec<IndicatorId> {
    let parsed = match kind {
        Some(KindName::Slug(slug)) => match kinds.parse_as(&KindName::Slug(slug.clone()), value) {
            Ok(parsed) => vec![parsed],
            Err(_) => return vec![IndicatorId::of(Kind::Custom, &custom::canonical(slug, value))],
        },
        Some(KindName::Kind(Kind::Custom)) => kinds.readings(value).collect(),
        Some(KindName::Kind(kind)) => parse_as(*kind, value).into_iter().collect(),
        None => {
            let mut parsed = match domain::detect(value) {
                Detection::One(parsed) => vec![parsed],
                Detection::Ambiguous(candidates) => candidates,
                Detection::None(_) => {
                    Kind::ALL.iter().filter_map(|kind| parse_as(*kind, value).ok()).collect()
                }
            };
            parsed.extend(kinds.readings(value));
            parsed
        }
    };
    parsed.into_iter().map(|parsed| parsed.indicator.id()).collect()
}
