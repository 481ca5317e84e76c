//! Kinds on the wire: the built-in ones, and those defined by a regular expression.

use aggregator_entities::clock::rfc3339;
use aggregator_entities::domain::custom::{self, CustomKindDefinition};
use aggregator_entities::domain::{self};
use aggregator_entities::repositories::custom_kinds::{NewCustomKind, StoredKind};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::indicator::mirror;
use crate::listing::list_parameters;
use crate::{KindSlug, Name};

/// The highest priority.
pub const MAX_PRIORITY: i32 = 1_000;

list_parameters! {
    /// Which kinds to list.
    ListKindsParameters {
        /// Only those that come with the program (`true`), or only custom ones.
        built_in: bool,
        /// Only enabled ones (`true`), or only disabled ones.
        enabled: bool,
    }
}

mirror! {
    /// What is done to a value before it is matched and stored.
    Normalise of custom::Normalise {
        /// Nothing: upper and lower case make two values.
        Keep = "none",
        /// It becomes lower case.
        Lower = "lower",
        /// It becomes upper case.
        Upper = "upper",
    }
}

const fn keep() -> Normalise {
    Normalise::Keep
}

const fn yes() -> bool {
    true
}

/// A custom kind to be made.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "slug": "employee_id", "name": "Employee number", "description": "As the personnel office writes it.",
    "pattern": "E-[0-9]{5}", "normalise": "upper", "examples": ["E-12345"], "counter_examples": ["E-1234"]
}))]
pub struct CreateKind {
    /// Its name in addresses and in what is shown of its indicators, for good.
    #[schema(value_type = KindSlug)]
    pub slug: String,
    /// Its name for people, at most 200 characters.
    #[schema(value_type = Name)]
    pub name: String,
    /// What it is for, at most 2,000 characters.
    #[serde(default)]
    #[schema(max_length = 2000, pattern = "^[^\\x00]*$")]
    pub description: String,
    /// A regular expression of the Rust crate `regex` (no look-around, no backreferences), 1–1,000 characters. A value matches when
    /// all of it does. Compiled it may take 1 MiB.
    #[schema(min_length = 1, max_length = 1000, pattern = "^[^\\x00]*$", example = "E-[0-9]{5}")]
    pub pattern: String,
    /// True when upper and lower case match alike.
    #[serde(default)]
    pub case_insensitive: bool,
    /// What is done to a value before it is matched and stored; nothing when absent.
    #[serde(default = "keep")]
    pub normalise: Normalise,
    /// False when it is not to be looked for in running text, only where a value stands alone; looked for when absent.
    #[serde(default = "yes")]
    pub in_text: bool,
    /// Tried before those with a lower one, 0–1,000; by slug between equals; 0 when absent.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1000, example = 0)]
    pub priority: i32,
    /// Values that must match, at most 20 of 1,024 bytes.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub examples: Vec<String>,
    /// Values that must not match, at most 20 of 1,024 bytes.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub counter_examples: Vec<String>,
    /// A disabled kind reads nothing; enabled when absent.
    #[serde(default = "yes")]
    pub enabled: bool,
}

/// All that can be changed of a custom kind.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "Employee number", "description": "", "pattern": "E-[0-9]{5,6}", "normalise": "upper",
    "examples": ["E-12345", "E-123456"], "counter_examples": ["E-1234"], "enabled": true
}))]
pub struct ReplaceKind {
    /// Its name for people, at most 200 characters.
    #[schema(value_type = Name)]
    pub name: String,
    /// What it is for, at most 2,000 characters.
    #[serde(default)]
    #[schema(max_length = 2000, pattern = "^[^\\x00]*$")]
    pub description: String,
    /// A regular expression of the Rust crate `regex` (no look-around, no backreferences), 1–1,000 characters. A value matches when
    /// all of it does. Compiled it may take 1 MiB.
    #[schema(min_length = 1, max_length = 1000, pattern = "^[^\\x00]*$", example = "E-[0-9]{5,6}")]
    pub pattern: String,
    /// True when upper and lower case match alike.
    #[serde(default)]
    pub case_insensitive: bool,
    /// What is done to a value before it is matched and stored; nothing when absent.
    #[serde(default = "keep")]
    pub normalise: Normalise,
    /// False when it is not to be looked for in running text, only where a value stands alone; looked for when absent.
    #[serde(default = "yes")]
    pub in_text: bool,
    /// Tried before those with a lower one, 0–1,000; by slug between equals; 0 when absent.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1000, example = 0)]
    pub priority: i32,
    /// Values that must match, at most 20 of 1,024 bytes.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub examples: Vec<String>,
    /// Values that must not match, at most 20 of 1,024 bytes.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub counter_examples: Vec<String>,
    /// A disabled kind reads nothing.
    pub enabled: bool,
}

