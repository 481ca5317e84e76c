//! Lists that are walked by one key, from either end: an index has them in that order, so that a page costs what it shows.
//!
//! Where a filter has no index a page looks at a bounded span of ids, and says how far it came.

use crate::{Database, StoreError};

/// Which part of a list, and from which end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Walk<P> {
    /// The place to go on behind, in the direction of the walk; `None` at its beginning.
    pub after: Option<P>,
    /// From the last to the first.
    pub descending: bool,
    /// Entries at most; 1 or more.
    pub limit: u32,
}

/// A part of a list, and the place to go on behind; `None` at the end.
pub type Part<T, P> = (Vec<T>, Option<P>);

impl<P: Clone> Walk<P> {
    /// The first entries.
    pub const fn first(limit: u32) -> Self {
        Self { after: None, descending: false, limit }
    }

    /// How a key compares that is behind another.
    pub(crate) const fn then(&self) -> &'static str {
        if self.descending { "<" } else { ">" }
    }

    /// The order as SQL has it.
    pub(crate) const fn order(&self) -> &'static str {
        if self.descending { "DESC" } else { "ASC" }
    }

    /// The number of the place to go on behind; at the beginning one that all are behind.
    pub(crate) fn behind(&self, number: impl FnOnce(P) -> i64) -> i64 {
        self.after.clone().map_or(if self.descending { i64::MAX } else { i64::MIN }, number)
    }

    /// Rows to read: one more than asked for tells that more follow.
    pub(crate) fn rows(&self) -> i64 {
        i64::from(self.limit) + 1
    }

    /// Cuts what was read to what was asked for, and says where to go on.
    pub fn cut<T>(&self, mut rows: Vec<T>, place: impl FnOnce(&T) -> P) -> Part<T, P> {
        let keep = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let more = rows.len() > keep;
        rows.truncate(keep);
        let next = rows.last().filter(|_| more).map(place);
        (rows, next)
    }
}

/// Ids a page looks at where no index knows better.
const SPAN: i64 = 200_000;

/// The ids a page looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    /// The first of them.
    pub(crate) least: i64,
    /// The last of them.
    pub(crate) greatest: i64,
    /// The id to go on behind; `None` where none are left.
    pub(crate) next: Option<i64>,
}

impl Span {
    /// All that are left behind an id.
    pub(crate) const fn whole(after: Option<i64>, descending: bool) -> Self {
        let (least, greatest) = match after {
            Some(after) if descending => (0, after.saturating_sub(1)),
            Some(after) => (after.saturating_add(1), i64::MAX),
            None => (0, i64::MAX),
        };
        Self { least, greatest, next: None }
    }

    /// The next of them that a table has, not too many.
    pub(crate) async fn bounded(
        database: &Database,
        table: &'static str,
        (after, descending): (Option<i64>, bool),
    ) -> Result<Self, StoreError> {
        // Two reads of the index: of both in one SQLite would go through all.
        let ends = database
            .sql(&format!(
                "SELECT (SELECT MIN(id) FROM {table}) AS least, (SELECT MAX(id) FROM {table}) AS greatest"
            ))
            .one(database.reader(), |row| Ok((row.try_get("", "least")?, row.try_get("", "greatest")?)))
            .await?;
        let (least, greatest): (Option<i64>, Option<i64>) = ends.unwrap_or_default();
        let there = (least.unwrap_or_default(), greatest.unwrap_or_default());
        Ok(Self::whole(after, descending).within(there, descending))
    }

    /// The next of them that are between two ids, not too many.
    fn within(self, (least, greatest): (i64, i64), descending: bool) -> Self {
        let (least, greatest) = (self.least.max(least), self.greatest.min(greatest));
        if greatest.saturating_sub(least) < SPAN {
            return Self { least, greatest, next: None };
        }
        if descending {
            let least = greatest - SPAN + 1;
            return Self { least, greatest, next: Some(least) };
        }
        let greatest = least + SPAN - 1;
        Self { least, greatest, next: Some(greatest) }
    }
}

#[cfg(test)]
mod tests {
    use super::{SPAN, Span};

    #[test]
    fn spans_meet_and_leave_nothing_out() {
        for descending in [false, true] {
            let (mut after, mut spans) = (None, Vec::new());
            loop {
                let span = Span::whole(after, descending).within((7, 7 + 2 * SPAN), descending);
                assert!(span.least <= span.greatest && span.greatest - span.least < SPAN, "{span:?}");
                spans.push((span.least, span.greatest));
                match span.next {
                    Some(next) => after = Some(next),
                    None => break,
                }
            }
            spans.sort_unstable();
            assert_eq!(spans.len(), 3);
            assert_eq!((spans[0].0, spans[2].1), (7, 7 + 2 * SPAN));
            assert!(spans.windows(2).all(|two| two[0].1 + 1 == two[1].0), "{spans:?}");
        }
    }

    #[test]
    fn behind_the_last_there_is_nothing() {
        for (after, descending) in [(9, false), (1, true), (i64::MAX, false), (i64::MIN, true)] {
            let span = Span::whole(Some(after), descending).within((1, 9), descending);
            assert!(span.least > span.greatest && span.next.is_none(), "{span:?}");
        }
    }
}
