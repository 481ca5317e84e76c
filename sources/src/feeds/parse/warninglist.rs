//! MISP warninglists (github.com/MISP/misp-warninglists): `type` says how entries match, `matching_attributes`
//! which kinds of indicators are asked.
//!
//! `string` is equality, `hostname` the name and everything below it, `substring` text inside the value, `cidr`
//! networks and addresses, `regex` a pattern. In a `string` list an entry with a leading dot is a suffix.

use std::io::{BufReader, SeekFrom};

use aggregator_domain::Kind;
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, SeqAccess, Visitor};

use super::fields::text;
use super::json_format::walk;
use super::{Body, ParseError, Rows};
use crate::KindSet;
use crate::feeds::entry::Pattern;
use crate::feeds::reading::{DomainReading, Reading, network, regular_expression, substring};
use crate::feeds::report::RowReject;

/// What stands beside the list; read first, because `type` may follow `list`.
#[derive(Deserialize)]
struct Head {
    r#type: Matching,
    #[serde(default, deserialize_with = "few")]
    matching_attributes: Vec<String>,
}

/// Most attributes of a list; those of MISP name a dozen.
const MAX_ATTRIBUTES: usize = 256;

/// A short list of words: one that is not is no warninglist.
fn few<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    struct Few;

    impl<'de> Visitor<'de> for Few {
        type Value = Vec<String>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "at most {MAX_ATTRIBUTES} words")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
            let mut words = Vec::new();
            while let Some(word) = seq.next_element()? {
                if words.len() == MAX_ATTRIBUTES {
                    return Err(A::Error::invalid_length(MAX_ATTRIBUTES + 1, &self));
                }
                words.push(word);
            }
            Ok(words)
        }
    }

    deserializer.deserialize_seq(Few)
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Matching {
    String,
    Hostname,
    Substring,
    Cidr,
    Regex,
}

pub(super) fn parse(body: &mut dyn Body, rows: &mut Rows<'_, '_>) -> Result<KindSet, ParseError> {
    let start = body.stream_position()?;
    let head: Head = serde_json::from_reader(BufReader::with_capacity(64 << 10, &mut *body))
        .map_err(|error| ParseError::Document(error.to_string()))?;
    body.seek(SeekFrom::Start(start))?;
    let answers = kinds_of(&head);
    let reader = Reader { matching: head.r#type, reading: reading_of(&head, answers) };
    let mut ordinal = 0;
    walk(vec![vec!["list"]], body, &mut |value| {
        ordinal += 1;
        let Some(entry) = text(&value) else {
            rows.reject(ordinal, RowReject::MissingValue, &value.to_string());
            return Ok(());
        };
        rows.pattern(ordinal, &entry, reader.pattern(&entry))
    })?;
    Ok(answers)
}

struct Reader {
    matching: Matching,
    reading: Reading,
}

impl Reader {
    fn pattern(&self, entry: &str) -> Result<Pattern, RowReject> {
        match self.matching {
            Matching::Substring => substring(entry),
            Matching::Regex => regular_expression(entry),
            Matching::Cidr if entry.contains('/') => network(entry),
            Matching::Cidr | Matching::Hostname | Matching::String => {
                self.reading.read(entry).map(|(pattern, _)| pattern)
            }
        }
    }
}

/// How values are read: a `string` list of host names may hold bare top-level domains, so its kinds are exactly
/// those its attributes name.
fn reading_of(head: &Head, answers: KindSet) -> Reading {
    let kinds = match head.r#type {
        Matching::Cidr => KindSet::of(&[Kind::Ipv4, Kind::Ipv6]),
        Matching::Hostname => KindSet::of(&[Kind::Domain]),
        // A URL is asked by its host, so its list holds names.
        _ if answers.contains(Kind::Url) => answers.with(Kind::Domain),
        _ => answers,
    };
    let domains = match head.r#type {
        Matching::Hostname => DomainReading::Suffix,
        _ => DomainReading::Exact,
    };
    Reading { kinds, domains, ..Reading::default() }
}

/// The kinds that MISP's attribute types are.
fn kinds_of(head: &Head) -> KindSet {
    let addresses = KindSet::of(&[Kind::Ipv4, Kind::Ipv6]);
    let mut kinds = KindSet::EMPTY;
    for attribute in &head.matching_attributes {
        let found = match attribute.as_str() {
            // Of the pair `domain|ip` the list's own type tells which half it is about.
            "domain|ip" if matches!(head.r#type, Matching::Cidr) => addresses,
            "domain|ip" | "domain" | "hostname" | "hostname|port" => KindSet::of(&[Kind::Domain]),
            "url" | "uri" | "link" => KindSet::of(&[Kind::Url]),
            name if name.starts_with("ip-") => addresses.with(Kind::Url),
            name if name.starts_with("email") || name.ends_with("-email") => KindSet::of(&[Kind::Email]),
            "AS" => KindSet::of(&[Kind::Asn]),
            "vulnerability" => KindSet::of(&[Kind::Cve]),
            name => match name.rsplit('|').next().unwrap_or_default() {
                "md5" => KindSet::of(&[Kind::Md5]),
                "sha1" => KindSet::of(&[Kind::Sha1]),
                "sha256" => KindSet::of(&[Kind::Sha256]),
                "sha512" => KindSet::of(&[Kind::Sha512]),
                "ssdeep" => KindSet::of(&[Kind::Ssdeep]),
                "tlsh" => KindSet::of(&[Kind::Tlsh]),
                _ => KindSet::EMPTY,
            },
        };
        kinds = kinds.union(found);
    }
    match (kinds.is_empty(), head.r#type) {
        (true, _) => KindSet::ALL,
        // Networks are asked about smaller networks too.
        (false, Matching::Cidr) => kinds.with(Kind::Cidr),
        (false, _) => kinds,
    }
}
