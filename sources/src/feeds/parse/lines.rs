//! Lines of bounded length out of any reader.

use std::io::{self, BufRead, BufReader, Read};

use crate::feeds::report::RowReject;

/// Reads lines without their ends; a line longer than the limit is passed over, not held.
pub(super) struct Lines<R> {
    reader: BufReader<R>,
    buffer: Vec<u8>,
    number: u64,
    limit: usize,
}

/// One line: its text, or why it has none.
pub(super) struct Line<'a> {
    /// 1 is the first.
    pub(super) number: u64,
    /// The text without line end and byte order mark.
    pub(super) text: Result<&'a str, RowReject>,
}

impl<R: Read> Lines<R> {
    /// Lines of at most `limit` bytes.
    pub(super) fn new(reader: R, limit: usize) -> Self {
        Self { reader: BufReader::with_capacity(64 << 10, reader), buffer: Vec::new(), number: 0, limit }
    }

    /// The next line; `None` at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        self.buffer.clear();
        let mut too_long = false;
        let mut any = false;
        loop {
            let available = self.reader.fill_buf()?;
            if available.is_empty() {
                break;
            }
            any = true;
            let (part, ended) = match memchr::memchr(b'\n', available) {
                Some(end) => (end, true),
                None => (available.len(), false),
            };
            too_long |= self.buffer.len() + part > self.limit;
            if !too_long {
                self.buffer.extend_from_slice(&available[..part]);
            }
            self.reader.consume(part + usize::from(ended));
            if ended {
                break;
            }
        }
        if !any {
            return Ok(None);
        }
        self.number += 1;
        let text = if too_long { Err(RowReject::TooLong) } else { self.text() };
        Ok(Some(Line { number: self.number, text }))
    }

    fn text(&self) -> Result<&str, RowReject> {
        let bytes = self.buffer.strip_suffix(b"\r").unwrap_or(&self.buffer);
        let bytes =
            if self.number == 1 { bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes) } else { bytes };
        std::str::from_utf8(bytes).or(Err(RowReject::InvalidUtf8))
    }
}
