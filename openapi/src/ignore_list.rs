//! Ignore lists on the wire: what must not be sent to sources, and what caps a verdict.

use aggregator_entities::clock::rfc3339;
use aggregator_entities::domain;
use aggregator_entities::repositories::ignore_lists as row;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::indicator::mirror;
use crate::listing::list_parameters;
use crate::{Name, Slug};

mirror! {
    /// What being on an ignore list does.
    IgnoreAction of domain::IgnoreEffect {
        /// The value is not sent to sources.
        Refuse = "refuse",
        /// The value is sent; an automatic *malicious* is capped.
        Cap = "cap",
    }
}

list_parameters! {
    /// Which ignore lists to list.
    ListIgnoreListsParameters {
        /// Only enabled ones (`true`), or only disabled ones.
        enabled: bool,
        /// Only those that do this.
        action: IgnoreAction,
    }
}

/// An ignore list to be made; its entries come after it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "slug": "ours", "name": "Our own names", "description": "Nobody need know that we look at them.",
    "enabled": true, "action": "refuse"
}))]
pub struct CreateIgnoreList {
    /// Its name in addresses, for good: 1–64 lower-case letters, digits and hyphens.
    #[schema(value_type = Slug)]
    pub slug: String,
    /// Its name for people, at most 200 characters; verdicts name it so.
    #[schema(value_type = Name)]
    pub name: String,
    /// What it is for, at most 2,000 characters.
    #[serde(default)]
    #[schema(max_length = 2000, pattern = "^[^\\x00]*$")]
    pub description: String,
    /// A disabled list has no effect at all; enabled when absent.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// What being on it does.
    pub action: IgnoreAction,
}

const fn yes() -> bool {
    true
}

/// All that can be changed of an ignore list beside its entries.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Our own names", "description": "", "enabled": false, "action": "refuse"}))]
pub struct ReplaceIgnoreList {
    /// Its name for people, at most 200 characters; verdicts name it so.
    #[schema(value_type = Name)]
    pub name: String,
    /// What it is for, at most 2,000 characters.
    #[serde(default)]
    #[schema(max_length = 2000, pattern = "^[^\\x00]*$")]
    pub description: String,
    /// A disabled list has no effect at all.
    pub enabled: bool,
    /// What being on it does.
    pub action: IgnoreAction,
}

impl CreateIgnoreList {
    /// The slug, and what else it says.
    pub fn parts(self) -> (String, ReplaceIgnoreList) {
        let Self { slug, name, description, enabled, action } = self;
        (slug, ReplaceIgnoreList { name, description, enabled, action })
    }
}

/// A list of values that are not asked about, or whose verdict is capped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!(IgnoreList::example()))]
pub struct IgnoreList {
    /// Its name in addresses.
    pub slug: String,
    /// Its name for people.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// A disabled list has no effect at all.
    pub enabled: bool,
    /// What being on it does.
    pub action: IgnoreAction,
    /// Its entries.
    pub entries: i64,
    /// When it was made.
    #[schema(format = DateTime, example = "2026-11-21T02:03:04.567Z")]
    pub created_at: String,
    /// When it or its entries were last changed.
    #[schema(format = DateTime, example = "2026-11-21T02:03:04.567Z")]
    pub updated_at: String,
}

/// Ignore lists, in the order asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"ignore_lists": [IgnoreList::example()], "next": null}))]
pub struct IgnoreListPage {
    /// The lists.
    pub ignore_lists: Vec<IgnoreList>,
    /// The cursor of the next page; `null` on the last one.
    #[schema(required = true)]
    pub next: Option<String>,
}

impl From<row::IgnoreList> for IgnoreList {
    fn from(row: row::IgnoreList) -> Self {
        Self {
            slug: row.head.slug,
            name: row.head.name,
            description: row.description,
            enabled: row.enabled,
            action: row.effect.into(),
            entries: row.entries,
            created_at: rfc3339(row.head.created_at),
            updated_at: rfc3339(row.head.updated_at),
        }
    }
}

impl IgnoreList {
    /// A list for the document's examples.
    pub fn example() -> Self {
        Self {
            slug: "ours".to_owned(),
            name: "Our own names".to_owned(),
            description: "Nobody need know that we look at them.".to_owned(),
            enabled: true,
            action: IgnoreAction::Refuse,
            entries: 3,
            created_at: "2026-11-21T02:03:04.567Z".to_owned(),
            updated_at: "2026-11-21T02:03:04.567Z".to_owned(),
        }
    }
}
