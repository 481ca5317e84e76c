//! The one pass over the text: from run to run, asking at each what it could be.

use std::ops::Range;

use super::candidate::{self, Hit};
use super::classes::{self, ALNUM, BREAK, DIGIT, HIGH};
use super::run::Run;
use super::word::Wrap;

/// What is left of a run of which a part was an indicator: it is not read as a whole again.
#[derive(Debug, Clone, Copy)]
pub(super) enum Rest {
    /// Words up to this byte.
    Words(usize),
    /// Digits up to this byte.
    Digits(usize),
}

/// What was passed on the way to the current byte, and matters for what comes next.
#[derive(Debug, Clone)]
pub(super) struct Scanner<'t> {
    pub(super) text: &'t str,
    /// The next byte to look at; a character boundary.
    pub(super) at: usize,
    /// A `/` or `\` stands before `at` in the same word: what follows is a path.
    pub(super) in_path: bool,
    /// Where the words joined by `+` before `at` begin, and where they end: the local part of an e-mail address.
    pub(super) local: Range<usize>,
    /// Before this byte, runs are read without characters outside ASCII: with them, they were no name.
    pub(super) ascii_until: usize,
    /// What is left of the last run.
    pub(super) rest: Rest,
    /// Where the last indicator ends: the next one begins there at the earliest.
    pub(super) found_until: usize,
    /// Before this byte no path is read: it was, for a URL that was refused.
    pub(super) refused_until: usize,
    /// What the hex digits at the end of the last line leave open.
    pub(super) wrap: Wrap,
    /// Bytes looked at.
    pub(super) work: u64,
}

impl<'t> Scanner<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            text,
            at: 0,
            in_path: false,
            local: 0..0,
            ascii_until: 0,
            rest: Rest::Words(0),
            found_until: 0,
            refused_until: 0,
            wrap: Wrap::default(),
            work: 0,
        }
    }

    pub(super) fn bytes(&self) -> &'t [u8] {
        self.text.as_bytes()
    }

    /// The next indicator and its span.
    pub(super) fn next_hit(&mut self) -> Option<Hit> {
        while let Some(byte) = self.bytes().get(self.at) {
            let class = classes::class(*byte);
            let hit = if class & ALNUM != 0 || *byte == b'_' {
                self.run()
            } else if class & HIGH != 0 {
                self.high()
            } else {
                self.other(*byte, class)
            };
            if let Some(hit) = hit {
                let end = hit.span.end;
                self.at = end;
                self.local = end..end;
                self.found_until = end;
                self.in_path = false;
                return Some(hit);
            }
        }
        None
    }

    /// Counts bytes looked at.
    pub(super) fn count(&mut self, bytes: usize) {
        self.work += bytes as u64;
    }

    fn high(&mut self) -> Option<Hit> {
        match classes::high_char(self.text, self.at) {
            Ok(_) if self.at >= self.ascii_until => return self.run(),
            Ok((_, length)) => self.at += length,
            Err(length) => {
                self.at += length;
                self.in_path = false;
            }
        }
        self.count(4);
        None
    }

    fn run(&mut self) -> Option<Hit> {
        match self.rest {
            Rest::Words(until) if self.at < until => return super::word::words(self, self.at, until),
            Rest::Digits(until) if self.at < until => return super::network::ipv4(self, until),
            _ => {}
        }
        let run = Run::read(self.text, self.at, self.at >= self.ascii_until);
        self.count(run.end - run.start);
        let bytes = self.bytes();
        let joined =
            self.local.end + 1 == run.start && bytes[self.local.end] == b'+' && !self.local.is_empty();
        self.local = if joined { self.local.start..run.end } else { run.start..run.end };
        self.at = run.end;
        // A word of prose: no digit, no dot, and nothing behind it that could make it a scheme or a local part.
        let next = bytes.get(run.end).copied().unwrap_or(b'\n');
        let plain = run.dots == 0 && !run.has(DIGIT | HIGH);
        let before_mark = match next {
            b':' | b'@' | b'[' | b'(' | b'{' | b'<' => true,
            b' ' => matches!(bytes.get(run.end + 1), Some(b'[' | b'(' | b'{')),
            _ => false,
        };
        if plain && !before_mark && run.end - run.start < 32 {
            return None;
        }
        candidate::from_run(self, run)
    }

    /// A byte that begins no run.
    fn other(&mut self, byte: u8, class: u8) -> Option<Hit> {
        let (bytes, at) = (self.bytes(), self.at);
        self.count(1);
        self.at += 1;
        self.in_path &= class & BREAK == 0;
        match byte {
            // `//host` and `\\host` name a host; a doubled separator further on is a path still.
            b'/' if bytes.get(at + 1) == Some(&b'/') => {
                self.in_path = false;
                self.at += 1;
            }
            b'\\' if at == 0 || classes::was(bytes, at, BREAK) => {
                self.in_path = bytes.get(at + 1) != Some(&b'\\');
                self.at += usize::from(!self.in_path);
            }
            b'/' | b'\\' => self.in_path = true,
            b':' if bytes.get(at + 1) == Some(&b':') => return super::network::ipv6(self, at),
            b'[' if bytes[at..].starts_with(b"[:][:]") => return super::network::ipv6(self, at),
            // A percent-encoded byte is no beginning of a name: `https%3A%2F%2Fexample.com`.
            b'%' if bytes.get(at + 1..at + 3).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit)) => {
                self.in_path &= !bytes[at..at + 3].eq_ignore_ascii_case(b"%2f");
                self.at += 2;
            }
            _ => {}
        }
        None
    }
}
