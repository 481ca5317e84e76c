//! Ignore lists: what being on one does, and how a person writes one value.

use serde::{Deserialize, Serialize};

use crate::detect::MAX_INPUT_BYTES;
use crate::reading::{DomainReading, Reading, UrlReading, network, regular_expression, substring};
use crate::{
    Detection, EntryMode, IndicatorId, Kind, KindSet, Pattern, Reject, RowReject, detect, parse_as, refang,
};

/// What being on a list does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IgnoreEffect {
    /// The value is not sent to sources.
    #[default]
    Refuse,
    /// The value is sent; an automatic *malicious* is capped.
    Cap,
}

impl IgnoreEffect {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Refuse, Self::Cap];

    /// The name used in the API and in rows.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Refuse => "refuse",
            Self::Cap => "cap",
        }
    }
}

/// Identity of an entry within its list: the first 128 bits of BLAKE3 over (mode, NUL, canonical text).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct IgnoreEntryId(pub [u8; 16]);

impl IgnoreEntryId {
    /// The identity of an entry.
    pub fn of(mode: EntryMode, canonical: &str) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(mode.as_str().as_bytes()).update(&[0]).update(canonical.as_bytes());
        let mut id = [0; 16];
        id.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
        Self(id)
    }

    /// Reads the 32 hex digits that [`Display`](std::fmt::Display) writes; `None` for anything else.
    pub fn from_hex(text: &str) -> Option<Self> {
        IndicatorId::from_hex(text).map(|id| Self(id.0))
    }
}

impl std::fmt::Display for IgnoreEntryId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        IndicatorId(self.0).fmt(f)
    }
}

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
        match text {
            "" => return Err(Reject::Empty.into()),
            text if text.len() > MAX_INPUT_BYTES => return Err(Reject::TooLong.into()),
            text if text.contains('\0') => return Err(Reject::NulByte.into()),
            _ => {}
        }
        match self.mode {
            EntryMode::Exact => exact(text),
            EntryMode::Suffix => {
                let domains = KindSet::of(&[Kind::Domain]);
                let reading =
                    Reading { kinds: domains, domains: DomainReading::Suffix, ..Reading::default() };
                reading.read(&refang(text)).map(|(pattern, _)| pattern)
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
