//! Which part of a list or a stream is asked for, and in which order.

use std::fmt::Debug;

use serde::Deserialize;
use utoipa::IntoParams;

/// An order of a list.
pub trait Sort: Copy + Debug + Default {
    /// True from the last to the first.
    fn is_descending(self) -> bool;
}

/// Which part of a list is asked for, and in which order: what every list takes beside its filters.
#[derive(Debug, Clone, Copy)]
pub struct PagePart<'a, S> {
    /// The order.
    pub sort: S,
    /// Entries at most.
    pub limit: Option<u32>,
    /// Where to go on.
    pub cursor: Option<&'a str>,
}

/// Declares the orders of a list; a word that begins with `-` is one from the last to the first.
macro_rules! sorts {
    ($(#[$doc:meta])* $name:ident { $($(#[$order_doc:meta])* $order:ident = $word:tt),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize, serde::Serialize, utoipa::ToSchema)]
        pub enum $name { $($(#[$order_doc])* #[serde(rename = $word)] $order),+ }

        impl $crate::page::Sort for $name {
            fn is_descending(self) -> bool {
                match self { $(Self::$order => $word.starts_with('-')),+ }
            }
        }
    };
}
pub(crate) use sorts;

/// Declares the query parameters of a list: `sort`, `limit` and `cursor` beside its own.
macro_rules! page_parameters {
    (
        $(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty),* $(,)? }
        $(#[$sort_doc:meta])* sort: $sort:ty
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, serde::Deserialize, utoipa::IntoParams)]
        #[serde(deny_unknown_fields)]
        #[into_params(parameter_in = Query)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: Option<$type>,)*
            $(#[$sort_doc])*
            pub sort: Option<$sort>,
            /// Entries at most, 1–1,000; 100 when absent.
            #[param(minimum = 1, maximum = 1000, example = 100)]
            pub limit: Option<u32>,
            /// Where to go on: the `next` of the page before.
            pub cursor: Option<String>,
        }

        impl $name {
            /// Which part of the list, without the filters of its own.
            pub fn part(&self) -> $crate::page::PagePart<'_, $sort> {
                $crate::page::PagePart {
                    sort: self.sort.unwrap_or_default(),
                    limit: self.limit,
                    cursor: self.cursor.as_deref(),
                }
            }
        }
    };
}
pub(crate) use page_parameters;

sorts! {
    /// The order of a list of what was made once; with `-` from the last to the first. Ids are given in that order, too.
    CreatedSort {
        /// Oldest first.
        CreatedAt = "created_at",
        /// Newest first.
        #[default]
        CreatedAtDescending = "-created_at",
    }
}

/// From where on to tell events.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EventsParameters {
    /// Only what happened after this event; everything when absent.
    #[param(minimum = 0, example = 0)]
    pub after: Option<i64>,
}
