//! A page of items in input order or against it: rows and, in between, the items whose chunk still waits.

use std::collections::BTreeMap;

use crate::ids::SubmissionId;
use crate::repositories::walk::Walk;
use crate::tables::item::Item;
use crate::{Database, StoreError};

use super::filter::ItemFilter;
use super::waiting::WaitingChunk;
use super::{rows, waiting};

/// Waiting chunks looked at for one page: two hold any page without a filter, a filter may pass over more.
const CHUNKS: u32 = 2;
const CHUNKS_FILTERED: u32 = 16;

/// A part of a submission's items.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// The items, in the order of the walk. May be fewer than asked for, even none, though more follow.
    pub items: Vec<Item>,
    /// The ordinal to go on behind; `None` at the end.
    pub next: Option<i32>,
}

/// Items by their ordinals.
pub async fn page(
    database: &Database,
    submission: SubmissionId,
    filter: &ItemFilter,
    walk: &Walk<i32>,
) -> Result<Page, StoreError> {
    let mut found = BTreeMap::new();
    let mut horizons = Vec::new();
    // What waits comes first: a chunk that is screened in between is met twice, and never not at all.
    if filter.admits_waiting() {
        horizons.extend(add_waiting(database, submission, filter, walk, &mut found).await?);
    }
    let rows::Screened { items: screened, until } =
        rows::screened(database, submission, filter, walk).await?;
    horizons.extend(until);
    if i64::try_from(screened.len()).unwrap_or(i64::MAX) == walk.rows() {
        horizons.extend(screened.last().map(|item| item.ordinal));
    }
    found.extend(screened.into_iter().map(|item| (rank(walk, item.ordinal), item)));
    // Beyond the nearer horizon one of the two was not looked at.
    let horizon = horizons.into_iter().min_by_key(|ordinal| rank(walk, *ordinal));
    let is_near = |item: &Item| horizon.is_none_or(|horizon| rank(walk, item.ordinal) <= rank(walk, horizon));
    let items: Vec<Item> = found.into_values().take_while(is_near).collect();
    let (mut items, next) = walk.cut(items, |item| item.ordinal);
    let next = next.or(horizon);
    add_seqs(database, submission, &mut items).await?;
    Ok(Page { items, next })
}

/// Counts up in the order of the walk.
fn rank(walk: &Walk<i32>, ordinal: i32) -> i64 {
    if walk.descending { -i64::from(ordinal) } else { i64::from(ordinal) }
}

/// Adds the waiting items that match, by their ranks; returns the ordinal up to which it looked, `None` when that was all.
async fn add_waiting(
    database: &Database,
    submission: SubmissionId,
    filter: &ItemFilter,
    walk: &Walk<i32>,
    found: &mut BTreeMap<i64, Item>,
) -> Result<Option<i32>, StoreError> {
    let most = if filter.kind.is_some() || filter.text.is_some() { CHUNKS_FILTERED } else { CHUNKS };
    let chunks = waiting::chunks(database, submission, filter.only_done(), (walk, most)).await?;
    let wanted = usize::try_from(walk.rows()).unwrap_or(usize::MAX);
    for chunk in &chunks {
        let mut items: Vec<_> = chunk.items()?.collect();
        if walk.descending {
            items.reverse();
        }
        for (ordinal, item) in items {
            let is_behind = walk.after.is_none_or(|after| rank(walk, ordinal) > rank(walk, after));
            if is_behind && filter.takes_waiting(&item.indicator, chunk.state) {
                found.insert(rank(walk, ordinal), chunk.shown(ordinal, item));
                if found.len() == wanted {
                    return Ok(Some(ordinal));
                }
            }
        }
    }
    let all = u32::try_from(chunks.len()).unwrap_or(u32::MAX) < most;
    let far_end =
        |chunk: &WaitingChunk| if walk.descending { chunk.first_ordinal } else { chunk.last_ordinal };
    Ok(if all { None } else { chunks.last().map(far_end) })
}

/// An item is as new as the last commit that changed it: its own, or its chunk's.
async fn add_seqs(
    database: &Database,
    submission: SubmissionId,
    items: &mut [Item],
) -> Result<(), StoreError> {
    let mut items: Vec<&mut Item> = items.iter_mut().collect();
    items.sort_unstable_by_key(|item| item.ordinal);
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
