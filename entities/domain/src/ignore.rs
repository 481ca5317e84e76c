//! One value of an ignore list: how a person writes it, and what it matches.

use serde::{Deserialize, Serialize};

use crate::reading::{DomainReading, Reading, UrlReading, network, regular_expression, substring};
use crate::{Detection, EntryMode, Kind, KindSet, Pattern, RowReject, detect, parse_as};

/// One value of a list, as a person wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IgnoreValue {
    /// How it matches.
    pub mode: EntryMode,
    /// The value, domain, network or pattern.
    pub text: String,
}

impl IgnoreValue {
    /// A value whose mode is what its form says: `.example.com` or `*.example.com` suffix, `192.0.2.0/24` network,
    /// `/…/` regular expression, else exact.
    pub fn of_form(text: &str) -> Self {
        let expression = text.strip_prefix('/').and_then(|rest| rest.strip_suffix('/'));
        let (mode, text) = match expression {
            Some(expression) if !expression.is_empty() => (EntryMode::Regex, expression),
            _ if text.starts_with('.') || text.starts_with("*.") => (EntryMode::Suffix, text),
            _ if network(text).is_ok() => (EntryMode::Network, text),
            _ => (EntryMode::Exact, text),
        };
        Self { mode, text: text.to_owned() }
    }

    /// Checks and normalises the value: what an API does before it stores one.
    pub fn read(&self) -> Result<Pattern, RowReject> {
        let text = self.text.trim();
        match self.mode {
            EntryMode::Exact => exact(text),
            EntryMode::Suffix => {
                let domains = KindSet::of(&[Kind::Domain]);
                let reading =
                    Reading { kinds: domains, domains: DomainReading::Suffix, ..Reading::default() };
                reading.read(text).map(|(pattern, _)| pattern)
            }
            EntryMode::UrlPrefix => {
                let urls = KindSet::of(&[Kind::Url]);
                let reading = Reading { kinds: urls, urls: UrlReading::Prefix, ..Reading::default() };
                reading.read(text).map(|(pattern, _)| pattern)
            }
            EntryMode::Network => network(text).or_else(|reject| exact_address(text).ok_or(reject)),
            EntryMode::Substring => substring(text),
            EntryMode::Regex => regular_expression(text),
        }
    }
}

fn exact(text: &str) -> Result<Pattern, RowReject> {
    match detect(text) {
        Detection::One(parsed) => Ok(Pattern::Exact(parsed.indicator)),
        Detection::Ambiguous(_) => Err(RowReject::Ambiguous),
        // An inner name under no public suffix (`host.corp`) is just what people want ignored.
        Detection::None(reject) => match parse_as(Kind::Domain, text) {
            Ok(parsed) => Ok(Pattern::Exact(parsed.indicator)),
            Err(_) => Err(reject.into()),
        },
    }
}

fn exact_address(text: &str) -> Option<Pattern> {
    parse_as(Kind::Ipv4, text)
        .or_else(|_| parse_as(Kind::Ipv6, text))
        .ok()
        .map(|one| Pattern::Exact(one.indicator))
}