impl CreateKind {
    /// The slug, and what else it says.
    pub fn parts(self) -> (String, ReplaceKind) {
        let Self {
            slug,
            name,
            description,
            pattern,
            case_insensitive,
            normalise,
            in_text,
            priority,
            examples,
            counter_examples,
            enabled,
        } = self;
        let said = ReplaceKind {
            name,
            description,
            pattern,
            case_insensitive,
            normalise,
            in_text,
            priority,
            examples,
            counter_examples,
            enabled,
        };
        (slug, said)
    }
}

impl From<ReplaceKind> for NewCustomKind {
    fn from(said: ReplaceKind) -> Self {
        Self {
            name: said.name,
            description: said.description,
            enabled: said.enabled,
            priority: said.priority,
            definition: CustomKindDefinition {
                pattern: said.pattern,
                case_insensitive: said.case_insensitive,
                normalise: said.normalise.into(),
                in_text: said.in_text,
                examples: said.examples,
                counter_examples: said.counter_examples,
            },
        }
    }
}

/// What an indicator can be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!(IndicatorKind::example()))]
#[expect(clippy::struct_excessive_bools, reason = "each is a field of the document")]
pub struct IndicatorKind {
    /// Its name in addresses; of a built-in one what `kind` of its indicators says, of a custom one what `custom_kind` says.
    pub slug: String,
    /// Its name for people.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// True when it comes with the program: it is neither changed nor deleted.
    pub built_in: bool,
    /// A disabled kind reads nothing.
    pub enabled: bool,
    /// What a value has to match from its first to its last character; `null` of a built-in one, whose rules are more than that.
    #[schema(required = true)]
    pub pattern: Option<String>,
    /// True when upper and lower case match alike.
    pub case_insensitive: bool,
    /// What is done to a value before it is matched and stored; `null` of a built-in one, which has a form of its own.
    #[schema(required = true)]
    pub normalise: Option<Normalise>,
    /// True when it is looked for in running text.
    pub in_text: bool,
    /// Tried before those with a lower one; `null` of a built-in one, which comes before all of them.
    #[schema(required = true)]
    pub priority: Option<i32>,
    /// Values that match.
    pub examples: Vec<String>,
    /// Values that do not match.
    pub counter_examples: Vec<String>,
    /// When it was made; `null` of a built-in one.
    #[schema(format = DateTime, required = true, example = "2026-11-21T02:03:04.567Z")]
    pub created_at: Option<String>,
    /// When it was last changed; `null` of a built-in one.
    #[schema(format = DateTime, required = true, example = "2026-11-21T02:03:04.567Z")]
    pub updated_at: Option<String>,
}

/// Kinds, in the order asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"kinds": [IndicatorKind::example()], "next": null}))]
pub struct KindPage {
    /// The kinds.
    pub kinds: Vec<IndicatorKind>,
    /// The cursor of the next page; `null` on the last one.
    #[schema(required = true)]
    pub next: Option<String>,
}

impl From<StoredKind> for IndicatorKind {
    fn from(stored: StoredKind) -> Self {
        let StoredKind { head, description, enabled, priority, definition } = stored;
        Self {
            slug: head.slug,
            name: head.name,
            description,
            built_in: false,
            enabled,
            pattern: Some(definition.pattern),
            case_insensitive: definition.case_insensitive,
            normalise: Some(definition.normalise.into()),
            in_text: definition.in_text,
            priority: Some(priority),
            examples: definition.examples,
            counter_examples: definition.counter_examples,
            created_at: Some(rfc3339(head.created_at)),
            updated_at: Some(rfc3339(head.updated_at)),
        }
    }
}

