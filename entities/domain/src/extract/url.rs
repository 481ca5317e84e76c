//! Where a URL ends.

use std::ops::Range;

use super::candidate::{Hit, ask};
use super::classes::{self, ALNUM, BREAK, DIGIT, HIGH, NAME};
use super::marks::{Mark, mark_at};
use super::run::{self, Run};
use super::scan::Scanner;
use crate::Kind;

/// Schemes whose URLs name a host, and their defanged spellings.
const SCHEMES: [&str; 26] = [
    "http", "https", "ftp", "ftps", "sftp", "ws", "wss", "tcp", "udp", "ssh", "smb", "rtsp", "ldap", "ldaps",
    "telnet", "hxxp", "hxxps", "htxp", "htxps", "hxtp", "hxtps", "htxxp", "htxxps", "fxp", "h__p", "h__ps",
];

/// Reads the URL whose scheme this run ends in. Where there is none but `://` follows, moves the scanner behind it.
pub(super) fn with_scheme(scan: &mut Scanner<'_>, run: Run) -> Option<Hit> {
    let bytes = scan.bytes();
    let authority = past_separator(bytes, run.end)?;
    let start = scheme_start(bytes, run).filter(|start| *start >= scan.found_until);
    scan.at = authority;
    scan.in_path = false;
    let start = start?;
    if authority < scan.refused_until {
        return None;
    }
    let host_end = authority_end(scan, authority)?;
    let end = path_end(scan, start, host_end);
    let hit = ask(scan, start..end, &[Kind::Url]);
    // The host of a URL that is refused may be a name still; the path is not read again.
    if hit.is_none() {
        scan.refused_until = end;
    }
    hit
}

/// Reads a host with the port and the path behind it; without them where detection refuses the whole.
pub(super) fn with_host(scan: &mut Scanner<'_>, host: Range<usize>, kinds: &[Kind]) -> Option<Hit> {
    let port_end = port_end(scan.bytes(), host.end);
    if port_end >= scan.refused_until {
        let end = path_end(scan, host.start, port_end);
        let hit = ask(scan, host.start..end, kinds);
        if hit.is_some() {
            return hit;
        }
        scan.refused_until = end;
    }
    [port_end, host.end].into_iter().find_map(|shorter| ask(scan, host.start..shorter, kinds))
}

/// The end of `://`, defanged or not.
fn past_separator(bytes: &[u8], at: usize) -> Option<usize> {
    let after_colon = match mark_at(bytes, at) {
        Some((Mark::SchemeEnd, end)) => return Some(end),
        Some((Mark::Colon, end)) => end,
        _ if bytes.get(at) == Some(&b':') => at + 1,
        _ => return None,
    };
    match mark_at(bytes, after_colon) {
        Some((Mark::Slashes, end)) => Some(end),
        Some((Mark::Slash, end)) => match mark_at(bytes, end) {
            Some((Mark::Slash, end)) => Some(end),
            _ => None,
        },
        _ => bytes.get(after_colon..after_colon + 2).filter(|two| *two == b"//").map(|_| after_colon + 2),
    }
}

/// Where the scheme at the end of the run begins. Text glued in front (`urlhttp://`) is left out.
fn scheme_start(bytes: &[u8], run: Run) -> Option<usize> {
    let word = &bytes[run.start..run.end];
    if word.starts_with(b"p") && word.len() <= 2 && bytes[..run.start].ends_with(b"h**") {
        return Some(run.start - 3);
    }
    let tail =
        word.iter().rposition(|byte| !byte.is_ascii_alphabetic() && *byte != b'_').map_or(0, |last| last + 1);
    let tail = tail.max(word.len().saturating_sub(16));
    let whole = matches!(&word[tail..], b"http" | b"https" | b"hxxp" | b"hxxps")
        || SCHEMES.iter().any(|name| name.as_bytes().eq_ignore_ascii_case(&word[tail..]));
    if whole {
        return Some(run.start + tail);
    }
    ["https", "http", "hxxps", "hxxp"].iter().find_map(|name| {
        let start = word.len().checked_sub(name.len()).filter(|start| *start >= tail)?;
        word[start..].eq_ignore_ascii_case(name.as_bytes()).then_some(run.start + start)
    })
}

/// The end of `user@host:port`. `None` where the host is no dotted name and no address.
fn authority_end(scan: &mut Scanner<'_>, from: usize) -> Option<usize> {
    let bytes = scan.bytes();
    let (mut at, mut host, mut dotted, mut odd) = (from, from, false, false);
    while let Some(byte) = bytes.get(at) {
        let class = classes::class(*byte);
        if class & NAME != 0 {
            at = classes::run_end(bytes, at, NAME);
            continue;
        }
        if class & HIGH != 0 {
            let Ok((_, length)) = classes::high_char(scan.text, at) else { break };
            at += length;
            continue;
        }
        if *byte == b'['
            && at == host
            && let Some(end) = literal_end(bytes, at)
        {
            (at, dotted) = (end, true);
            continue;
        }
        match (mark_at(bytes, at), byte) {
            (Some((Mark::Dot, end)), _) => {
                (at, dotted) = (end, dotted || classes::is(bytes, end, NAME | HIGH));
            }
            (Some((Mark::At, end)), _) => (at, host, dotted, odd) = (end, end, false, false),
            (Some((Mark::Colon, end)), _) => at = end,
            (_, b'.') => (at, dotted) = (at + 1, dotted || classes::is(bytes, at + 1, NAME | HIGH)),
            (_, b'@') => (at, host, dotted, odd) = (at + 1, at + 1, false, false),
            (_, b':') => at += 1,
            (_, b'%' | b'+' | b'~' | b'!' | b'$' | b'&' | b'=' | b'*') => (at, odd) = (at + 1, true),
            _ => break,
        }
    }
    scan.count(at - from);
    let begins = classes::is(bytes, host, ALNUM | HIGH) || bytes.get(host) == Some(&b'[');
    (dotted && !odd && begins).then_some(at)
}

