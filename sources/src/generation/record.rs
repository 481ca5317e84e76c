//! One entry on its way into a generation: a sort key and what the artifact stores.
//!
//! The sort key begins with the section's rank, so one sort and one merge order the whole file: keyed entries, IPv4
//! networks, IPv6 networks, patterns.

use std::cmp::Ordering;

use aggregator_domain::{IndicatorId, Kind};
use ipnet::IpNet;

use super::format::FLAG_WHOLE;
use crate::feeds::entry::{EntryMode, FeedEntry, Pattern};

/// Rank of the keyed section in sort keys.
pub(super) const RANK_KEYED: u8 = 0;
/// Rank of IPv4 networks.
pub(super) const RANK_V4: u8 = 1;
/// Rank of IPv6 networks.
pub(super) const RANK_V6: u8 = 2;
/// Rank of patterns.
pub(super) const RANK_PATTERN: u8 = 3;

/// Bytes before the variable parts of an encoded record.
const HEAD_BYTES: usize = 12;

/// An encoded record: lengths, fixed fields, key, value, facts, end to end.
#[derive(Clone, Copy)]
pub(super) struct Record<'a> {
    bytes: &'a [u8],
}

impl<'a> Record<'a> {
    /// The record at the front of `bytes`; `None` when they end too early.
    pub(super) fn at(bytes: &'a [u8]) -> Option<Self> {
        let head = bytes.get(..HEAD_BYTES)?;
        let length = |at: usize| usize::from(u16::from_le_bytes([head[at], head[at + 1]]));
        let total = HEAD_BYTES + length(0) + length(2) + length(4);
        Some(Self { bytes: bytes.get(..total)? })
    }

    fn length(self, at: usize) -> usize {
        usize::from(u16::from_le_bytes([self.bytes[at], self.bytes[at + 1]]))
    }

    /// All its bytes.
    pub(super) fn bytes(self) -> &'a [u8] {
        self.bytes
    }

    /// What it is sorted by; equal keys are the same entry.
    pub(super) fn key(self) -> &'a [u8] {
        &self.bytes[HEAD_BYTES..HEAD_BYTES + self.length(0)]
    }

    /// The canonical value.
    pub(super) fn value(self) -> &'a [u8] {
        let start = HEAD_BYTES + self.length(0);
        &self.bytes[start..start + self.length(2)]
    }

    /// The facts, as JSON text; empty for none.
    pub(super) fn facts(self) -> &'a [u8] {
        &self.bytes[HEAD_BYTES + self.length(0) + self.length(2)..]
    }

    /// Kind, mode, stance, confidence and flags as the meta record has them.
    pub(super) fn fixed(self) -> &'a [u8] {
        &self.bytes[6..HEAD_BYTES]
    }

    fn stance_and_confidence(self) -> (u8, u8) {
        (self.bytes[8], self.bytes[9])
    }

    /// The order of the file; of equal keys the strongest opinion comes first, and is the one kept.
    pub(super) fn order(self, other: Record<'_>) -> Ordering {
        self.key()
            .cmp(other.key())
            .then_with(|| other.stance_and_confidence().cmp(&self.stance_and_confidence()))
            .then_with(|| self.facts().cmp(other.facts()))
    }

    /// The first bytes of the key as a number that orders as the key does.
    pub(super) fn prefix(self) -> u64 {
        let mut first = [0; 8];
        for (to, from) in first.iter_mut().zip(self.key()) {
            *to = *from;
        }
        u64::from_be_bytes(first)
    }
}

/// Appends the encoded entry; `false` (and nothing appended) when a part is too long to store.
pub(super) fn encode(entry: &FeedEntry, out: &mut Vec<u8>) -> bool {
    let (key, kind, flags) = sort_key(&entry.pattern);
    let network;
    let value = match &entry.pattern {
        Pattern::Exact(indicator) => indicator.value(),
        Pattern::Suffix(text)
        | Pattern::UrlPrefix(text)
        | Pattern::Regex(text)
        | Pattern::Substring { text, .. } => text,
        Pattern::Network(net) => {
            network = net.to_string();
            &network
        }
    };
    let lengths = [key.len(), value.len(), entry.facts.as_str().len()].map(u16::try_from);
    let [Ok(key_length), Ok(value_length), Ok(facts_length)] = lengths else { return false };
    for length in [key_length, value_length, facts_length] {
        out.extend_from_slice(&length.to_le_bytes());
    }
    let stance = entry.opinion.stance.code();
    out.extend_from_slice(&[kind, entry.pattern.mode().code(), stance, entry.opinion.confidence.min(100)]);
    out.extend_from_slice(&flags.to_le_bytes());
    out.extend_from_slice(&key);
    out.extend_from_slice(value.as_bytes());
    out.extend_from_slice(entry.facts.as_str().as_bytes());
    true
}

/// The sort key, the kind code and the flags of a pattern.
fn sort_key(pattern: &Pattern) -> (Vec<u8>, u8, u16) {
    let keyed = |kind: Kind, value: &str, mode: EntryMode| {
        let mut key = Vec::with_capacity(18);
        key.push(RANK_KEYED);
        key.extend_from_slice(&IndicatorId::of(kind, value).0);
        key.push(mode.code());
        (key, kind.code(), 0)
    };
    match pattern {
        Pattern::Exact(indicator) => keyed(indicator.kind(), indicator.value(), EntryMode::Exact),
        Pattern::Suffix(domain) => keyed(Kind::Domain, domain, EntryMode::Suffix),
        Pattern::UrlPrefix(url) => keyed(Kind::Url, url, EntryMode::UrlPrefix),
        Pattern::Network(IpNet::V4(net)) => {
            let mut key = vec![RANK_V4];
            key.extend_from_slice(&net.network().octets());
            key.push(net.prefix_len());
            (key, Kind::Cidr.code(), 0)
        }
        Pattern::Network(IpNet::V6(net)) => {
            let mut key = vec![RANK_V6];
            key.extend_from_slice(&net.network().octets());
            key.push(net.prefix_len());
            (key, Kind::Cidr.code(), 0)
        }
        Pattern::Substring { text, whole } => {
            let flags = if *whole { FLAG_WHOLE } else { 0 };
            (pattern_key(EntryMode::Substring, flags, text), 0, flags)
        }
        Pattern::Regex(text) => (pattern_key(EntryMode::Regex, 0, text), 0, 0),
    }
}

fn pattern_key(mode: EntryMode, flags: u16, text: &str) -> Vec<u8> {
    let mut key = vec![RANK_PATTERN, mode.code()];
    key.extend_from_slice(&flags.to_be_bytes());
    key.extend_from_slice(text.as_bytes());
    key
}
