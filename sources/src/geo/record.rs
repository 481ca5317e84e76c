//! One record of an MMDB file in whichever layout: the fields known by name are kept, everything else is passed over.
//!
//! `MaxMind` nests (`country.iso_code`, `city.names.en`, `traits.…`), `IPinfo` is flat and writes numbers as text.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::facts::{IpFacts, asn_number, country_code, name};

/// A value of any type, reduced to what fields here can be.
#[derive(Default)]
enum Field<'a> {
    /// Null, a list, bytes: nothing of use.
    #[default]
    Nothing,
    Text(&'a str),
    Number(u64),
    Flag(bool),
    /// An object with a code or a name.
    Place {
        code: Option<&'a str>,
        name: Option<&'a str>,
    },
}

impl<'a> Field<'a> {
    fn text(&self) -> Option<&'a str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    fn asn(&self) -> Option<u32> {
        match self {
            Self::Text(text) => asn_number(text),
            Self::Number(number) => u32::try_from(*number).ok().filter(|number| *number != 0),
            _ => None,
        }
    }

    fn is_set(&self) -> bool {
        matches!(self, Self::Flag(true) | Self::Text("true" | "1") | Self::Number(1))
    }
}

/// The facts of a record; the caller adds source and network.
pub(super) struct Record<'a> {
    asn: Option<u32>,
    organisation: Option<&'a str>,
    /// `name`, which is the AS's only where there is a number beside it and no better name.
    name: Option<&'a str>,
    country: Option<&'a str>,
    city: Option<&'a str>,
    uses: Vec<&'static str>,
}

impl Record<'_> {
    /// Writes what the record says into `facts`.
    pub(super) fn fill(self, facts: &mut IpFacts) {
        facts.asn = self.asn;
        let as_name = self.organisation.or(self.name.filter(|_| self.asn.is_some()));
        facts.as_name = as_name.and_then(name);
        facts.country = self.country.and_then(country_code);
        facts.city = self.city.and_then(name);
        for one in self.uses {
            facts.used_for(one);
        }
    }

    /// What a flag of this name means.
    fn use_named(key: &str) -> Option<&'static str> {
        Some(match key {
            "hosting" | "is_hosting" | "is_hosting_provider" => "hosting",
            "vpn" | "is_vpn" | "is_anonymous_vpn" => "vpn",
            "proxy" | "is_proxy" | "is_public_proxy" | "is_residential_proxy" => "proxy",
            "tor" | "is_tor" | "is_tor_exit_node" => "tor",
            "relay" | "is_relay" => "relay",
            "is_anycast" => "anycast",
            "is_mobile" => "mobile",
            "is_satellite" => "satellite",
            "is_anonymous" => "anonymous",
            _ => return None,
        })
    }
}

impl<'de> Deserialize<'de> for Record<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RecordVisitor)
    }
}

struct RecordVisitor;

impl<'de> Visitor<'de> for RecordVisitor {
    type Value = Record<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a record about a network")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Record<'de>, A::Error> {
        let mut record =
            Record { asn: None, organisation: None, name: None, country: None, city: None, uses: Vec::new() };
        while let Some(key) = map.next_key::<&str>()? {
            match key {
                "asn" | "autonomous_system_number" => record.asn = map.next_value::<Field<'_>>()?.asn(),
                "as_name" | "autonomous_system_organization" => {
                    record.organisation =
                        map.next_value::<Field<'_>>()?.text().filter(|text| !text.is_empty());
                }
                "name" => record.name = map.next_value::<Field<'_>>()?.text(),
                "country_code" => record.country = map.next_value::<Field<'_>>()?.text().or(record.country),
                "country" => match map.next_value()? {
                    Field::Place { code, .. } => record.country = code,
                    Field::Text(text) if text.len() == 2 => record.country = Some(text),
                    _ => {}
                },
                "city" => match map.next_value()? {
                    Field::Place { name, .. } => record.city = name,
                    Field::Text(text) => record.city = Some(text),
                    _ => {}
                },
                "traits" => {
                    let traits = map.next_value::<Record<'_>>()?;
                    record.asn = record.asn.or(traits.asn);
                    record.organisation = record.organisation.or(traits.organisation);
                    record.uses.extend(traits.uses);
                }
                other => match Record::use_named(other) {
                    Some(one) if map.next_value::<Field<'_>>()?.is_set() => record.uses.push(one),
                    Some(_) => {}
                    None => map.next_value::<IgnoredAny>().map(|_| ())?,
                },
            }
        }
        Ok(record)
    }
}

impl<'de> Deserialize<'de> for Field<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FieldVisitor)
    }
}

struct FieldVisitor;

impl<'de> Visitor<'de> for FieldVisitor {
    type Value = Field<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Field<'de>, E> {
        Ok(Field::Text(text))
    }

    fn visit_str<E>(self, _: &str) -> Result<Field<'de>, E> {
        Ok(Field::Nothing)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Field<'de>, E> {
        Ok(Field::Flag(flag))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Field<'de>, E> {
        Ok(Field::Number(number))
    }

    fn visit_u128<E>(self, _: u128) -> Result<Field<'de>, E> {
        Ok(Field::Nothing)
    }

    fn visit_i64<E>(self, number: i64) -> Result<Field<'de>, E> {
        Ok(u64::try_from(number).map_or(Field::Nothing, Field::Number))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Field<'de>, E> {
        Ok(Field::Nothing)
    }

    fn visit_bytes<E>(self, _: &[u8]) -> Result<Field<'de>, E> {
        Ok(Field::Nothing)
    }

    fn visit_unit<E>(self) -> Result<Field<'de>, E> {
        Ok(Field::Nothing)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Field<'de>, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Field::Nothing)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Field<'de>, A::Error> {
        let (mut code, mut name) = (None, None);
        while let Some(key) = map.next_key::<&str>()? {
            match key {
                "iso_code" => code = map.next_value::<Field<'_>>()?.text(),
                // The English name inside `names`.
                "en" => name = map.next_value::<Field<'_>>()?.text(),
                "names" => {
                    if let Field::Place { name: english, .. } = map.next_value()? {
                        name = english;
                    }
                }
                _ => map.next_value::<IgnoredAny>().map(|_| ())?,
            }
        }
        Ok(Field::Place { code, name })
    }
}
