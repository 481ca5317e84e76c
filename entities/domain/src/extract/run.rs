//! A run: the longest stretch that could be one name, word, number or address, read in one pass.

use super::classes::{self, ALNUM, DIGIT, HIGH, JOIN, NAME};
use super::marks::{Mark, mark_at};

/// A stretch of name characters, dots and marks that stand for dots.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run {
    pub(super) start: usize,
    pub(super) end: usize,
    /// The classes met, dots and marks apart.
    pub(super) classes: u8,
    /// Dots and marks for dots.
    pub(super) dots: usize,
    /// True when one of the dots is defanged: whoever wrote it meant a name or an address.
    pub(super) marked: bool,
    /// Where the last label begins.
    pub(super) last_label: usize,
    /// Where the first label ends.
    pub(super) first_label_end: usize,
}

impl Run {
    /// Reads the run that begins at `start`, with characters outside ASCII or without.
    pub(super) fn read(text: &str, start: usize, with_high: bool) -> Self {
        let bytes = text.as_bytes();
        let mut run = Self {
            start,
            end: start,
            classes: 0,
            dots: 0,
            marked: false,
            last_label: start,
            first_label_end: start,
        };
        loop {
            while let Some(byte) = bytes.get(run.end) {
                let class = classes::class(*byte);
                if class & NAME == 0 {
                    break;
                }
                run.classes |= class;
                run.end += 1;
            }
            if run.dots == 0 {
                run.first_label_end = run.end;
            }
            let Some(byte) = bytes.get(run.end) else { return run };
            let starts_label =
                |at: usize| classes::is(bytes, at, NAME) || (with_high && is_name_char(text, at));
            match byte {
                b'.' if starts_label(run.end + 1) => run.pass_dot(run.end + 1),
                b'.' | b'[' | b'(' | b'{' | b'<' | b'\\' | b' ' => match mark_at(bytes, run.end) {
                    Some((Mark::Dot, after)) if starts_label(after) => {
                        run.marked = true;
                        run.pass_dot(after);
                    }
                    _ => return run,
                },
                0x80.. if with_high => match classes::high_char(text, run.end) {
                    Ok((_, length)) => {
                        run.classes |= HIGH;
                        run.end += length;
                    }
                    Err(_) => return run,
                },
                _ => return run,
            }
        }
    }

    /// Reads the digits, dots and marks for dots that begin at `start` and end before `until`.
    pub(super) fn read_digits(text: &str, start: usize, until: usize) -> Self {
        let bytes = &text.as_bytes()[..until];
        let mut run = Self {
            start,
            end: start,
            classes: DIGIT,
            dots: 0,
            marked: false,
            last_label: start,
            first_label_end: start,
        };
        loop {
            run.end = classes::run_end(bytes, run.end, DIGIT);
            let after = match mark_at(bytes, run.end) {
                Some((Mark::Dot, after)) => {
                    run.marked = true;
                    after
                }
                _ if bytes.get(run.end) == Some(&b'.') => run.end + 1,
                _ => return run,
            };
            if !classes::is(bytes, after, DIGIT) {
                return run;
            }
            run.pass_dot(after);
        }
    }

    fn pass_dot(&mut self, after: usize) {
        self.dots += 1;
        self.end = after;
        self.last_label = after;
    }

    /// True when nothing but `allowed` was met.
    pub(super) fn within(&self, allowed: u8) -> bool {
        self.classes & !allowed == 0
    }

    /// True when one of `some` was met.
    pub(super) fn has(&self, some: u8) -> bool {
        self.classes & some != 0
    }

    /// The run without `-` and `_` at its ends; a `_` in front stays where none closes it (`_dmarc.example.com`).
    pub(super) fn trimmed(mut self, bytes: &[u8]) -> Self {
        let closed = bytes.get(self.end - 1) == Some(&b'_');
        while self.end > self.start && classes::is(bytes, self.end - 1, JOIN) {
            self.end -= 1;
        }
        while self.start < self.end && (bytes[self.start] == b'-' || (closed && bytes[self.start] == b'_')) {
            self.start += 1;
        }
        self
    }
}

fn is_name_char(text: &str, at: usize) -> bool {
    classes::is(text.as_bytes(), at, HIGH) && classes::high_char(text, at).is_ok()
}

/// True when a value that ends at `end` is not the beginning of a longer word.
pub(super) fn ends_word(bytes: &[u8], end: usize) -> bool {
    !classes::is(bytes, end, ALNUM)
}

/// True when a value that begins at `start` is not the end of a longer word.
pub(super) fn begins_word(bytes: &[u8], start: usize) -> bool {
    !classes::was(bytes, start, NAME)
}
