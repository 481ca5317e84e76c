//! One hash table over the keyed entries of every generation: a slot is a fingerprint, a feed and an entry.
//!
//! Keys are hashes already, so their first bytes are the slot and some others the fingerprint. Eight bytes an entry at
//! two thirds full is 12 bytes of memory an entry; the keys themselves stay in the mapped files and confirm a slot
//! that looks right. Generations are sorted by key and slots rise with keys, so building reads and writes forwards. A
//! filter in front answers most misses without touching the table.
//!
//! Substrings that are whole domains are in the table too, under the domain's key: for a domain, standing alone in it
//! is the same as being a suffix of it.

use std::sync::Arc;

use aggregator_domain::{IndicatorId, Kind};

use super::MatcherError;
use super::filter::Filter;
use crate::feeds::entry::EntryMode;
use crate::generation::Generation;

/// Bits of a slot that name the feed.
pub(super) const FEED_BITS: u32 = 12;
/// Bits of a slot that name the entry.
const ENTRY_BITS: u32 = 30;
/// A slot nobody uses; no used slot is zero, because a fingerprint never is.
const EMPTY: u64 = 0;

/// The table and the filter before it.
#[derive(Default)]
pub(super) struct KeyIndex {
    slots: Vec<u64>,
    filter: Filter,
}

impl KeyIndex {
    /// Puts every keyed entry in, and the patterns that are `names`: (feed, entry, domain).
    pub(super) fn build(
        generations: &[Arc<Generation>],
        names: &[(u16, u32, &str)],
    ) -> Result<Self, MatcherError> {
        let keys: usize = generations.iter().map(|one| one.keys().len()).sum::<usize>() + names.len();
        if generations.iter().any(|one| one.entries() >= 1 << ENTRY_BITS) {
            return Err(MatcherError::TooManyEntries);
        }
        if keys == 0 {
            return Ok(Self::default());
        }
        let mut index = Self { slots: vec![EMPTY; keys + keys / 2 + 1], filter: Filter::with_room(keys) };
        for (feed, generation) in (0_u64..).zip(generations) {
            for (entry, key) in (0_u64..).zip(generation.keys()) {
                index.insert(key, feed << ENTRY_BITS | entry);
            }
        }
        for (feed, entry, domain) in names {
            let key = IndicatorId::of(Kind::Domain, domain).0;
            index.insert(&key, u64::from(*feed) << ENTRY_BITS | u64::from(*entry));
        }
        Ok(index)
    }

    fn insert(&mut self, key: &[u8; 16], place: u64) {
        self.filter.insert(first_bytes(key), u64::from(key[8]) | u64::from(key[9]) << 8);
        let mut at = self.home(key);
        while self.slots[at] != EMPTY {
            at = self.after(at);
        }
        self.slots[at] = fingerprint(key) << (FEED_BITS + ENTRY_BITS) | place;
    }

    /// Calls `found` with feed, entry and mode of every entry of this key.
    pub(super) fn find(
        &self,
        generations: &[Arc<Generation>],
        key: &[u8; 16],
        mut found: impl FnMut(u16, u32, EntryMode),
    ) {
        let may_be = self.filter.may_hold(first_bytes(key), u64::from(key[8]) | u64::from(key[9]) << 8);
        if self.slots.is_empty() || !may_be {
            return;
        }
        let wanted = fingerprint(key);
        let mut at = self.home(key);
        loop {
            let slot = self.slots[at];
            if slot == EMPTY {
                return;
            }
            if slot >> (FEED_BITS + ENTRY_BITS) == wanted {
                let feed = (slot >> ENTRY_BITS & ((1 << FEED_BITS) - 1)) as u16;
                let entry = (slot & ((1 << ENTRY_BITS) - 1)) as u32;
                let generation = &generations[usize::from(feed)];
                if has_key(generation, entry, key)
                    && let Some(mode) = EntryMode::from_code(generation.mode_code(entry as usize))
                {
                    found(feed, entry, mode);
                }
            }
            at = self.after(at);
        }
    }

    /// The slot a key belongs in: its first bytes as a fraction of the table.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the product's high half is below the table's length"
    )]
    fn home(&self, key: &[u8; 16]) -> usize {
        ((u128::from(first_bytes(key)) * self.slots.len() as u128) >> 64) as usize
    }

    fn after(&self, at: usize) -> usize {
        if at + 1 == self.slots.len() { 0 } else { at + 1 }
    }
}

/// True when the entry is stored under this key, or is a name that has it.
fn has_key(generation: &Generation, entry: u32, key: &[u8; 16]) -> bool {
    match generation.keys().get(entry as usize) {
        Some(stored) => stored == key,
        None => generation
            .entry(entry)
            .is_some_and(|entry| IndicatorId::of(Kind::Domain, entry.value()).0 == *key),
    }
}

/// The first bytes of a key, which order as keys do.
fn first_bytes(key: &[u8; 16]) -> u64 {
    let mut first = [0; 8];
    first.copy_from_slice(&key[..8]);
    u64::from_be_bytes(first)
}

/// 22 bits of the key that its slot does not depend on; never zero.
fn fingerprint(key: &[u8; 16]) -> u64 {
    let bits = u32::from_le_bytes([key[12], key[13], key[14], key[15]]);
    u64::from(bits & ((1 << (64 - FEED_BITS - ENTRY_BITS)) - 1)).max(1)
}