/// Name, description and an example of a built-in kind; `None` of what is none by itself.
pub const fn told(kind: domain::Kind) -> Option<[&'static str; 3]> {
    use domain::Kind as K;
    Some(match kind {
        K::Ipv4 => ["IPv4 address", "A dotted quad.", "192.0.2.1"],
        K::Ipv6 => ["IPv6 address", "As RFC 5952 writes it.", "2001:db8::1"],
        K::Cidr => ["Network", "Address and prefix length, host bits zero.", "192.0.2.0/24"],
        K::Asn => ["Autonomous system", "AS and its number.", "AS64496"],
        K::Domain => ["Domain", "A host name under a public suffix.", "example.com"],
        K::Url => ["URL", "As the WHATWG URL standard writes it.", "https://example.com/a"],
        K::Email => ["E-mail address", "Its domain in lower case.", "someone@example.com"],
        K::Md5 => ["MD5 digest", "32 hex digits.", "d41d8cd98f00b204e9800998ecf8427e"],
        K::Sha1 => ["SHA-1 digest", "40 hex digits.", "da39a3ee5e6b4b0d3255bfef95601890afd80709"],
        K::Sha256 => [
            "SHA-256 digest",
            "64 hex digits.",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        ],
        K::Sha512 => [
            "SHA-512 digest",
            "128 hex digits.",
            "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
        ],
        K::Ssdeep => ["ssdeep hash", "Block size and two parts.", "3:AXGBicFlgVNhBGcL6wCrFQEv:AXGHsNhxLsr2C"],
        K::Tlsh => [
            "TLSH digest",
            "T1 and 70 hex digits.",
            "T1A5B2C3D4E5F60718293A4B5C6D7E8F90A1B2C3D4E5F60718293A4B5C6D7E8F90A1B2C3",
        ],
        K::Cve => ["CVE number", "A publicly known vulnerability.", "CVE-2021-44228"],
        K::Custom => return None,
    })
}

impl IndicatorKind {
    /// A built-in kind; `None` of `custom`, which stands for many.
    pub fn built_in(kind: domain::Kind) -> Option<Self> {
        let [name, description, example] = told(kind)?;
        Some(Self {
            slug: kind.as_str().to_owned(),
            name: name.to_owned(),
            description: description.to_owned(),
            built_in: true,
            enabled: true,
            pattern: None,
            case_insensitive: false,
            normalise: None,
            in_text: true,
            priority: None,
            examples: vec![example.to_owned()],
            counter_examples: Vec::new(),
            created_at: None,
            updated_at: None,
        })
    }

    /// A kind for the document's examples.
    pub fn example() -> Self {
        Self {
            slug: "employee_id".to_owned(),
            name: "Employee number".to_owned(),
            description: "As the personnel office writes it.".to_owned(),
            built_in: false,
            enabled: true,
            pattern: Some("E-[0-9]{5}".to_owned()),
            case_insensitive: false,
            normalise: Some(Normalise::Upper),
            in_text: true,
            priority: Some(0),
            examples: vec!["E-12345".to_owned()],
            counter_examples: vec!["E-1234".to_owned()],
            created_at: Some("2026-11-21T02:03:04.567Z".to_owned()),
            updated_at: Some("2026-11-21T02:03:04.567Z".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use aggregator_entities::domain::{Detection, Kind, detect};

    use super::IndicatorKind;

    #[test]
    fn the_example_of_each_built_in_kind_is_one() {
        let mut told = 0;
        for built_in in Kind::ALL.into_iter().filter_map(IndicatorKind::built_in) {
            let Detection::One(parsed) = detect(&built_in.examples[0]) else { panic!("{built_in:?}") };
            assert_eq!(
                (parsed.indicator.kind().as_str(), parsed.indicator.value()),
                (&*built_in.slug, &*built_in.examples[0])
            );
            told += 1;
        }
        assert_eq!(told, Kind::ALL.len() - 1);
    }
}
