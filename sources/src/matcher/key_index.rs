//! One hash table over the keyed entries of every generation: a slot is a fingerprint, a feed and an entry.
//!
//! Keys are hashes already, so their first bytes are the slot and some others the fingerprint. Eight bytes an entry at
//! two thirds full is 12 bytes of memory an entry; the keys themselves stay in the mapped files and confirm a slot
//! that looks right. Generations are sorted by key and slots rise with keys, so building reads and writes forwards.

use std::sync::Arc;

use super::MatcherError;
use crate::feeds::entry::EntryMode;
use crate::generation::Generation;

/// Bits of a slot that name the feed.
pub(super) const FEED_BITS: u32 = 12;
/// Bits of a slot that name the entry.
const ENTRY_BITS: u32 = 30;
/// A slot nobody uses; no used slot is zero, because a fingerprint never is.
const EMPTY: u64 = 0;

/// The table.
#[derive(Default)]
pub(super) struct KeyIndex {
    slots: Vec<u64>,
}

impl KeyIndex {
    /// Puts every keyed entry in.
    pub(super) fn build(generations: &[Arc<Generation>]) -> Result<Self, MatcherError> {
        let keys: usize = generations.iter().map(|one| one.keys().len()).sum();
        if generations.iter().any(|one| one.keys().len() >= 1 << ENTRY_BITS) {
            return Err(MatcherError::TooManyEntries);
        }
        if keys == 0 {
            return Ok(Self::default());
        }
        let mut index = Self { slots: vec![EMPTY; keys + keys / 2 + 1] };
        for (feed, generation) in (0_u64..).zip(generations) {
            for (entry, key) in (0_u64..).zip(generation.keys()) {
                index.insert(key, feed << ENTRY_BITS | entry);
            }
        }
        Ok(index)
    }

    fn insert(&mut self, key: &[u8; 16], place: u64) {
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
        if self.slots.is_empty() {
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
                if generation.keys().get(entry as usize) == Some(key)
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
        let mut first = [0; 8];
        first.copy_from_slice(&key[..8]);
        ((u128::from(u64::from_be_bytes(first)) * self.slots.len() as u128) >> 64) as usize
    }

    fn after(&self, at: usize) -> usize {
        if at + 1 == self.slots.len() { 0 } else { at + 1 }
    }
}

/// 22 bits of the key that its slot does not depend on; never zero.
fn fingerprint(key: &[u8; 16]) -> u64 {
    let bits = u32::from_le_bytes([key[12], key[13], key[14], key[15]]);
    u64::from(bits & ((1 << (64 - FEED_BITS - ENTRY_BITS)) - 1)).max(1)
}
