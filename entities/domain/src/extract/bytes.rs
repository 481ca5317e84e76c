//! Indicators out of bytes of unknown encoding.

use std::borrow::Cow;
use std::str::Utf8Chunks;

use super::{Extract, Extracted};
use crate::CustomKinds;

/// [`super::extract`] over bytes: what is not UTF-8 separates, like white space, and is never part of an indicator.
///
/// UTF-16 has a NUL in every second byte of ASCII text and yields nothing.
pub fn extract_bytes(input: &[u8]) -> ExtractBytes<'_> {
    ExtractBytes::with(input, &CustomKinds::default())
}

/// The iterator of [`extract_bytes`]. Spans count the bytes of the whole input.
#[derive(Debug, Clone)]
pub struct ExtractBytes<'t> {
    chunks: Utf8Chunks<'t>,
    offset: usize,
    next_offset: usize,
    current: Extract<'t>,
    kinds: CustomKinds,
}

impl<'t> ExtractBytes<'t> {
    /// [`extract_bytes`] with the custom kinds that are looked for in text.
    pub fn with(input: &'t [u8], kinds: &CustomKinds) -> Self {
        let (chunks, kinds) = (input.utf8_chunks(), kinds.clone());
        Self { chunks, offset: 0, next_offset: 0, current: Extract::new(""), kinds }
    }
}

impl<'t> Iterator for ExtractBytes<'t> {
    type Item = Extracted<'t>;

    fn next(&mut self) -> Option<Extracted<'t>> {
        loop {
            if let Some(Extracted { span, raw, parsed }) = self.current.next() {
                let span = span.start + self.offset..span.end + self.offset;
                return Some(Extracted { span, raw: Cow::clone(&raw), parsed });
            }
            let chunk = self.chunks.next()?;
            self.offset = self.next_offset;
            self.next_offset += chunk.valid().len() + chunk.invalid().len();
            self.current = Extract::with(chunk.valid(), &self.kinds);
        }
    }
}
