//! What an indicator tells by itself, on the wire.

use aggregator_entities::domain::facts;
use aggregator_entities::domain::{self, Indicator};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::indicator::mirror;

mirror! {
    /// Who runs the suffix a name ends in.
    Namespace of facts::Namespace {
        /// The DNS.
        Icann = "icann",
        /// The DNS, under a suffix where a company gives names away.
        Private = "private",
        /// Reserved for a use outside the public DNS.
        Special = "special",
        /// Another root.
        Alternative = "alternative",
        /// A country code that was in the DNS once.
        Retired = "retired",
        /// Nobody known.
        Unknown = "unknown",
    }
}

/// What a value tells without asking anybody. What does not apply to its kind is `null`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!(IndicatorFacts::of(&Indicator::from_canonical(domain::Kind::Domain, "www.example.com"))))]
pub struct IndicatorFacts {
    /// A form nothing clicks, resolves or connects to.
    #[schema(example = "www[.]example[.]com")]
    pub defanged: String,
    /// The name or address inside it: the host of a URL, the domain of an e-mail address.
    #[schema(required = true)]
    pub host: Option<String>,
    /// The public suffix of that name and one label more.
    #[schema(required = true)]
    pub registrable_domain: Option<String>,
    /// The public suffix of that name.
    #[schema(required = true)]
    pub public_suffix: Option<String>,
    /// Who runs that suffix.
    #[schema(required = true)]
    pub namespace: Option<Namespace>,
    /// The special-purpose range its address lies in.
    #[schema(required = true)]
    pub special_range: Option<SpecialRange>,
}

/// A range the IANA registries set aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SpecialRange {
    /// The addresses.
    #[schema(example = "192.0.2.0/24")]
    pub network: String,
    /// The registry's name for it.
    #[schema(example = "Documentation (TEST-NET-1)")]
    pub name: String,
    /// The document that sets it aside.
    #[schema(example = "RFC 5737")]
    pub rfc: String,
    /// Whether a packet to it can cross the Internet; `null` where the registry does not say.
    #[schema(required = true)]
    pub globally_reachable: Option<bool>,
}

impl IndicatorFacts {
    /// The facts of an indicator.
    pub fn of(indicator: &Indicator) -> Self {
        let name = facts::name_of(indicator);
        let host = match indicator.kind() {
            domain::Kind::Url => facts::host_of(indicator.value()),
            domain::Kind::Email => name,
            _ => None,
        };
        Self {
            defanged: domain::defang(indicator),
            host: host.map(str::to_owned),
            registrable_domain: name.and_then(facts::registrable_domain).map(str::to_owned),
            public_suffix: name.and_then(facts::public_suffix).map(str::to_owned),
            namespace: name.map(|name| facts::namespace(name).into()),
            special_range: facts::special_range_of(indicator).map(|range| SpecialRange {
                network: range.network.to_string(),
                name: range.name.to_owned(),
                rfc: range.rfc.to_owned(),
                globally_reachable: range.globally_reachable,
            }),
        }
    }
}
