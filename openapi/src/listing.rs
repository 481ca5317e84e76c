//! What every list of named things takes: a search, an order, a page.

use aggregator_entities::repositories::listing::SortKey;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::page::PagePart;

/// The order of a list; with `-` from the last to the first. Texts are ordered byte by byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, ToSchema)]
pub enum ListSort {
    /// By slug.
    #[default]
    #[serde(rename = "slug")]
    Slug,
    /// By slug, backwards.
    #[serde(rename = "-slug")]
    SlugDescending,
    /// By name.
    #[serde(rename = "name")]
    Name,
    /// By name, backwards.
    #[serde(rename = "-name")]
    NameDescending,
    /// By the last change, oldest first.
    #[serde(rename = "updated_at")]
    UpdatedAt,
    /// By the last change, newest first.
    #[serde(rename = "-updated_at")]
    UpdatedAtDescending,
}

impl ListSort {
    /// The key, and whether it goes from the last to the first.
    pub fn parts(self) -> (SortKey, bool) {
        match self {
            Self::Slug => (SortKey::Slug, false),
            Self::SlugDescending => (SortKey::Slug, true),
            Self::Name => (SortKey::Name, false),
            Self::NameDescending => (SortKey::Name, true),
            Self::UpdatedAt => (SortKey::UpdatedAt, false),
            Self::UpdatedAtDescending => (SortKey::UpdatedAt, true),
        }
    }
}

/// Which part of a list of named things is asked for, and how it is ordered.
#[derive(Debug, Clone, Copy)]
pub struct ListPage<'a> {
    /// The text looked for.
    pub search: Option<&'a str>,
    /// Which part, and in which order.
    pub part: PagePart<'a, ListSort>,
}

/// Declares the query parameters of a list of named things: `search`, `sort`, `limit` and `cursor` beside its own.
macro_rules! list_parameters {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty),* $(,)? }) => {
        $crate::page::page_parameters! {
            $(#[$doc])*
            $name {
                $($(#[$field_doc])* $field: $type,)*
                /// Only those whose slug or name contains this; upper and lower case are the same.
                #[param(max_length = 200, pattern = "^[^\\x00]*[^\\s\\x00\\x85][^\\x00]*$")]
                search: String,
            }
            /// The order; by slug when absent.
            sort: $crate::ListSort
        }

        impl $name {
            /// Which part of the list, with what is searched for.
            pub fn page(&self) -> $crate::listing::ListPage<'_> {
                $crate::listing::ListPage { search: self.search.as_deref(), part: self.part() }
            }
        }
    };
}
pub(crate) use list_parameters;
