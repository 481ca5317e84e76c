//! Lines out of pieces: LF, CRLF or CR LF split across pieces, a byte order mark, and lines of any length in bounded memory.

use aggregator_entities::domain::detect::MAX_INPUT_BYTES;

use super::IntakeError;

/// Splits a body into lines. Of a line longer than [`KEPT_BYTES`] only the beginning is kept; its length is counted on.
#[derive(Debug, Default)]
pub(super) struct Splitter {
    open: Vec<u8>,
    number: u32,
    started: bool,
    overlong: bool,
}

/// One byte more than may be a value, so that too long shows.
pub(super) const KEPT_BYTES: usize = MAX_INPUT_BYTES + 1;

/// One line, without its end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'a> {
    /// From 1.
    pub(super) number: u32,
    bytes: &'a [u8],
    /// True when the line was longer than what is kept.
    pub(super) overlong: bool,
}

impl<'a> Line<'a> {
    pub(super) fn bytes(&self) -> &'a [u8] {
        self.bytes
    }
}

impl Splitter {
    /// Reads a piece and hands each line that ends in it to `each`.
    pub(super) fn push(
        &mut self,
        mut piece: &[u8],
        mut each: impl FnMut(Line<'_>) -> Result<(), IntakeError>,
    ) -> Result<(), IntakeError> {
        while let Some(end) = memchr::memchr(b'\n', piece) {
            if self.open.is_empty() && !self.overlong {
                // The common case: the whole line is in this piece.
                let line = self.number_line(&piece[..end]);
                each(line)?;
            } else {
                self.keep(&piece[..end]);
                self.close(&mut each)?;
            }
            piece = &piece[end + 1..];
        }
        self.keep(piece);
        Ok(())
    }

    /// Hands the last line, which has no end, to `each`.
    pub(super) fn finish(
        &mut self,
        mut each: impl FnMut(Line<'_>) -> Result<(), IntakeError>,
    ) -> Result<(), IntakeError> {
        if self.open.is_empty() && !self.overlong {
            return Ok(());
        }
        self.close(&mut each)
    }

    fn close(
        &mut self,
        each: &mut impl FnMut(Line<'_>) -> Result<(), IntakeError>,
    ) -> Result<(), IntakeError> {
        let mut open = std::mem::take(&mut self.open);
        let overlong = std::mem::take(&mut self.overlong);
        let line = Line { overlong, ..self.number_line(&open) };
        each(line)?;
        open.clear();
        self.open = open;
        Ok(())
    }

    fn number_line<'a>(&mut self, bytes: &'a [u8]) -> Line<'a> {
        self.number = self.number.saturating_add(1);
        let bytes = if self.started { bytes } else { bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes) };
        self.started = true;
        let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        let overlong = bytes.len() > KEPT_BYTES;
        Line { number: self.number, bytes: &bytes[..bytes.len().min(KEPT_BYTES)], overlong }
    }

    fn keep(&mut self, bytes: &[u8]) {
        let room = KEPT_BYTES.saturating_sub(self.open.len());
        self.overlong |= bytes.len() > room;
        self.open.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(pieces: &[&[u8]]) -> Vec<(u32, Vec<u8>, bool)> {
        let mut lines = Vec::new();
        let mut splitter = Splitter::default();
        for piece in pieces {
            splitter
                .push(piece, |line| {
                    lines.push((line.number, line.bytes().to_vec(), line.overlong));
                    Ok(())
                })
                .unwrap();
        }
        splitter
            .finish(|line| {
                lines.push((line.number, line.bytes().to_vec(), line.overlong));
                Ok(())
            })
            .unwrap();
        lines
    }

    #[test]
    fn lines_are_the_same_however_the_body_is_cut() {
        let body = b"\xef\xbb\xbfone\r\ntwo\n\nfour";
        let whole = split(&[body]);
        assert_eq!(
            whole,
            [
                (1, b"one".to_vec(), false),
                (2, b"two".to_vec(), false),
                (3, vec![], false),
                (4, b"four".to_vec(), false)
            ]
        );
        for cut in 4..body.len() {
            assert_eq!(split(&[&body[..cut], &body[cut..]]), whole, "cut at {cut}");
        }
    }

    #[test]
    fn an_endless_line_takes_bounded_memory() {
        let piece = vec![b'a'; 100_000];
        let lines = split(&[&piece, &piece, b"\nnext"]);
        assert_eq!((lines[0].1.len(), lines[0].2), (KEPT_BYTES, true));
        assert_eq!(lines[1], (2, b"next".to_vec(), false));
    }
}
