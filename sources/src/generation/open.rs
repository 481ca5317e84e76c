//! Opening a generation: every byte is checked before any is believed.

use std::ops::Range;
use std::path::Path;

use aggregator_domain::{Kind, Stance};

use super::entry::Entry;
use super::format::{
    DIGEST_AT, GenerationId, HEADER_BYTES, Header, KEY_BYTES, MAGIC, META_BYTES, NETWORK_V4_BYTES,
    NETWORK_V6_BYTES, NO_FACTS, VERSION,
};
use crate::KindSet;
use crate::feeds::entry::EntryMode;
use crate::mapped::Bytes;

/// Why bytes are no generation.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file cannot be read.
    #[error("the feed artifact cannot be read: {0}")]
    Read(#[from] std::io::Error),
    /// The file is something else.
    #[error("the file is no feed artifact")]
    NotAnArtifact,
    /// The file was written by another version.
    #[error("the feed artifact has version {0}, this program reads version 1; refresh the feed")]
    Version(u32),
    /// The file is shorter or longer than its header says.
    #[error("the feed artifact is {found} bytes long, its header says {expected}; refresh the feed")]
    Length {
        /// Bytes there are.
        found: u64,
        /// Bytes there should be.
        expected: u64,
    },
    /// The bytes are not the ones that were written.
    #[error("the feed artifact is damaged: its digest does not match; refresh the feed")]
    Digest,
    /// The bytes were written so, and make no sense.
    #[error("the feed artifact is not well formed: {0}; refresh the feed")]
    Malformed(&'static str),
}

/// An open generation.
pub struct Generation {
    bytes: Bytes,
    header: Header,
    id: GenerationId,
    entries: u32,
    /// A bit for each mode that occurs, by its code.
    modes: u8,
    layout: Layout,
}

/// Where the sections are.
struct Layout {
    keys: Range<usize>,
    networks_v4: Range<usize>,
    networks_v6: Range<usize>,
    meta: Range<usize>,
    values: Range<usize>,
    facts: Range<usize>,
}

/// The part of a meta record that is decoded at once.
#[derive(Clone, Copy)]
pub(super) struct Meta {
    pub(super) value_at: u32,
    pub(super) facts_at: u32,
    pub(super) value_length: u16,
    pub(super) kind: u8,
    pub(super) mode: u8,
    pub(super) stance: u8,
    pub(super) confidence: u8,
    pub(super) flags: u16,
}

impl std::fmt::Debug for Generation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Generation")
            .field("id", &self.id)
            .field("header", &self.header)
            .finish_non_exhaustive()
    }
}

