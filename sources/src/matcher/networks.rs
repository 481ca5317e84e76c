//! The networks of every generation in one tree for each address family.
//!
//! Two CIDR blocks are disjoint or one holds the other. So of all distinct blocks sorted by first address (and the
//! wider first), the last one that begins at or before an address is the only place to start: whatever holds the address is
//! that block or one of its ancestors.

/// An address as a number.
pub(super) trait Address: Copy + Ord {
    /// Bits of an address.
    const BITS: u8;

    /// The first address of the block of this prefix.
    fn masked(self, prefix: u8) -> Self;

    /// The sixteen highest bits.
    fn top(self) -> usize;
}

impl Address for u32 {
    const BITS: u8 = 32;

    fn masked(self, prefix: u8) -> Self {
        self & !Self::MAX.checked_shr(prefix.into()).unwrap_or(0)
    }

    fn top(self) -> usize {
        (self >> 16) as usize
    }
}

impl Address for u128 {
    const BITS: u8 = 128;

    fn masked(self, prefix: u8) -> Self {
        self & !Self::MAX.checked_shr(prefix.into()).unwrap_or(0)
    }

    fn top(self) -> usize {
        // Global unicast is 2000::/3, so sixteen bits from the seventeenth on tell more apart; order needs the highest.
        (self >> 112) as usize
    }
}

/// One distinct block.
#[derive(Clone, Copy)]
struct Block {
    /// The smallest block around this one; [`NONE`] at the top.
    parent: u32,
    /// Where its listings begin; they end where the next block's begin.
    listings: u32,
    prefix: u8,
}

/// Who lists a block.
#[derive(Clone, Copy)]
struct Listing {
    entry: u32,
    feed: u16,
}

const NONE: u32 = u32::MAX;
const TOPS: usize = 1 << 16;

/// Every block of one address family.
pub(super) struct Networks<A> {
    starts: Vec<A>,
    blocks: Vec<Block>,
    listings: Vec<Listing>,
    /// For each value of the highest sixteen bits, how many blocks begin below it.
    tops: Vec<u32>,
}

impl<A> Default for Networks<A> {
    fn default() -> Self {
        Self { starts: Vec::new(), blocks: Vec::new(), listings: Vec::new(), tops: Vec::new() }
    }
}

impl<A: Address> Networks<A> {
    /// Collects the blocks of generations, each with the number of its first network entry.
    pub(super) fn build<I: Iterator<Item = (A, u8)>>(generations: impl Iterator<Item = (u32, I)>) -> Self {
        let mut all = Vec::new();
        for (feed, (base, networks)) in (0_u16..).zip(generations) {
            all.extend((base..).zip(networks).map(|(entry, (start, prefix))| (start, prefix, feed, entry)));
        }
        all.sort_unstable();
        let mut built = Self::default();
        let mut open: Vec<u32> = Vec::new();
        for (start, prefix, feed, entry) in all {
            let same = built.starts.last() == Some(&start)
                && built.blocks.last().is_some_and(|block| block.prefix == prefix);
            if !same {
                while let Some(last) = open.last()
                    && !built.holds(*last, start)
                {
                    open.pop();
                }
                let number = number(built.blocks.len());
                let parent = open.last().copied().unwrap_or(NONE);
                built.starts.push(start);
                built.blocks.push(Block { parent, listings: number_of(&built.listings), prefix });
                open.push(number);
            }
            built.listings.push(Listing { entry, feed });
        }
        built.starts.shrink_to_fit();
        built.blocks.shrink_to_fit();
        built.listings.shrink_to_fit();
        built.index_tops();
        built
    }

    fn index_tops(&mut self) {
        if self.starts.is_empty() {
            return;
        }
        let mut tops = Vec::with_capacity(TOPS + 1);
        for (at, start) in self.starts.iter().enumerate() {
            while tops.len() <= start.top() {
                tops.push(number(at));
            }
        }
        tops.resize(TOPS + 1, number(self.starts.len()));
        self.tops = tops;
    }

