//! What an entry of a list matches: of feeds and of ignore lists alike.

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::Indicator;

/// How an entry matches an indicator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum EntryMode {
    /// The indicator itself.
    Exact = 1,
    /// A domain and everything below it: `google.com` covers `mail.google.com`, never `google.co` or `agoogle.com`.
    Suffix = 2,
    /// A URL and everything below it, cut at `/`, `?` and `#`.
    UrlPrefix = 3,
    /// Every address and every smaller network of a block.
    #[serde(rename = "cidr")]
    Network = 4,
    /// Text found in the canonical value. A text that is itself an address or a domain is only found whole.
    Substring = 5,
    /// A regular expression over the canonical value.
    Regex = 6,
}

impl EntryMode {
    /// Every mode, in the order of their codes.
    pub const ALL: [Self; 6] =
        [Self::Exact, Self::Suffix, Self::UrlPrefix, Self::Network, Self::Substring, Self::Regex];

    /// The number stored in artifacts and rows, 1–6.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The mode of a stored number.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code).checked_sub(1)?).copied()
    }

    /// The name used in the API and in documents.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Suffix => "suffix",
            Self::UrlPrefix => "url_prefix",
            Self::Network => "cidr",
            Self::Substring => "substring",
            Self::Regex => "regex",
        }
    }
}

/// What an entry matches, in canonical form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pattern {
    /// One indicator.
    Exact(Indicator),
    /// A domain and everything below it; no leading dot.
    Suffix(Box<str>),
    /// A URL and everything below it; no trailing slash.
    UrlPrefix(Box<str>),
    /// A network with its host bits zero.
    Network(IpNet),
    /// Text anywhere in the value; `whole` when neighbours must not continue it (`1.2.3.4` in `11.2.3.45`).
    Substring {
        /// The text looked for, ASCII case ignored.
        text: Box<str>,
        /// True when the text is an address or a domain and must stand alone.
        whole: bool,
    },
    /// A regular expression of the `regex` crate, which is linear in its input.
    Regex(Box<str>),
}

impl Pattern {
    /// How it matches.
    pub fn mode(&self) -> EntryMode {
        match self {
            Self::Exact(_) => EntryMode::Exact,
            Self::Suffix(_) => EntryMode::Suffix,
            Self::UrlPrefix(_) => EntryMode::UrlPrefix,
            Self::Network(_) => EntryMode::Network,
            Self::Substring { .. } => EntryMode::Substring,
            Self::Regex(_) => EntryMode::Regex,
        }
    }

    /// What is looked for, in canonical form: read again in the same mode, it gives the same pattern.
    pub fn into_text(self) -> Box<str> {
        match self {
            Self::Exact(indicator) => indicator.into_value(),
            Self::Network(network) => network.to_string().into_boxed_str(),
            Self::Suffix(text) | Self::UrlPrefix(text) | Self::Substring { text, .. } | Self::Regex(text) => {
                text
            }
        }
    }
}
