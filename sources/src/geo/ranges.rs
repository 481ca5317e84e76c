//! Overlapping ranges made disjoint.

/// A range of addresses as numbers, both ends included, and what it belongs to.
pub(super) type Range = (u128, u128, u32);

/// Cuts overlapping ranges so that of those around an address the one that begins last wins, and of two that begin
/// together the shorter: the more particular statement. The result is disjoint and sorted.
pub(super) fn flatten(mut ranges: Vec<Range>) -> Vec<Range> {
    ranges.sort_by(|a, b| (a.0, b.1).cmp(&(b.0, a.1)));
    let mut flat = Flat { ranges: Vec::with_capacity(ranges.len()), next: Some(0) };
    let mut open: Vec<(u128, u32)> = Vec::new();
    for (first, last, owner) in ranges {
        while let Some((last, owner)) = open.pop_if(|(last, _)| *last < first) {
            flat.until(last, owner);
        }
        if let (Some((_, around)), Some(before)) = (open.last(), first.checked_sub(1)) {
            flat.until(before, *around);
        }
        flat.next = Some(first);
        open.push((last, owner));
    }
    while let Some((last, owner)) = open.pop() {
        flat.until(last, owner);
    }
    flat.ranges
}

/// Disjoint ranges so far.
struct Flat {
    ranges: Vec<Range>,
    /// The first address nothing is said about yet; `None` past the last address there is.
    next: Option<u128>,
}

impl Flat {
    /// Says that everything up to `last` that is not said yet is the owner's.
    fn until(&mut self, last: u128, owner: u32) {
        if let Some(next) = self.next
            && next <= last
        {
            self.ranges.push((next, last, owner));
            self.next = last.checked_add(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_range_that_begins_last_wins() {
        assert_eq!(flatten(vec![(10, 99, 1), (20, 29, 2)]), [(10, 19, 1), (20, 29, 2), (30, 99, 1)]);
        assert_eq!(flatten(vec![(10, 49, 1), (30, 99, 2)]), [(10, 29, 1), (30, 99, 2)]);
        assert_eq!(flatten(vec![(10, 20, 1), (10, 99, 2)]), [(10, 20, 1), (21, 99, 2)]);
        assert_eq!(
            flatten(vec![(0, 99, 1), (10, 59, 2), (20, 29, 3), (40, 79, 4)]),
            [(0, 9, 1), (10, 19, 2), (20, 29, 3), (30, 39, 2), (40, 79, 4), (80, 99, 1)]
        );
        assert_eq!(flatten(vec![(5, 6, 1), (8, 9, 2)]), [(5, 6, 1), (8, 9, 2)]);
        assert_eq!(flatten(vec![(0, u128::MAX, 1), (7, u128::MAX, 2)]), [(0, 6, 1), (7, u128::MAX, 2)]);
        assert!(flatten(Vec::new()).is_empty());
    }
}
