//! The marks of defanged notation, recognised where they stand; `crate::refang` undoes them.

use super::classes::{self, ALNUM, HIGH};

/// What a mark stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// `[.] (.) {.} <.> [dot] (dot) {dot} [. ] [. .] \.`
    Dot,
    /// `[@] (@) {@} [at] (at) {at}`
    At,
    /// `[:] (:) {:}`
    Colon,
    /// `[/]`
    Slash,
    /// `[//]`
    Slashes,
    /// `[://]`
    SchemeEnd,
}

const WORDS: [(&[u8], Mark); 8] = [
    (b".", Mark::Dot),
    (b"dot", Mark::Dot),
    (b"@", Mark::At),
    (b"at", Mark::At),
    (b":", Mark::Colon),
    (b"//", Mark::Slashes),
    (b"/", Mark::Slash),
    (b"://", Mark::SchemeEnd),
];

/// The mark that begins at `at`, and where it ends.
///
/// One space on either side of a mark belongs to it: `example [.] com`. Looks at a dozen bytes at most.
pub(super) fn mark_at(bytes: &[u8], at: usize) -> Option<(Mark, usize)> {
    if bytes.get(at..at + 3) == Some(b"[.]") {
        return Some((Mark::Dot, past_space(bytes, Mark::Dot, at + 3)));
    }
    match bytes.get(at)? {
        b' ' if matches!(bytes.get(at + 1), Some(b'[' | b'(' | b'{')) => spaced(bytes, at + 1),
        b'[' | b'(' | b'{' | b'<' => {
            bracketed(bytes, at).map(|(mark, end)| (mark, past_space(bytes, mark, end)))
        }
        b'\\' if bytes.get(at + 1) == Some(&b'.') => Some((Mark::Dot, at + 2)),
        b'.' if bytes.get(at + 1) == Some(&b']') && classes::is(bytes, at + 2, ALNUM) => {
            Some((Mark::Dot, at + 2))
        }
        _ => None,
    }
}

/// A mark after a space; only those that join names, for `see [/]` is prose.
fn spaced(bytes: &[u8], at: usize) -> Option<(Mark, usize)> {
    let (meaning, end) = bracketed(bytes, at)?;
    matches!(meaning, Mark::Dot | Mark::At).then(|| (meaning, past_space(bytes, meaning, end)))
}

fn past_space(bytes: &[u8], mark: Mark, end: usize) -> usize {
    let joins = matches!(mark, Mark::Dot | Mark::At);
    let spaced = joins && bytes.get(end) == Some(&b' ') && classes::is(bytes, end + 1, ALNUM | HIGH);
    end + usize::from(spaced)
}

fn bracketed(bytes: &[u8], at: usize) -> Option<(Mark, usize)> {
    let closing = match bytes.get(at)? {
        b'[' => b']',
        b'(' => b')',
        b'{' => b'}',
        _ => b'>',
    };
    let inner = past_one_space(bytes, at + 1);
    let rest = bytes.get(inner..)?;
    let (word, meaning) = WORDS
        .iter()
        .find(|(word, _)| {
            let closed = |after: usize| bytes.get(past_one_space(bytes, after)) == Some(&closing);
            rest.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word))
                && closed(inner + word.len())
        })
        .or_else(|| {
            // The half mark `example[.com`.
            let half = closing == b']' && rest.first() == Some(&b'.');
            (half && classes::is(bytes, inner + 1, ALNUM)).then_some(&WORDS[0])
        })?;
    let after = past_one_space(bytes, inner + word.len());
    let end = if bytes.get(after) == Some(&closing) { after + 1 } else { inner + word.len() };
    Some((*meaning, end))
}

fn past_one_space(bytes: &[u8], at: usize) -> usize {
    at + usize::from(bytes.get(at) == Some(&b' '))
}
