//! Custom kinds in running text: word by word, in what lies between the indicators of the built-in kinds.
//!
//! A word is what stands between white space, without the punctuation around it. One that is nothing as a whole is looked at
//! in parts, between `=`, `:`, brackets, quotes and their like. Each byte is thus in two words at most, and each word is matched
//! from its first to its last character: the work is linear in the text, whatever the patterns are.

use std::ops::Range;

use super::candidate::Hit;
use crate::CustomKinds;
use crate::custom::MAX_VALUE_BYTES;

/// Looks for custom kinds in the gaps that the built-in ones leave.
#[derive(Debug, Clone)]
pub(super) struct Words {
    kinds: CustomKinds,
    /// The next byte to look at; a character boundary.
    at: usize,
    /// Before this byte it goes through the parts of a word that was nothing as a whole.
    parts_until: usize,
}

impl Words {
    /// Nothing where no custom kind is found in text.
    pub(super) fn of(kinds: &CustomKinds) -> Option<Self> {
        kinds.any_in_text().then(|| Self { kinds: kinds.clone(), at: 0, parts_until: 0 })
    }

    /// Goes on behind an indicator of a built-in kind.
    pub(super) fn skip_to(&mut self, at: usize) {
        self.at = at;
        self.parts_until = at;
    }

    /// The next one that ends before byte `until`.
    pub(super) fn next_before(&mut self, text: &str, until: usize) -> Option<Hit> {
        while self.at < until {
            if self.at < self.parts_until {
                let end = self.parts_until.min(until);
                let part = run(text, self.at..end, is_separator);
                self.at = part.end.max(self.at);
                if part.is_empty() {
                    self.at = end;
                } else if let Some(hit) = self.read(text, part) {
                    return Some(hit);
                }
                continue;
            }
            let word = run(text, self.at..until, char::is_whitespace);
            if word.is_empty() {
                self.at = until;
                return None;
            }
            if let Some(hit) = self.read(text, word.clone()) {
                self.at = word.end;
                return Some(hit);
            }
            self.at = word.start;
            self.parts_until = word.end;
            if !text[word.clone()].contains(is_separator) {
                self.at = word.end;
            }
        }
        None
    }

    fn read(&self, text: &str, word: Range<usize>) -> Option<Hit> {
        let span = bare(text, word);
        let word = text.get(span.clone())?;
        if word.is_empty() || word.len() > MAX_VALUE_BYTES {
            return None;
        }
        self.kinds.word(word).map(|parsed| Hit { span, parsed })
    }
}

/// The first run of characters in a range that are not `between`; empty where there is none.
fn run(text: &str, range: Range<usize>, between: fn(char) -> bool) -> Range<usize> {
    let inside = &text[range.clone()];
    let Some(start) = inside.find(|c| !between(c)) else { return range.end..range.end };
    let length = inside[start..].find(between).unwrap_or(inside.len() - start);
    range.start + start..range.start + start + length
}

/// A word without the punctuation around it.
fn bare(text: &str, word: Range<usize>) -> Range<usize> {
    let whole = &text[word.clone()];
    let tail = whole.trim_start_matches(is_punctuation);
    let start = word.end - tail.len();
    start..start + tail.trim_end_matches(is_punctuation).len()
}

const fn is_separator(c: char) -> bool {
    matches!(c, '=' | '|' | '/' | '\\' | '&' | '#') || is_punctuation(c)
}

const fn is_punctuation(c: char) -> bool {
    matches!(
        c,
        '.' | ',' | ':' | ';' | '!' | '?' | '(' | ')' | '[' | ']' | '{' | '}' | '<' | '>' | '"' | '\'' | '`'
    ) || matches!(c, '\u{201c}'..='\u{201e}' | '\u{2018}'..='\u{201a}' | '\u{ab}' | '\u{bb}' | '\u{2026}')
}
