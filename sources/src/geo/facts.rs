//! The answer of one database about one address.
use ipnet::IpNet;
use serde::Serialize;

/// What one database knows about an address. Absent is unknown, never "none".
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IpFacts {
    /// Which database says so: its slug.
    pub source: Box<str>,
    /// The network the answer is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network: Option<IpNet>,
    /// The autonomous system's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asn: Option<u32>,
    /// The autonomous system's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_name: Option<Box<str>>,
    /// The country, ISO 3166-1 alpha-2, upper case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<Box<str>>,
    /// The city, in English where the database has languages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<Box<str>>,
    /// What the address is used for, as far as the database says: `hosting`, `vpn`, `proxy`, `tor`, `relay`,
    /// `anycast`, `mobile`, `satellite`, `anonymous`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub uses: Vec<&'static str>,
}

impl IpFacts {
    /// An answer that knows nothing yet.
    pub(super) fn of(source: &str) -> Self {
        Self {
            source: source.into(),
            network: None,
            asn: None,
            as_name: None,
            country: None,
            city: None,
            uses: Vec::new(),
        }
    }

    /// True when it says something about the address.
    pub(super) fn says_something(&self) -> bool {
        self.asn.is_some()
            || self.as_name.is_some()
            || self.country.is_some()
            || self.city.is_some()
            || !self.uses.is_empty()
    }

    /// Adds a use once.
    pub(super) fn used_for(&mut self, name: &'static str) {
        if !self.uses.contains(&name) {
            self.uses.push(name);
        }
    }
}

/// An AS number of its written forms: `13335` and `AS13335`; zero is none.
pub(super) fn asn_number(text: &str) -> Option<u32> {
    let digits = text.strip_prefix("AS").or_else(|| text.strip_prefix("as")).unwrap_or(text);
    digits.parse().ok().filter(|number| *number != 0)
}

/// A country code: two letters, upper case.
pub(super) fn country_code(text: &str) -> Option<Box<str>> {
    let two_letters = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphabetic());
    two_letters.then(|| text.to_ascii_uppercase().into_boxed_str())
}

/// A name that says something.
pub(super) fn name(text: &str) -> Option<Box<str>> {
    Some(text.trim()).filter(|text| !text.is_empty()).map(Into::into)
}
