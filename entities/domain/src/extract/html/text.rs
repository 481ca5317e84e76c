//! Decoded text that knows which bytes of the source each of its bytes came from.

use std::ops::Range;

use html5gum::{Token, Tokenizer};

/// The longest character reference, `&CounterClockwiseContourIntegral;`.
const MAX_REFERENCE_BYTES: usize = 33;

/// Pieces of a document, decoded and put together.
#[derive(Debug, Default)]
pub(super) struct MappedText {
    decoded: String,
    pieces: Vec<Piece>,
}

/// Bytes of the decoded text and of the source that belong together: byte by byte when the lengths are equal, as a
/// whole when a character reference was decoded.
#[derive(Debug)]
struct Piece {
    decoded: Range<usize>,
    source: Range<usize>,
}

impl MappedText {
    /// Adds what stands at `span`, its character references decoded.
    ///
    /// In an attribute a reference without a semicolon stays: `?a=1&copy=2` has two parameters.
    pub(super) fn push(&mut self, html: &str, span: Range<usize>, in_attribute: bool) {
        let Some(mut rest) = html.get(span.clone()) else { return };
        let mut at = span.start;
        while let Some(ampersand) = memchr::memchr(b'&', rest.as_bytes()) {
            let length = reference_length(&rest.as_bytes()[ampersand..]);
            let (plain, tail) = rest.split_at(ampersand);
            let (reference, tail) = tail.split_at(length);
            self.add(plain, at..at + ampersand);
            at += ampersand;
            let closed = reference.ends_with(';');
            let decoded = if closed || !in_attribute { decode(reference) } else { reference.to_owned() };
            self.add(&decoded, at..at + length);
            at += length;
            rest = tail;
        }
        self.add(rest, at..span.end);
    }

    fn add(&mut self, decoded: &str, source: Range<usize>) {
        if decoded.is_empty() {
            return;
        }
        let start = self.decoded.len();
        self.decoded.push_str(decoded);
        self.pieces.push(Piece { decoded: start..self.decoded.len(), source });
    }

    /// The text as a reader sees it.
    pub(super) fn decoded(&self) -> &str {
        &self.decoded
    }

    /// The bytes of the source that a span of the decoded text came from.
    pub(super) fn source(&self, span: &Range<usize>) -> Range<usize> {
        let first = self.pieces.partition_point(|piece| piece.decoded.end <= span.start);
        let last = self.pieces.partition_point(|piece| piece.decoded.end < span.end);
        let inside = |piece: &Piece, at: usize| piece.source.start + (at - piece.decoded.start);
        let start = self.pieces.get(first).map_or(0, |piece| {
            if piece.is_verbatim() { inside(piece, span.start) } else { piece.source.start }
        });
        let end = self.pieces.get(last).map_or(start, |piece| {
            if piece.is_verbatim() { inside(piece, span.end) } else { piece.source.end }
        });
        start..end
    }

    pub(super) fn clear(&mut self) {
        self.decoded.clear();
        self.pieces.clear();
    }
}

impl Piece {
    fn is_verbatim(&self) -> bool {
        self.decoded.len() == self.source.len()
    }
}

/// The bytes of `&name;`, `&#46;` or `&#x2e;`, with the semicolon where there is one.
fn reference_length(bytes: &[u8]) -> usize {
    let name = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'#';
    let length = 1 + bytes[1..].iter().take(MAX_REFERENCE_BYTES).take_while(name).count();
    length + usize::from(bytes.get(length) == Some(&b';'))
}

fn decode(reference: &str) -> String {
    match reference {
        "&amp;" | "&" => "&".to_owned(),
        "&lt;" => "<".to_owned(),
        "&gt;" => ">".to_owned(),
        "&quot;" => "\"".to_owned(),
        "&nbsp;" => "\u{a0}".to_owned(),
        _ => {
            let mut decoded = String::new();
            for token in Tokenizer::new(reference) {
                let Ok(token) = token;
                if let Token::String(text) = token {
                    decoded.push_str(&String::from_utf8_lossy(&text.value));
                }
            }
            decoded
        }
    }
}
