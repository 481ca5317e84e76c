//! The file format of a generation, version 1. Little endian, no alignment, sections back to back.
//!
//! | offset | bytes | field |
//! |--|--|--|
//! | 0 | 8 | magic `AGGRFEED` |
//! | 8 | 4 | version, 1 |
//! | 12 | 2 | kinds the feed is asked about, a bit for each kind code |
//! | 14 | 2 | zero |
//! | 16 | 4 | keyed entries (exact, suffix, URL prefix) |
//! | 20 | 4 | IPv4 networks |
//! | 24 | 4 | IPv6 networks |
//! | 28 | 4 | patterns (substring, regex) |
//! | 32 | 8 | bytes of the values section |
//! | 40 | 8 | bytes of the facts section |
//! | 48 | 32 | BLAKE3 of the whole file with this field zero: the generation's id |
//! | 80 | 16 | zero |
//!
//! | section | record | order |
//! |--|--|--|
//! | keys | 16 bytes: identity of (kind, value) | key, then mode |
//! | networks v4 | first address 4, prefix 1, zero 3 | first address as a number, then prefix |
//! | networks v6 | first address 16, prefix 1, zero 7 | the same |
//! | meta | one of 16 bytes for every entry of the sections above and every pattern, in that order | |
//! | values | UTF-8, end to end | |
//! | facts | length 2, JSON text | |
//!
//! A meta record is: value offset 4, facts offset 4 (all ones: no facts), value length 2, kind 1 (0: none), mode 1,
//! stance 1, confidence 1, flags 2 (bit 0: the substring stands alone). The key of a suffix is that of the domain, the
//! key of a URL prefix that of the URL without its trailing slash. Patterns are sorted by mode, flags and text.

use crate::KindSet;

/// The first bytes of the file.
pub const MAGIC: [u8; 8] = *b"AGGRFEED";
/// The version this code writes and reads.
pub const VERSION: u32 = 1;
/// Bytes of the header.
pub const HEADER_BYTES: usize = 96;
/// Where the digest is in the header.
pub const DIGEST_AT: usize = 48;
/// Bytes of one key.
pub const KEY_BYTES: usize = 16;
/// Bytes of one IPv4 network.
pub const NETWORK_V4_BYTES: usize = 8;
/// Bytes of one IPv6 network.
pub const NETWORK_V6_BYTES: usize = 24;
/// Bytes of one meta record.
pub const META_BYTES: usize = 16;
/// The facts offset of an entry without facts.
pub const NO_FACTS: u32 = u32::MAX;
/// The flag of a substring that stands alone.
pub const FLAG_WHOLE: u16 = 1;

/// The content address of a generation: BLAKE3 over its bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GenerationId(pub [u8; 32]);

impl GenerationId {
    /// Reads the 64 hex digits that [`Display`](std::fmt::Display) writes; `None` for anything else.
    pub fn from_hex(text: &str) -> Option<Self> {
        let digits = text.as_bytes();
        if digits.len() != 64 || !digits.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        let mut id = [0; 32];
        for (byte, pair) in id.iter_mut().zip(digits.chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(Self(id))
    }

    /// The name of the artifact's file.
    pub fn file_name(&self) -> String {
        format!("{self}.feed")
    }
}

impl std::fmt::Display for GenerationId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl std::fmt::Debug for GenerationId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "GenerationId({self})")
    }
}

/// The header without its digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// The kinds the feed is asked about.
    pub answers: KindSet,
    /// Exact, suffix and URL-prefix entries.
    pub keyed: u32,
    /// IPv4 networks.
    pub networks_v4: u32,
    /// IPv6 networks.
    pub networks_v6: u32,
    /// Substrings and regular expressions.
    pub patterns: u32,
    /// Bytes of the values section.
    pub values_bytes: u64,
    /// Bytes of the facts section.
    pub facts_bytes: u64,
}

impl Header {
    /// The header with a zero digest.
    pub fn encode(&self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        bytes[..8].copy_from_slice(&MAGIC);
        bytes[8..12].copy_from_slice(&VERSION.to_le_bytes());
        bytes[12..14].copy_from_slice(&self.answers.bits().to_le_bytes());
        bytes[16..20].copy_from_slice(&self.keyed.to_le_bytes());
        bytes[20..24].copy_from_slice(&self.networks_v4.to_le_bytes());
        bytes[24..28].copy_from_slice(&self.networks_v6.to_le_bytes());
        bytes[28..32].copy_from_slice(&self.patterns.to_le_bytes());
        bytes[32..40].copy_from_slice(&self.values_bytes.to_le_bytes());
        bytes[40..48].copy_from_slice(&self.facts_bytes.to_le_bytes());
        bytes
    }

    /// All entries; `None` when their number does not fit.
    pub fn entries(&self) -> Option<u32> {
        self.keyed.checked_add(self.networks_v4)?.checked_add(self.networks_v6)?.checked_add(self.patterns)
    }
}