/// The end of `[IPv6]`, colons defanged or not.
fn literal_end(bytes: &[u8], at: usize) -> Option<usize> {
    let mut end = at + 1;
    while end < at + 80 {
        match (mark_at(bytes, end), bytes.get(end)?) {
            (Some((Mark::Colon, after)), _) => end = after,
            (_, b':' | b'.') => end += 1,
            (_, byte) if byte.is_ascii_hexdigit() => end += 1,
            (_, b']') => return Some(end + 1),
            _ => return None,
        }
    }
    None
}

/// The end of `:port` behind a host, or `host_end` where there is none.
pub(super) fn port_end(bytes: &[u8], host_end: usize) -> usize {
    let digits = match mark_at(bytes, host_end) {
        Some((Mark::Colon, end)) => end,
        _ if bytes.get(host_end) == Some(&b':') => host_end + 1,
        _ => return host_end,
    };
    let end = digits + bytes[digits..].iter().take(6).take_while(|byte| byte.is_ascii_digit()).count();
    if (1..=5).contains(&(end - digits)) && run::ends_word(bytes, end) { end } else { host_end }
}

/// The end of the path, query and fragment behind an authority that ends at `from`; the whole URL begins at `start`.
///
/// Brackets opened before the URL end it, brackets of its own do not; punctuation at the end belongs to the sentence.
pub(super) fn path_end(scan: &mut Scanner<'_>, start: usize, from: usize) -> usize {
    let bytes = scan.bytes();
    let mut at = from;
    if !matches!(bytes.get(from), Some(b'/' | b'?' | b'#')) {
        match mark_at(bytes, from) {
            Some((Mark::Slash, end)) => at = end,
            _ => return from,
        }
    }
    let quoted = start > 0 && bytes[start - 1] == b'\'';
    let (mut round, mut square, mut curly, mut in_query) = (0_u32, 0_u32, 0_u32, false);
    while let Some(byte) = bytes.get(at) {
        let mut step = 1;
        match byte {
            b'(' => round += 1,
            b')' if round > 0 => round -= 1,
            b'{' => curly += 1,
            b'}' if curly > 0 => curly -= 1,
            b'?' => in_query = true,
            b'[' | b'\\' => match mark_at(bytes, at) {
                Some((_, end)) => step = end - at,
                None if *byte == b'[' && in_query => square += 1,
                None => break,
            },
            b']' if square > 0 => square -= 1,
            b'\'' if !quoted => {}
            b',' | b';' if !value_follows(bytes, at + 1) => {}
            0x80.. => match classes::high_char(scan.text, at) {
                Ok((_, length)) => step = length,
                Err(_) => break,
            },
            _ if classes::class(*byte) & BREAK != 0 => break,
            _ => {}
        }
        at += step;
    }
    scan.count(at - from);
    let tail = |byte: &u8| matches!(byte, b'.' | b',' | b';' | b':' | b'!' | b'?' | b'\'' | b'*');
    let end = from + bytes[from..at].iter().rposition(|byte| !tail(byte)).map_or(0, |last| last + 1);
    // A `[` that nothing closes was none of the URL's.
    if square > 0 { unclosed(bytes, from, end) } else { end }
}

fn unclosed(bytes: &[u8], from: usize, end: usize) -> usize {
    bytes[from..end].iter().position(|byte| *byte == b'[').map_or(end, |at| from + at)
}

/// True when a comma or semicolon before `at` separates values: of a CSV row, or of a list without spaces.
fn value_follows(bytes: &[u8], at: usize) -> bool {
    let rest = &bytes[at.min(bytes.len())..];
    let scheme = ["http", "hxxp", "ftp:", "www."];
    let date = |rest: &[u8]| {
        rest.len() > 7 && rest[..4].iter().all(u8::is_ascii_digit) && rest[4] == b'-' && rest[7] == b'-'
    };
    match rest.first() {
        None => true,
        Some(byte) if classes::class(*byte) & BREAK != 0 => true,
        _ => {
            scheme
                .iter()
                .any(|name| rest.get(..4).is_some_and(|head| head.eq_ignore_ascii_case(name.as_bytes())))
                || date(rest)
                || is_hash(rest)
        }
    }
}

fn is_hash(rest: &[u8]) -> bool {
    let length = rest.iter().take(130).take_while(|byte| byte.is_ascii_hexdigit()).count();
    matches!(length, 32 | 40 | 64 | 128) && !classes::is(rest, length, ALNUM | DIGIT)
}
