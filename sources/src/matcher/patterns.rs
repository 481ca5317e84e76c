//! Substrings in one automaton, regular expressions in sets of bounded size.

use std::sync::Arc;

use aggregator_domain::Kind;
use aho_corasick::{AhoCorasick, AhoCorasickKind};
use regex::{RegexSet, RegexSetBuilder};

use super::MatcherError;
use crate::KindSet;
use crate::feeds::entry::EntryMode;
use crate::feeds::reading::{REGEX_NEST_LIMIT, REGEX_SIZE_LIMIT};
use crate::generation::Generation;

/// Regular expressions compiled together.
const SET_LENGTH: usize = 64;
/// Bytes of lazily built automaton a set may keep for each thread.
const SET_CACHE_BYTES: usize = 1 << 20;

/// Who lists a pattern.
#[derive(Clone, Copy)]
struct Listing {
    entry: u32,
    feed: u16,
    whole: bool,
    address: bool,
}

/// Every pattern of every generation.
#[derive(Default)]
pub(super) struct Patterns {
    substrings: Option<AhoCorasick>,
    substring_listings: Vec<Listing>,
    sets: Vec<(RegexSet, Vec<Listing>)>,
    asked_about: Option<KindSet>,
}

impl Patterns {
    /// Compiles the patterns.
    pub(super) fn build(generations: &[Arc<Generation>]) -> Result<Self, MatcherError> {
        let (mut texts, mut expressions) = (Vec::new(), Vec::new());
        let mut built = Self::default();
        for (feed, generation) in (0_u16..).zip(generations) {
            let first = generation.entries() - generation.header().patterns;
            for entry in (first..generation.entries()).filter_map(|index| generation.entry(index)) {
                let listing = Listing {
                    entry: entry.index(),
                    feed,
                    whole: entry.is_whole(),
                    address: entry.value().parse::<std::net::IpAddr>().is_ok(),
                };
                if entry.mode() == EntryMode::Substring {
                    texts.push(entry.value());
                    built.substring_listings.push(listing);
                } else {
                    expressions.push((entry.value(), listing));
                }
                let asked = built.asked_about.unwrap_or(KindSet::EMPTY).union(generation.answers());
                built.asked_about = Some(asked);
            }
        }
        if !texts.is_empty() {
            let automaton = AhoCorasick::builder()
                .ascii_case_insensitive(true)
                .kind(Some(AhoCorasickKind::ContiguousNFA))
                .build(texts)
                .map_err(|error| MatcherError::Patterns(error.to_string()))?;
            built.substrings = Some(automaton);
        }
        for part in expressions.chunks(SET_LENGTH) {
            let set = RegexSetBuilder::new(part.iter().map(|(text, _)| text))
                .size_limit(REGEX_SIZE_LIMIT * SET_LENGTH)
                .nest_limit(REGEX_NEST_LIMIT)
                .dfa_size_limit(SET_CACHE_BYTES)
                .build()
                .map_err(|error| MatcherError::Patterns(error.to_string()))?;
            built.sets.push((set, part.iter().map(|(_, listing)| *listing).collect()));
        }
        Ok(built)
    }

    /// True when some list with patterns is asked about this kind.
    pub(super) fn asked_about(&self, kind: Kind) -> bool {
        self.asked_about.is_some_and(|kinds| kinds.contains(kind))
    }

    /// Calls `found` once for every pattern that matches.
    pub(super) fn find(&self, value: &str, mut found: impl FnMut(u16, u32, EntryMode)) {
        if let Some(automaton) = &self.substrings {
            let mut seen = smallvec::SmallVec::<[usize; 8]>::new();
            for place in automaton.find_overlapping_iter(value) {
                let pattern = place.pattern().as_usize();
                let listing = self.substring_listings[pattern];
                let stands = !listing.whole || stands_alone(value, place.range(), listing.address);
                if stands && !seen.contains(&pattern) {
                    seen.push(pattern);
                    found(listing.feed, listing.entry, EntryMode::Substring);
                }
            }
        }
        for (set, listings) in &self.sets {
            for pattern in set.matches(value) {
                found(listings[pattern].feed, listings[pattern].entry, EntryMode::Regex);
            }
        }
    }
}

/// True when the neighbours do not continue an address or a name: `1.2.3.4` does not stand alone in `11.2.3.45` nor in
/// `5.1.2.3.4`, `example.com` does in `www.example.com` but not in `myexample.com` nor in `example.com.evil.net`.
fn stands_alone(value: &str, range: std::ops::Range<usize>, address: bool) -> bool {
    let bytes = value.as_bytes();
    let continues = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let before = range.start.checked_sub(1).and_then(|at| bytes.get(at)).copied();
    let continued_before =
        before.is_some_and(|byte| continues(byte) || (address && matches!(byte, b'.' | b':')));
    let colons = address && value[range.clone()].contains(':');
    let continued_after = match (bytes.get(range.end), bytes.get(range.end + 1)) {
        (Some(b':'), _) => colons,
        (Some(b'.'), Some(next)) | (Some(next), _) => continues(*next),
        (None, _) => false,
    };
    !continued_before && !continued_after
}