impl Generation {
    /// Maps and checks a file.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        Self::check(Bytes::map(path)?)
    }

    /// Checks bytes in memory.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, OpenError> {
        Self::check(Bytes::Owned(bytes))
    }

    fn check(bytes: Bytes) -> Result<Self, OpenError> {
        let header = read_header(&bytes)?;
        let entries = header.entries().ok_or(OpenError::Malformed("too many entries"))?;
        let layout = lay_out(&header, entries, bytes.len())?;
        let id = check_digest(&bytes)?;
        let mut generation = Self { bytes, header, id, entries, modes: 0, layout };
        generation.modes = generation.check_meta()?;
        generation.check_order()?;
        Ok(generation)
    }

    /// Its content address.
    pub fn id(&self) -> GenerationId {
        self.id
    }

    /// How many entries it has; they are numbered from 0.
    pub fn entries(&self) -> u32 {
        self.entries
    }

    /// The kinds it is asked about.
    pub fn answers(&self) -> KindSet {
        self.header.answers
    }

    /// Its size, bytes.
    pub fn size_bytes(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// The bytes as stored: what is copied to the database in parts.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The entry of a number below [`Self::entries`]; `None` above.
    pub fn entry(&self, index: u32) -> Option<Entry<'_>> {
        (index < self.entries).then_some(Entry { generation: self, index, meta: self.meta(index) })
    }

    /// Every entry, in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = Entry<'_>> {
        (0..self.entries).filter_map(|index| self.entry(index))
    }

    pub(crate) fn header(&self) -> &Header {
        &self.header
    }

    /// The keys of keyed entries; entry numbers begin at 0.
    pub(crate) fn keys(&self) -> &[[u8; KEY_BYTES]] {
        self.bytes[self.layout.keys.clone()].as_chunks().0
    }

    /// The IPv4 networks; entry numbers begin at `keyed`.
    pub(crate) fn networks_v4(&self) -> impl ExactSizeIterator<Item = (u32, u8)> {
        self.records_v4().iter().copied().map(decode_v4)
    }

    /// The IPv6 networks; entry numbers begin at `keyed + networks_v4`.
    pub(crate) fn networks_v6(&self) -> impl ExactSizeIterator<Item = (u128, u8)> {
        self.records_v6().iter().map(decode_v6)
    }

    pub(super) fn network_v4(&self, index: usize) -> Option<(u32, u8)> {
        self.records_v4().get(index).copied().map(decode_v4)
    }

    pub(super) fn network_v6(&self, index: usize) -> Option<(u128, u8)> {
        self.records_v6().get(index).map(decode_v6)
    }

    fn records_v4(&self) -> &[[u8; NETWORK_V4_BYTES]] {
        self.bytes[self.layout.networks_v4.clone()].as_chunks().0
    }

    fn records_v6(&self) -> &[[u8; NETWORK_V6_BYTES]] {
        self.bytes[self.layout.networks_v6.clone()].as_chunks().0
    }

    pub(super) fn meta(&self, index: u32) -> Meta {
        let at = self.layout.meta.start + index as usize * META_BYTES;
        let record = self.bytes.get(at..at + META_BYTES).unwrap_or(&[0; META_BYTES]);
        Meta {
            value_at: u32::from_le_bytes([record[0], record[1], record[2], record[3]]),
            facts_at: u32::from_le_bytes([record[4], record[5], record[6], record[7]]),
            value_length: u16::from_le_bytes([record[8], record[9]]),
            kind: record[10],
            mode: record[11],
            stance: record[12],
            confidence: record[13],
            flags: u16::from_le_bytes([record[14], record[15]]),
        }
    }

    pub(super) fn value(&self, meta: Meta) -> Option<&str> {
        let start = meta.value_at as usize;
        let values = &self.bytes[self.layout.values.clone()];
        std::str::from_utf8(values.get(start..start + usize::from(meta.value_length))?).ok()
    }

    pub(super) fn facts(&self, meta: Meta) -> Option<&str> {
        let start = meta.facts_at as usize;
        let facts = &self.bytes[self.layout.facts.clone()];
        let length = facts.get(start..start + 2)?;
        let length = usize::from(u16::from_le_bytes([length[0], length[1]]));
        std::str::from_utf8(facts.get(start + 2..start + 2 + length)?).ok()
    }

    /// True when some entry matches this way.
    pub(crate) fn has(&self, mode: EntryMode) -> bool {
        self.modes & 1 << mode.code() != 0
    }

    /// Every meta record has known codes and points into its sections; gives the modes there are.
    fn check_meta(&self) -> Result<u8, OpenError> {
        let (header, mut modes) = (&self.header, 0);
        let values = std::str::from_utf8(&self.bytes[self.layout.values.clone()])
            .or(Err(OpenError::Malformed("values that are not UTF-8")))?;
        let networks = header.keyed..header.keyed + header.networks_v4 + header.networks_v6;
        let patterns = networks.end;
        for index in 0..self.entries {
            let meta = self.meta(index);
            let mode = EntryMode::from_code(meta.mode).ok_or(OpenError::Malformed("an unknown mode"))?;
            let placed = match mode {
                EntryMode::Exact | EntryMode::Suffix | EntryMode::UrlPrefix => index < networks.start,
                EntryMode::Network => networks.contains(&index),
                EntryMode::Substring | EntryMode::Regex => index >= patterns,
            };
            if !placed {
                return Err(OpenError::Malformed("an entry in the wrong section"));
            }
            if (Kind::from_code(meta.kind).is_none() && index < patterns)
                || Stance::from_code(meta.stance).is_none()
                || meta.confidence > 100
            {
                return Err(OpenError::Malformed("an unknown kind, stance or confidence"));
            }
            modes |= 1 << mode.code();
            let start = meta.value_at as usize;
            if values.get(start..start + usize::from(meta.value_length)).is_none() {
                return Err(OpenError::Malformed("a value outside its section or not UTF-8"));
            }
            if meta.facts_at != NO_FACTS && self.facts(meta).is_none() {
                return Err(OpenError::Malformed("facts outside their section or not UTF-8"));
            }
        }
        Ok(modes)
    }

    /// The structures are sorted, and networks have no host bits: look-ups and deltas rely on both.
    fn check_order(&self) -> Result<(), OpenError> {
        let v4 = self.networks_v4();
        let v6 = self.networks_v6();
        let sound_v4 = |(start, prefix): (u32, u8)| {
            prefix <= 32 && start & u32::MAX.checked_shr(prefix.into()).unwrap_or(0) == 0
        };
        let sound_v6 = |(start, prefix): (u128, u8)| {
            prefix <= 128 && start & u128::MAX.checked_shr(prefix.into()).unwrap_or(0) == 0
        };
        if !self.networks_v4().all(sound_v4) || !self.networks_v6().all(sound_v6) {
            return Err(OpenError::Malformed("a network with host bits"));
        }
        let keys = self.keys();
        let keys_sorted = (1..keys.len()).all(|at| match keys[at - 1].cmp(&keys[at]) {
            std::cmp::Ordering::Less => true,
            std::cmp::Ordering::Equal => self.mode_code(at - 1) < self.mode_code(at),
            std::cmp::Ordering::Greater => false,
        });
        let first_pattern = self.entries - self.header.patterns;
        let patterns = (first_pattern..self.entries).filter_map(|index| self.entry(index));
        let patterns_sorted = patterns.is_sorted_by(|a, b| a.order(b).is_lt());
        let networks_sorted = v4.is_sorted_by(|a, b| a < b) && v6.is_sorted_by(|a, b| a < b);
        if !keys_sorted || !networks_sorted || !patterns_sorted {
            return Err(OpenError::Malformed("a section out of order"));
        }
        Ok(())
    }

    pub(crate) fn mode_code(&self, index: usize) -> u8 {
        self.bytes.get(self.layout.meta.start + index * META_BYTES + 11).copied().unwrap_or_default()
    }
}

