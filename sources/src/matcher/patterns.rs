//! Substrings in automata, regular expressions in sets of bounded size.
//!
//! Patterns are grouped by the kinds their lists are asked about, so a value only meets those that may answer. A
//! substring that is a whole domain is found in domains and e-mail addresses by the key index, as a suffix is; its
//! automaton is for other values.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use aggregator_domain::Kind;
use aho_corasick::AhoCorasick;
use regex::{RegexSet, RegexSetBuilder};

use super::MatcherError;
use crate::KindSet;
use crate::feeds::entry::EntryMode;
use crate::feeds::reading::{REGEX_NEST_LIMIT, REGEX_SIZE_LIMIT};
use crate::generation::{Entry, Generation};

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

/// Substrings whose lists are asked about the same kinds.
struct Substrings {
    asked_about: KindSet,
    /// True for whole domains.
    names: bool,
    automaton: AhoCorasick,
    listings: Vec<Listing>,
}

/// Regular expressions whose lists are asked about the same kinds.
struct Expressions {
    asked_about: KindSet,
    set: RegexSet,
    listings: Vec<Listing>,
}

/// Every pattern of every generation.
#[derive(Default)]
pub(super) struct Patterns {
    substrings: Vec<Substrings>,
    expressions: Vec<Expressions>,
}

/// Texts and who lists them, by the kinds asked about and whether they are names.
type Groups<'g> = BTreeMap<(u16, bool), Vec<(&'g str, Listing)>>;

/// True for kinds whose values are looked up by name.
pub(super) fn has_names(kind: Kind) -> bool {
    matches!(kind, Kind::Domain | Kind::Email)
}

/// The patterns of generations that are whole domains: (feed, entry, domain).
pub(super) fn names(generations: &[Arc<Generation>]) -> Vec<(u16, u32, &str)> {
    let is_name = |entry: &Entry<'_>| entry.is_whole() && entry.value().parse::<IpAddr>().is_err();
    let of = |generation| pattern_entries(generation).filter(is_name);
    (0_u16..)
        .zip(generations)
        .flat_map(|(feed, generation)| of(generation).map(move |one| (feed, one.index(), one.value())))
        .collect()
}

fn pattern_entries(generation: &Generation) -> impl Iterator<Item = Entry<'_>> {
    let first = generation.entries() - generation.header().patterns;
    (first..generation.entries()).filter_map(|index| generation.entry(index))
}

impl Patterns {
    /// Compiles the patterns.
    pub(super) fn build(generations: &[Arc<Generation>]) -> Result<Self, MatcherError> {
        let (mut texts, mut expressions) = (Groups::new(), Groups::new());
        for (feed, generation) in (0_u16..).zip(generations) {
            let asked = generation.answers().bits();
            for entry in pattern_entries(generation) {
                let (whole, address) = (entry.is_whole(), entry.value().parse::<IpAddr>().is_ok());
                let listing = Listing { entry: entry.index(), feed, whole, address };
                let (groups, names) = match entry.mode() {
                    EntryMode::Substring => (&mut texts, whole && !address),
                    _ => (&mut expressions, false),
                };
                groups.entry((asked, names)).or_default().push((entry.value(), listing));
            }
        }
        let mut built = Self::default();
        for ((asked, names), group) in texts {
            built.substrings.push(substrings(KindSet::from_bits(asked), names, &group)?);
        }
        for ((asked, _), group) in expressions {
            for part in group.chunks(SET_LENGTH) {
                built.expressions.push(set(KindSet::from_bits(asked), part)?);
            }
        }
        Ok(built)
    }

    /// Calls `found` once for every pattern that matches and is not found by name.
    pub(super) fn find(&self, kind: Kind, value: &str, mut found: impl FnMut(u16, u32, EntryMode)) {
        for group in &self.substrings {
            if !group.asked_about.contains(kind) || (group.names && has_names(kind)) {
                continue;
            }
            let mut seen = smallvec::SmallVec::<[usize; 8]>::new();
            for place in group.automaton.find_overlapping_iter(value) {
                let pattern = place.pattern().as_usize();
                let listing = group.listings[pattern];
                let stands = !listing.whole || stands_alone(value, place.range(), listing.address);
                if stands && !seen.contains(&pattern) {
                    seen.push(pattern);
                    found(listing.feed, listing.entry, EntryMode::Substring);
                }
            }
        }
        for group in self.expressions.iter().filter(|group| group.asked_about.contains(kind)) {
            for pattern in group.set.matches(value) {
                let listing = group.listings[pattern];
                found(listing.feed, listing.entry, EntryMode::Regex);
            }
        }
    }
}

fn substrings(
    asked_about: KindSet,
    names: bool,
    group: &[(&str, Listing)],
) -> Result<Substrings, MatcherError> {
    let automaton = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .build(group.iter().map(|(text, _)| text))
        .map_err(|error| MatcherError::Patterns(error.to_string()))?;
    let listings = group.iter().map(|(_, listing)| *listing).collect();
    Ok(Substrings { asked_about, names, automaton, listings })
}

fn set(asked_about: KindSet, group: &[(&str, Listing)]) -> Result<Expressions, MatcherError> {
    let set = RegexSetBuilder::new(group.iter().map(|(text, _)| text))
        .size_limit(REGEX_SIZE_LIMIT * SET_LENGTH)
        .nest_limit(REGEX_NEST_LIMIT)
        .dfa_size_limit(SET_CACHE_BYTES)
        .build()
        .map_err(|error| MatcherError::Patterns(error.to_string()))?;
    let listings = group.iter().map(|(_, listing)| *listing).collect();
    Ok(Expressions { asked_about, set, listings })
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
