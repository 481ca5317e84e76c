//! What changed between two generations of a feed: a merge of two sorted artifacts.

use std::cmp::Ordering;

use super::entry::Entry;
use super::open::Generation;

/// One difference.
#[derive(Debug, Clone, Copy)]
pub enum Change<'g> {
    /// Only the new generation has it: what retro-matching looks at.
    Added(Entry<'g>),
    /// Only the old generation has it: what expires.
    Removed(Entry<'g>),
    /// Both have it, with another opinion or other facts.
    Changed {
        /// As it was.
        before: Entry<'g>,
        /// As it is.
        after: Entry<'g>,
    },
}

/// Walks two generations side by side in linear time and constant memory.
#[derive(Debug)]
pub struct Delta<'g> {
    before: (&'g Generation, u32),
    after: (&'g Generation, u32),
}

/// The differences from `before` to `after`, in the order of the files.
pub fn delta<'g>(before: &'g Generation, after: &'g Generation) -> Delta<'g> {
    Delta { before: (before, 0), after: (after, 0) }
}

impl<'g> Delta<'g> {
    /// The entries only the new generation has.
    pub fn added(self) -> impl Iterator<Item = Entry<'g>> {
        self.filter_map(|change| if let Change::Added(entry) = change { Some(entry) } else { None })
    }

    /// The entries only the old generation has.
    pub fn removed(self) -> impl Iterator<Item = Entry<'g>> {
        self.filter_map(|change| if let Change::Removed(entry) = change { Some(entry) } else { None })
    }
}

impl<'g> Iterator for Delta<'g> {
    type Item = Change<'g>;

    fn next(&mut self) -> Option<Change<'g>> {
        loop {
            let before = self.before.0.entry(self.before.1);
            let after = self.after.0.entry(self.after.1);
            let (before, after) = match (before, after) {
                (None, None) => return None,
                (Some(before), None) => {
                    self.before.1 += 1;
                    return Some(Change::Removed(before));
                }
                (None, Some(after)) => {
                    self.after.1 += 1;
                    return Some(Change::Added(after));
                }
                (Some(before), Some(after)) => (before, after),
            };
            match before.order(&after) {
                Ordering::Less => {
                    self.before.1 += 1;
                    return Some(Change::Removed(before));
                }
                Ordering::Greater => {
                    self.after.1 += 1;
                    return Some(Change::Added(after));
                }
                Ordering::Equal => {
                    self.before.1 += 1;
                    self.after.1 += 1;
                    if before.opinion() != after.opinion() || before.facts() != after.facts() {
                        return Some(Change::Changed { before, after });
                    }
                }
            }
        }
    }
}
