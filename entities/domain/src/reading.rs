//! From the text of one row of a list to the pattern it stands for.

use serde::{Deserialize, Serialize};

use crate::{CustomKinds, Detection, Indicator, Kind, KindSet, Parsed, Pattern, RowReject, detect, parse_as};

/// How a list means its domains. A value written `.example.com` or `*.example.com` is always a suffix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DomainReading {
    /// The domain alone.
    #[default]
    Exact,
    /// The domain and everything below it.
    Suffix,
}

/// How a list means its URLs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UrlReading {
    /// The URL alone.
    #[default]
    Exact,
    /// The URL and everything below it.
    Prefix,
}

/// How the values of a list are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Reading {
    /// The kinds taken; a value of another kind is refused. With exactly one, the value is read as that kind.
    pub kinds: KindSet,
    /// How domains are meant.
    pub domains: DomainReading,
    /// How URLs are meant.
    pub urls: UrlReading,
}

impl Default for Reading {
    fn default() -> Self {
        Self { kinds: KindSet::ALL, domains: DomainReading::Exact, urls: UrlReading::Exact }
    }
}

/// Largest compiled size of one regular expression, bytes.
pub const REGEX_SIZE_LIMIT: usize = 256 << 10;
/// Deepest nesting of one regular expression.
pub const REGEX_NEST_LIMIT: u32 = 50;
/// Shortest substring taken: a shorter one is found nearly everywhere.
pub const MIN_SUBSTRING_BYTES: usize = 3;

impl Reading {
    /// Reads one value; with the port of an `ip:port` form, which is a fact and not part of the pattern.
    pub fn read(self, text: &str) -> Result<(Pattern, Option<u16>), RowReject> {
        self.read_with(text, &CustomKinds::default())
    }

    /// [`Self::read`], with the custom kinds there are, where `custom` is among the kinds taken.
    pub fn read_with(self, text: &str, custom: &CustomKinds) -> Result<(Pattern, Option<u16>), RowReject> {
        let text = text.trim();
        if text.is_empty() {
            return Err(RowReject::MissingValue);
        }
        if let Some(domain) = text.strip_prefix("*.").or_else(|| text.strip_prefix('.')) {
            return self
                .accept(Kind::Domain)
                .and_then(|()| Ok((Pattern::Suffix(domain_name(domain)?), None)));
        }
        let parsed = self.parse(text, custom)?;
        Ok((self.pattern(parsed.indicator)?, parsed.port))
    }

    fn accept(self, kind: Kind) -> Result<(), RowReject> {
        // A network of one address is that address: a list of networks has them.
        let in_network = matches!(kind, Kind::Ipv4 | Kind::Ipv6) && self.kinds.contains(Kind::Cidr);
        if self.kinds.contains(kind) || in_network { Ok(()) } else { Err(RowReject::KindNotWanted) }
    }

    fn parse(self, text: &str, custom: &CustomKinds) -> Result<Parsed, RowReject> {
        if let Some(kind) = self.kinds.single() {
            return match custom.parse_as(&kind.into(), text) {
                Ok(parsed) => Ok(parsed),
                Err(_) if kind == Kind::Domain => domain_name(text).map(domain_indicator),
                Err(reject) => Err(reject.into()),
            };
        }
        let detection = if self.kinds.contains(Kind::Custom) { custom.detect(text) } else { detect(text) };
        match detection {
            Detection::One(parsed) => self.accept(parsed.indicator.kind()).map(|()| parsed),
            Detection::Ambiguous(candidates) => {
                let mut wanted =
                    candidates.into_iter().filter(|one| self.kinds.contains(one.indicator.kind()));
                let first = wanted.next().ok_or(RowReject::KindNotWanted)?;
                if wanted.next().is_some() { Err(RowReject::Ambiguous) } else { Ok(first) }
            }
            // A list of names may hold what free text may not: a bare top-level domain, a name under `.local`.
            Detection::None(_) if self.takes_bare_names() => domain_name(text).map(domain_indicator),
            Detection::None(reject) => Err(reject.into()),
        }
    }

    fn takes_bare_names(self) -> bool {
        self.kinds != KindSet::ALL && self.kinds.contains(Kind::Domain)
    }

    fn pattern(self, indicator: Indicator) -> Result<Pattern, RowReject> {
        Ok(match indicator.kind() {
            Kind::Cidr => network(indicator.value())?,
            Kind::Domain if self.domains == DomainReading::Suffix => Pattern::Suffix(indicator.into_value()),
            Kind::Url if self.urls == UrlReading::Prefix => {
                Pattern::UrlPrefix(indicator.value().trim_end_matches('/').into())
            }
            _ => Pattern::Exact(indicator),
        })
    }
}

/// A network in canonical form: host bits zero. A network of one address is that address, and an IPv4-mapped IPv6
/// network is an IPv4 one.
pub fn network(text: &str) -> Result<Pattern, RowReject> {
    let indicator = parse_as(Kind::Cidr, text)?.indicator;
    match indicator.kind() {
        Kind::Cidr => indicator.value().parse().map(Pattern::Network).or(Err(RowReject::Invalid)),
        _ => Ok(Pattern::Exact(indicator)),
    }
}

/// A substring pattern: `whole` when the text is itself an address or a domain.
pub fn substring(text: &str) -> Result<Pattern, RowReject> {
    let text = text.trim();
    if text.len() < MIN_SUBSTRING_BYTES {
        return Err(RowReject::BadPattern);
    }
    if let Detection::One(Parsed { indicator, port: None }) = detect(text)
        && matches!(indicator.kind(), Kind::Domain | Kind::Ipv4 | Kind::Ipv6)
    {
        return Ok(Pattern::Substring { text: indicator.into_value(), whole: true });
    }
    Ok(Pattern::Substring { text: text.to_ascii_lowercase().into_boxed_str(), whole: false })
}

/// A regular expression within the limits of size and nesting.
pub fn regular_expression(text: &str) -> Result<Pattern, RowReject> {
    regex::RegexBuilder::new(text)
        .size_limit(REGEX_SIZE_LIMIT)
        .nest_limit(REGEX_NEST_LIMIT)
        .build()
        .or(Err(RowReject::BadPattern))?;
    Ok(Pattern::Regex(text.into()))
}

/// A DNS name as lists write them: IDNA to A-labels, lower case, a bare top-level domain allowed, `_` and outer
/// hyphens allowed (both exist in real names).
fn domain_name(text: &str) -> Result<Box<str>, RowReject> {
    let text = text.trim().trim_end_matches('.');
    let name = idna::domain_to_ascii(text).or(Err(RowReject::Invalid))?;
    let plausible = !name.is_empty()
        && name.len() <= 253
        && name
            .split('.')
            .all(|label| !label.is_empty() && label.len() <= 63 && label.bytes().all(is_name_byte))
        && name.rsplit('.').next().is_some_and(|top| top.bytes().any(|byte| !byte.is_ascii_digit()));
    if plausible { Ok(name.into_boxed_str()) } else { Err(RowReject::Invalid) }
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}

fn domain_indicator(name: Box<str>) -> Parsed {
    Parsed { indicator: Indicator::from_canonical(Kind::Domain, name), port: None }
}