    fn holds(&self, block: u32, address: A) -> bool {
        let at = block as usize;
        address.masked(self.blocks[at].prefix) == self.starts[at]
    }

    /// Calls `found` with feed and entry of every block that holds the network `address/prefix`, smallest first.
    pub(super) fn find(&self, address: A, prefix: u8, mut found: impl FnMut(u16, u32)) {
        if self.starts.is_empty() {
            return;
        }
        let prefix = prefix.min(A::BITS);
        let (low, high) = (self.tops[address.top()] as usize, self.tops[address.top() + 1] as usize);
        let before = low + self.starts[low..high].partition_point(|start| *start <= address);
        let mut block = before.checked_sub(1).map_or(NONE, number);
        while block != NONE {
            let at = block as usize;
            if self.blocks[at].prefix <= prefix && self.holds(block, address) {
                let end = self.blocks.get(at + 1).map_or(self.listings.len(), |next| next.listings as usize);
                for listing in &self.listings[self.blocks[at].listings as usize..end] {
                    found(listing.feed, listing.entry);
                }
            }
            block = self.blocks[at].parent;
        }
    }
}

/// A place in a list that entry numbers (32 bits) bound.
#[expect(clippy::cast_possible_truncation, reason = "entries of a generation are counted in 32 bits")]
fn number(at: usize) -> u32 {
    at as u32
}

fn number_of<T>(list: &[T]) -> u32 {
    number(list.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(networks: &Networks<u32>, address: [u8; 4], prefix: u8) -> Vec<u32> {
        let mut hits = Vec::new();
        networks.find(u32::from_be_bytes(address), prefix, |_, entry| hits.push(entry));
        hits.sort_unstable();
        hits
    }

    #[test]
    fn nested_equal_and_disjoint_blocks() {
        let ip = u32::from_be_bytes;
        let first = [(ip([10, 0, 0, 0]), 8), (ip([10, 1, 0, 0]), 16), (ip([10, 1, 2, 0]), 24)];
        let second = [(ip([0, 0, 0, 0]), 0), (ip([10, 1, 0, 0]), 16), (ip([11, 0, 0, 0]), 31)];
        let networks = Networks::build([(100, first.into_iter()), (200, second.into_iter())].into_iter());
        assert_eq!(found(&networks, [10, 1, 2, 255], 32), [100, 101, 102, 200, 201]);
        assert_eq!(found(&networks, [10, 1, 3, 0], 32), [100, 101, 200, 201]);
        assert_eq!(found(&networks, [10, 255, 255, 255], 32), [100, 200]);
        assert_eq!(found(&networks, [11, 0, 0, 1], 32), [200, 202]);
        assert_eq!(found(&networks, [11, 0, 0, 2], 32), [200]);
        assert_eq!(found(&networks, [10, 1, 0, 0], 16), [100, 101, 200, 201]);
        assert_eq!(found(&networks, [10, 0, 0, 0], 7), [200]);
        assert_eq!(found(&networks, [255, 255, 255, 255], 32), [200]);
    }

    #[test]
    fn a_walk_agrees_with_asking_every_block() {
        let mut state = 7_u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as u32
        };
        let mut blocks: Vec<(u32, u8)> = (0..3_000)
            .map(|_| {
                let prefix = 4 + (next() % 29) as u8;
                (((next() % 64) << 24 | next() & 0x00ff_ffff).masked(prefix), prefix)
            })
            .collect();
        blocks.sort_unstable();
        blocks.dedup();
        let networks = Networks::build([(0, blocks.iter().copied())].into_iter());
        for _ in 0..20_000 {
            let address = (next() % 66) << 24 | next() & 0x00ff_ffff;
            let expected: Vec<u32> = (0..)
                .zip(&blocks)
                .filter(|(_, (start, prefix))| address.masked(*prefix) == *start)
                .map(|(entry, _)| entry)
                .collect();
            assert_eq!(found(&networks, address.to_be_bytes(), 32), expected);
        }
    }
}
