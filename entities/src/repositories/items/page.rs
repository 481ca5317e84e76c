//! A page of items in input order: rows and, in between, the items whose chunk still waits.

use std::collections::BTreeMap;

use crate::ids::SubmissionId;
use crate::tables::item::Item;
use crate::{Database, StoreError};

use super::filter::ItemFilter;
use super::{rows, waiting};

/// Waiting chunks looked at for one page: two hold any page without a filter, a filter may pass over more.
const CHUNKS: u32 = 2;
const CHUNKS_FILTERED: u32 = 16;

/// A part of a submission's items.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// The items, in input order. May be fewer than asked for, even none, though more follow.
    pub items: Vec<Item>,
    /// The ordinal to go on after; `None` at the end.
    pub next: Option<i32>,
}

/// Items after ordinal `after` (-1 for the first), in order, at most `limit` (at least 1).
pub async fn page(
    database: &Database,
    submission: SubmissionId,
    filter: &ItemFilter,
    (after, limit): (i32, u32),
) -> Result<Page, StoreError> {
    let mut found = BTreeMap::new();
    let mut horizons = Vec::new();
    // What waits comes first: a chunk that is screened in between is met twice, and never not at all.
    if filter.admits_waiting() {
        horizons.extend(add_waiting(database, submission, filter, (after, limit), &mut found).await?);
    }
    let screened = rows::screened(database, submission, filter, (after, limit + 1)).await?;
    if u32::try_from(screened.len()).unwrap_or(u32::MAX) > limit {
        horizons.extend(screened.last().map(|item| item.ordinal));
    }
    found.extend(screened.into_iter().map(|item| (item.ordinal, item)));
    // Beyond the nearer horizon one of the two was not looked at.
    let horizon = horizons.into_iter().min();
    let mut items: Vec<Item> = found
        .into_values()
        .take_while(|item| horizon.is_none_or(|horizon| item.ordinal <= horizon))
        .collect();
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let next = if items.len() > limit {
        items.truncate(limit);
        items.last().map(|item| item.ordinal)
    } else {
        horizon
    };
    add_seqs(database, submission, &mut items).await?;
    Ok(Page { items, next })
}

/// Adds the waiting items that match; returns the ordinal up to which it looked, `None` when that was all.
async fn add_waiting(
    database: &Database,
    submission: SubmissionId,
    filter: &ItemFilter,
    (after, limit): (i32, u32),
    found: &mut BTreeMap<i32, Item>,
) -> Result<Option<i32>, StoreError> {
    let most = if filter.kind.is_some() || filter.text.is_some() { CHUNKS_FILTERED } else { CHUNKS };
    let chunks = waiting::chunks(database, submission, filter.only_done(), (after, most)).await?;
    let wanted = usize::try_from(limit).unwrap_or(usize::MAX).saturating_add(1);
    for chunk in &chunks {
        for (ordinal, item) in chunk.items()? {
            if ordinal > after && filter.takes_waiting(&item.indicator, chunk.state) {
                found.insert(ordinal, chunk.shown(ordinal, item));
                if found.len() == wanted {
                    return Ok(Some(ordinal));
                }
            }
        }
    }
    let all = u32::try_from(chunks.len()).unwrap_or(u32::MAX) < most;
    Ok(if all { None } else { chunks.last().map(|chunk| chunk.last_ordinal) })
}

/// An item is as new as the last commit that changed it: its own, or its chunk's.
async fn add_seqs(
    database: &Database,
    submission: SubmissionId,
    items: &mut [Item],
) -> Result<(), StoreError> {
    let (Some(first), Some(last)) = (items.first(), items.last()) else { return Ok(()) };
    let chunks = waiting::seqs(database, submission, (first.ordinal, last.ordinal)).await?;
    let mut chunks = chunks.into_iter().peekable();
    for item in items {
        while chunks.next_if(|(_, last, _)| *last < item.ordinal).is_some() {}
        if let Some((first, _, seq)) = chunks.peek()
            && *first <= item.ordinal
        {
            item.seq = item.seq.or(*seq);
        }
    }
    Ok(())
}
