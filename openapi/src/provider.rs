//! Providers on the wire: the organisations whose sources are asked.

use aggregator_entities::clock::rfc3339;
use aggregator_entities::repositories::providers::StoredProvider;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::listing::list_parameters;
use crate::{Name, Slug};

list_parameters! {
    /// Which providers to list.
    ListProvidersParameters {
        /// Only those switched on (`true`), or only those switched off.
        enabled: bool,
    }
}

/// All that can be changed of a provider.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "abuse.ch", "url": "https://abuse.ch/", "enabled": false}))]
pub struct ReplaceProvider {
    /// Its name for people, at most 200 characters.
    #[schema(value_type = Name)]
    pub name: String,
    /// Its site, `http:` or `https:`; none when absent or `null`.
    #[schema(max_length = 2048, example = "https://abuse.ch/")]
    pub url: Option<String>,
    /// False switches all of its sources off: nothing new is asked of them, its lists are neither downloaded nor matched.
    pub enabled: bool,
}

/// A provider to be made: its slug, and all that can be changed of it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"slug": "our-csirt", "name": "Our CSIRT", "url": null, "enabled": true}))]
pub struct CreateProvider {
    /// Its name in addresses: 1–64 lower-case letters, digits and hyphens, none of these at an end.
    #[schema(value_type = Slug)]
    pub slug: String,
    /// Its name for people, at most 200 characters.
    #[schema(value_type = Name)]
    pub name: String,
    /// Its site, `http:` or `https:`; none when absent or `null`.
    #[schema(max_length = 2048, example = "https://csirt.example/")]
    pub url: Option<String>,
    /// False switches all of its sources off.
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub enabled: bool,
}

const fn yes() -> bool {
    true
}

impl CreateProvider {
    /// The slug, and the rest.
    pub fn parts(self) -> (String, ReplaceProvider) {
        let Self { slug, name, url, enabled } = self;
        (slug, ReplaceProvider { name, url, enabled })
    }
}

/// An organisation whose sources are asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!(Provider::example()))]
pub struct Provider {
    /// Its name in addresses; may hold what a path writes in percent.
    pub slug: String,
    /// Its name for people.
    pub name: String,
    /// Its site.
    #[schema(required = true)]
    pub url: Option<String>,
    /// False when all of its sources are switched off.
    pub enabled: bool,
    /// How many sources it has; `/sources?provider=` lists them.
    pub sources: i64,
    /// When it was made known.
    #[schema(format = DateTime, example = "2026-11-21T02:03:04.567Z")]
    pub created_at: String,
    /// When it was last changed by hand.
    #[schema(format = DateTime, example = "2026-11-21T02:03:04.567Z")]
    pub updated_at: String,
}

/// Providers, in the order asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"providers": [Provider::example()], "next": null}))]
pub struct ProviderPage {
    /// The providers.
    pub providers: Vec<Provider>,
    /// The cursor of the next page; `null` on the last one.
    #[schema(required = true)]
    pub next: Option<String>,
}

impl From<StoredProvider> for Provider {
    fn from(row: StoredProvider) -> Self {
        Self {
            slug: row.head.slug,
            name: row.head.name,
            url: row.url,
            enabled: row.enabled,
            sources: row.sources,
            created_at: rfc3339(row.head.created_at),
            updated_at: rfc3339(row.head.updated_at),
        }
    }
}

impl Provider {
    /// A provider for the document's examples.
    pub fn example() -> Self {
        Self {
            slug: "abuse.ch".to_owned(),
            name: "abuse.ch".to_owned(),
            url: None,
            enabled: true,
            sources: 5,
            created_at: "2026-11-21T02:03:04.567Z".to_owned(),
            updated_at: "2026-11-21T02:03:04.567Z".to_owned(),
        }
    }
}