/// First address and prefix of a stored network.
fn decode_v4(net: [u8; NETWORK_V4_BYTES]) -> (u32, u8) {
    (u32::from_le_bytes([net[0], net[1], net[2], net[3]]), net[4])
}

/// First address and prefix of a stored network.
fn decode_v6(net: &[u8; NETWORK_V6_BYTES]) -> (u128, u8) {
    let mut address = [0; 16];
    address.copy_from_slice(&net[..16]);
    (u128::from_le_bytes(address), net[16])
}

fn read_header(bytes: &[u8]) -> Result<Header, OpenError> {
    let head = bytes.get(..HEADER_BYTES).ok_or(OpenError::NotAnArtifact)?;
    if head[..8] != MAGIC {
        return Err(OpenError::NotAnArtifact);
    }
    let word = |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
    let long = |at: usize| u64::from(word(at)) | u64::from(word(at + 4)) << 32;
    if word(8) != VERSION {
        return Err(OpenError::Version(word(8)));
    }
    Ok(Header {
        answers: KindSet::from_bits(u16::from_le_bytes([head[12], head[13]])),
        keyed: word(16),
        networks_v4: word(20),
        networks_v6: word(24),
        patterns: word(28),
        values_bytes: long(32),
        facts_bytes: long(40),
    })
}

fn lay_out(header: &Header, entries: u32, length: usize) -> Result<Layout, OpenError> {
    let sizes = [
        Some(u64::from(header.keyed) * KEY_BYTES as u64),
        Some(u64::from(header.networks_v4) * NETWORK_V4_BYTES as u64),
        Some(u64::from(header.networks_v6) * NETWORK_V6_BYTES as u64),
        Some(u64::from(entries) * META_BYTES as u64),
        Some(header.values_bytes).filter(|bytes| *bytes <= u64::from(u32::MAX) + u64::from(u16::MAX)),
        Some(header.facts_bytes).filter(|bytes| *bytes <= u64::from(u32::MAX) + u64::from(u16::MAX) + 2),
    ];
    let mut ranges = Vec::with_capacity(sizes.len());
    let mut at = HEADER_BYTES as u64;
    for size in sizes {
        let end = at + size.ok_or(OpenError::Malformed("a section too large"))?;
        ranges.push(at..end);
        at = end;
    }
    if at != length as u64 {
        return Err(OpenError::Length { found: length as u64, expected: at });
    }
    // Every end is at most the length of bytes that are in memory, so it fits.
    let mut ranges = ranges.into_iter().map(|range| {
        usize::try_from(range.start).unwrap_or(length)..usize::try_from(range.end).unwrap_or(length)
    });
    let mut next = || ranges.next().ok_or(OpenError::Malformed("a section missing"));
    Ok(Layout {
        keys: next()?,
        networks_v4: next()?,
        networks_v6: next()?,
        meta: next()?,
        values: next()?,
        facts: next()?,
    })
}

fn check_digest(bytes: &[u8]) -> Result<GenerationId, OpenError> {
    let mut stored = [0; 32];
    stored.copy_from_slice(&bytes[DIGEST_AT..DIGEST_AT + 32]);
    let mut hasher = blake3::Hasher::new();
    hasher.update(&bytes[..DIGEST_AT]);
    hasher.update(&[0; 32]);
    hasher.update(&bytes[DIGEST_AT + 32..]);
    if hasher.finalize().as_bytes() != &stored {
        return Err(OpenError::Digest);
    }
    Ok(GenerationId(stored))
}
