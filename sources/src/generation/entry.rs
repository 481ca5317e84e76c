//! One entry of an open generation, read where it lies.

use std::cmp::Ordering;

use aggregator_domain::{Kind, Opinion, Stance};

use super::format::{FLAG_WHOLE, NO_FACTS};
use super::open::{Generation, Meta};
use crate::feeds::entry::EntryMode;

/// One entry; borrows its generation.
#[derive(Clone, Copy)]
pub struct Entry<'g> {
    pub(super) generation: &'g Generation,
    pub(super) index: u32,
    pub(super) meta: Meta,
}

impl<'g> Entry<'g> {
    /// Its number in the generation.
    pub fn index(&self) -> u32 {
        self.index
    }

    /// How it matches.
    pub fn mode(&self) -> EntryMode {
        EntryMode::from_code(self.meta.mode).unwrap_or(EntryMode::Exact)
    }

    /// The kind of its value; `None` for substrings and regular expressions.
    pub fn kind(&self) -> Option<Kind> {
        Kind::from_code(self.meta.kind)
    }

    /// Its value in canonical form: an indicator, a domain, a URL, a network, or the pattern's text.
    pub fn value(&self) -> &'g str {
        self.generation.value(self.meta).unwrap_or_default()
    }

    /// What being listed says.
    pub fn opinion(&self) -> Opinion {
        let stance = Stance::from_code(self.meta.stance).unwrap_or_default();
        Opinion { stance, confidence: self.meta.confidence }
    }

    /// What the feed tells beside it, a JSON object as text.
    pub fn facts(&self) -> Option<&'g str> {
        if self.meta.facts_at == NO_FACTS { None } else { self.generation.facts(self.meta) }
    }

    /// True for a substring that stands alone.
    pub fn is_whole(&self) -> bool {
        self.meta.flags & FLAG_WHOLE != 0
    }

    /// The order of entries in every generation: equal means the same entry.
    pub(super) fn order(&self, other: &Entry<'_>) -> Ordering {
        self.section().cmp(&other.section()).then_with(|| match self.section() {
            0 => (self.key(), self.meta.mode).cmp(&(other.key(), other.meta.mode)),
            1 => self.network_v4().cmp(&other.network_v4()),
            2 => self.network_v6().cmp(&other.network_v6()),
            _ => (self.meta.mode, self.meta.flags, self.value()).cmp(&(
                other.meta.mode,
                other.meta.flags,
                other.value(),
            )),
        })
    }

    fn section(&self) -> u8 {
        let header = self.generation.header();
        let v4 = header.keyed + header.networks_v4;
        match self.index {
            index if index < header.keyed => 0,
            index if index < v4 => 1,
            index if index < v4 + header.networks_v6 => 2,
            _ => 3,
        }
    }

    fn key(&self) -> Option<&[u8; 16]> {
        self.generation.keys().get(self.index as usize)
    }

    fn network_v4(&self) -> Option<(u32, u8)> {
        self.generation.network_v4((self.index - self.generation.header().keyed) as usize)
    }

    fn network_v6(&self) -> Option<(u128, u8)> {
        let header = self.generation.header();
        self.generation.network_v6((self.index - header.keyed - header.networks_v4) as usize)
    }
}

impl std::fmt::Debug for Entry<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {:?} {:?}", self.mode().as_str(), self.value(), self.opinion())
    }
}
