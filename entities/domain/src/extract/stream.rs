//! Indicators out of a body that arrives in blocks, in bounded memory.

use super::{ExtractBytes, Extracted};
use crate::CustomKinds;

/// The most bytes kept waiting for the end of a line; a longer line is cut at white space, or anywhere.
const MAX_CARRY_BYTES: usize = 64 * 1024;

/// Takes a body block by block and finds what [`super::extract_bytes`] finds in the whole of it.
///
/// Keeps one line, 64 KiB at most. An indicator on a longer line than that may be cut.
#[derive(Debug, Default)]
pub struct ExtractStream {
    carry: Vec<u8>,
    /// Where the carry begins in the body.
    offset: u64,
    kinds: CustomKinds,
}

impl ExtractStream {
    /// A stream at the first byte of a body.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same, with the custom kinds that are looked for in text.
    pub fn with(kinds: CustomKinds) -> Self {
        Self { kinds, ..Self::default() }
    }

    /// Takes the next block and shows each indicator that is complete, with the place of its span in the body's bytes;
    /// the span itself counts from the beginning of the kept line.
    pub fn push(&mut self, block: &[u8], mut visit: impl FnMut(u64, Extracted<'_>)) {
        self.carry.extend_from_slice(block);
        if self.carry.len() < MAX_CARRY_BYTES && memchr::memchr(b'\n', block).is_none() {
            return;
        }
        let Some(cut) = cut(&self.carry) else { return };
        self.show(cut, &mut visit);
        self.carry.drain(..cut);
        self.offset += cut as u64;
    }

    /// Shows what is left at the end of the body.
    pub fn finish(mut self, mut visit: impl FnMut(u64, Extracted<'_>)) {
        self.show(self.carry.len(), &mut visit);
        self.carry.clear();
    }

    fn show(&self, end: usize, visit: &mut impl FnMut(u64, Extracted<'_>)) {
        for found in ExtractBytes::with(&self.carry[..end], &self.kinds) {
            visit(self.offset + found.span.start as u64, found);
        }
    }
}

/// Where a buffer can be cut without cutting an indicator. `None` while more bytes are worth waiting for.
fn cut(buffer: &[u8]) -> Option<usize> {
    let mut lines = memchr::memrchr_iter(b'\n', buffer);
    if let Some(line_end) = lines.find(|line_end| !may_go_on(&buffer[..*line_end])) {
        return Some(line_end + 1);
    }
    if buffer.len() < MAX_CARRY_BYTES {
        return None;
    }
    let anywhere = buffer.len() - incomplete_tail(buffer);
    Some(buffer.iter().rposition(u8::is_ascii_whitespace).map_or(anywhere, |at| at + 1))
}

/// True when a line ends in hex digits that may be the first part of a hash.
fn may_go_on(line: &[u8]) -> bool {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let digits = line.iter().rev().take(129).take_while(|byte| byte.is_ascii_hexdigit()).count();
    digits >= 16 && !matches!(digits, 32 | 40 | 64 | 70 | 128)
}

/// The bytes at the end that begin a character and do not end it.
fn incomplete_tail(buffer: &[u8]) -> usize {
    match buffer.utf8_chunks().last() {
        Some(chunk)
            if chunk.invalid().len() < 4
                && std::str::from_utf8(chunk.invalid()).is_err_and(|e| e.error_len().is_none()) =>
        {
            chunk.invalid().len()
        }
        _ => 0,
    }
}
