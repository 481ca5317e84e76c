//! Indicators on the wire.

use aggregator_entities::domain;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::KindSlug;

/// Declares the wire form of a closed enum of the domain, with the conversions both ways.
macro_rules! mirror {
    ($(#[$doc:meta])* $name:ident of $domain:path { $($(#[$variant_doc:meta])* $variant:ident = $text:tt),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
        pub enum $name { $($(#[$variant_doc])* #[serde(rename = $text)] $variant),+ }

        impl From<$domain> for $name {
            fn from(value: $domain) -> Self {
                match value { $(<$domain>::$variant => Self::$variant),+ }
            }
        }

        impl From<$name> for $domain {
            fn from(value: $name) -> Self {
                match value { $($name::$variant => Self::$variant),+ }
            }
        }
    };
}
pub(crate) use mirror;

mirror! {
    /// What an indicator is.
    Kind of domain::Kind {
        /// An IPv4 address.
        Ipv4 = "ipv4",
        /// An IPv6 address.
        Ipv6 = "ipv6",
        /// A network, with its host bits zero.
        Cidr = "cidr",
        /// An autonomous system.
        Asn = "asn",
        /// A host name under a public suffix.
        Domain = "domain",
        /// A URL.
        Url = "url",
        /// An e-mail address.
        Email = "email",
        /// An MD5 digest.
        Md5 = "md5",
        /// A SHA-1 digest.
        Sha1 = "sha1",
        /// A SHA-256 digest.
        Sha256 = "sha256",
        /// A SHA-512 digest.
        Sha512 = "sha512",
        /// An ssdeep fuzzy hash.
        Ssdeep = "ssdeep",
        /// A TLSH fuzzy hash.
        Tlsh = "tlsh",
        /// A CVE number.
        Cve = "cve",
        /// A value of a custom kind; `custom_kind` beside it says of which.
        Custom = "custom",
    }
}

/// An indicator with what its written form said beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!(ParsedIndicator::example()))]
pub struct ParsedIndicator {
    /// Its identity: 32 hex digits, the same for the same kind and value everywhere.
    #[schema(pattern = "^[0-9a-f]{32}$", example = json!(ParsedIndicator::example().id))]
    pub id: String,
    /// What it is.
    pub kind: Kind,
    /// The slug of its kind, where that is a custom one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<KindSlug>)]
    pub custom_kind: Option<String>,
    /// Its canonical value.
    #[schema(example = "192.0.2.1")]
    pub value: String,
    /// The port of an `ip:port` form: context, not part of the indicator.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
}

impl ParsedIndicator {
    /// An indicator for the document's examples.
    pub fn example() -> Self {
        let indicator = domain::Indicator::from_canonical(domain::Kind::Ipv4, "192.0.2.1");
        domain::Parsed { indicator, port: Some(8_080) }.into()
    }
}

impl From<domain::Parsed> for ParsedIndicator {
    fn from(parsed: domain::Parsed) -> Self {
        let domain::Parsed { indicator, port } = parsed;
        let (id, kind) = (indicator.id().to_string(), indicator.kind());
        let (custom_kind, value) = told(kind, indicator.into_value().into_string());
        Self { id, kind: kind.into(), custom_kind, value, port }
    }
}

/// The slug of a custom kind, and the value without it; of a built-in kind the value as it is.
pub(crate) fn told(kind: domain::Kind, canonical: String) -> (Option<String>, String) {
    match domain::custom::parts(kind, &canonical) {
        (Some(slug), value) => (Some(slug.to_owned()), value.to_owned()),
        (None, _) => (None, canonical),
    }
}

/// How many there are of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct KindCount {
    /// The kind.
    pub kind: Kind,
    /// How many.
    #[schema(example = 1)]
    pub count: u64,
}
