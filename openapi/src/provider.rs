//! Providers on the wire: the organisations whose sources are asked.

use aggregator_entities::clock::rfc3339;
use aggregator_entities::repositories::providers::StoredProvider;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Name;
use crate::listing::list_parameters;

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
#[schema(example = json!({"name": "abuse.ch", "enabled": false}))]
pub struct ReplaceProvider {
    /// Its name for people, at most 200 characters.
    #[schema(value_type = Name)]
    pub name: String,
    /// False switches all of its sources off: nothing new is asked of them, its lists are neither downloaded nor matched.
    pub enabled: bool,
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
    pub url: Option<String>,
    /// False when all of its sources are switched off.
    pub enabled: bool,
    /// How many sources it has; `/sources?provider=` lists them.
    pub sources: i64,
    /// When it was made known.
    #[schema(example = "2026-11-21T02:03:04.567Z")]
    pub created_at: String,
    /// When it was last changed by hand.
    #[schema(example = "2026-11-21T02:03:04.567Z")]
    pub updated_at: String,
}

/// Providers, in the order asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"providers": [Provider::example()], "next": null}))]
pub struct ProviderPage {
    /// The providers.
    pub providers: Vec<Provider>,
    /// The cursor of the next page; `null` on the last one.
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
