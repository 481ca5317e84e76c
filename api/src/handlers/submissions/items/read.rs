//! Items as the contract shows them, out of rows.

use aggregator_entities::Database;
use aggregator_entities::ids::SubmissionId;
use aggregator_entities::repositories::items::{self, ItemFilter};
use aggregator_entities::repositories::walk::Walk;
use aggregator_entities::tables::item as row;
use aggregator_openapi::Item;

use crate::failure::Failure;

/// Contexts shown of one item in a list, the first one included.
const LISTED_CONTEXTS: u32 = 20;

/// A part of a submission's items.
pub(super) struct Page {
    pub(super) items: Vec<Item>,
    /// The ordinal to go on behind.
    pub(super) next: Option<i32>,
}

/// Items with the first of their contexts.
pub(super) async fn page(
    database: &Database,
    id: SubmissionId,
    filter: &ItemFilter,
    walk: &Walk<i32>,
) -> Result<Page, Failure> {
    let items::Page { items, next } = items::page(database, id, filter, walk).await?;
    Ok(Page { items: with_contexts(database, id, items, LISTED_CONTEXTS).await?, next })
}

/// Adds the further contexts of items, up to `most` contexts each.
pub(super) async fn with_contexts(
    database: &Database,
    id: SubmissionId,
    rows: Vec<row::Item>,
    most: u32,
) -> Result<Vec<Item>, Failure> {
    let ordinals: Vec<i32> = rows.iter().map(|row| row.ordinal).collect();
    // The first is in the row; one beyond what is shown tells that there are more.
    let mut further = items::contexts(database, id, &ordinals, most).await?;
    let shown = (most - 1) as usize;
    rows.into_iter()
        .map(|row| {
            let contexts = further.remove(&row.ordinal).unwrap_or_default();
            Item::of(row, contexts, shown).map_err(Failure::internal)
        })
        .collect()
}
