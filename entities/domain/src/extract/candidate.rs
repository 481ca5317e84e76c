//! From a run to a candidate: which reader is asked, in which order.

use std::ops::Range;

use super::classes::{self, ALNUM, DIGIT, HEX, HIGH, JOIN};
use super::marks::{Mark, mark_at};
use super::run::Run;
use super::scan::Scanner;
use super::{context, network, url, word};
use crate::detect::MAX_INPUT_BYTES;
use crate::{Detection, Kind, Parsed, detect};

/// An indicator and its span.
#[derive(Debug, Clone)]
pub(super) struct Hit {
    pub(super) span: Range<usize>,
    pub(super) parsed: Parsed,
}

/// What begins with this run; moves the scanner on when nothing does.
pub(super) fn from_run(scan: &mut Scanner<'_>, run: Run) -> Option<Hit> {
    let bytes = scan.bytes();
    let next = bytes.get(run.end).copied();
    if matches!(next, Some(b':' | b'[' | b'(' | b'{')) {
        if let Some(hit) = url::with_scheme(scan, run) {
            return Some(hit);
        }
        if scan.at != run.end {
            return None;
        }
        if run.dots == 0
            && run.within(DIGIT | HEX)
            && let Some(hit) = network::ipv6(scan, run.start).or_else(|| word::ssdeep(scan, run))
        {
            return Some(hit);
        }
    }
    if let Some(after) = at_sign(bytes, run.end)
        && let Some(hit) = email(scan, after)
    {
        return Some(hit);
    }
    if run.dots > 0
        && let Some(hit) = dotted(scan, run)
    {
        return Some(hit);
    }
    if run.has(DIGIT) && scan.at == run.end { word::words(scan, run.start, run.end) } else { None }
}

/// Asks detection; an answer of another kind than the context allows is none.
pub(super) fn ask(scanner: &mut Scanner<'_>, span: Range<usize>, kinds: &[Kind]) -> Option<Hit> {
    let raw = scanner.text.get(span.clone()).filter(|raw| raw.len() <= MAX_INPUT_BYTES)?;
    scanner.count(raw.len());
    match detect(raw) {
        Detection::One(parsed) if kinds.contains(&parsed.indicator.kind()) => Some(Hit { span, parsed }),
        _ => None,
    }
}

fn at_sign(bytes: &[u8], at: usize) -> Option<usize> {
    if bytes.get(at) == Some(&b'@') {
        return Some(at + 1);
    }
    mark_at(bytes, at).filter(|(mark, _)| *mark == Mark::At).map(|(_, end)| end)
}

fn email(scan: &mut Scanner<'_>, after: usize) -> Option<Hit> {
    let bytes = scan.bytes();
    let host = Run::read(scan.text, after, after >= scan.ascii_until).trimmed(bytes);
    scan.count(host.end - host.start);
    if host.dots == 0 || host.start != after || bytes.get(host.end) == Some(&b'@') {
        return None;
    }
    // Reports in scripts without spaces put the address directly behind a word.
    let local = &scan.text[scan.local.clone()];
    let ascii = local.bytes().rposition(|byte| !byte.is_ascii()).map_or(0, |last| last + 1);
    let start = scan.local.start + ascii + local[ascii..].bytes().take_while(|byte| *byte == b'-').count();
    if start > 0 && bytes[start - 1] == b'@' {
        return None;
    }
    ask(scan, start..host.end, &[Kind::Email])
}

/// An address, a network or a name, with what belongs to it behind.
fn dotted(scan: &mut Scanner<'_>, run: Run) -> Option<Hit> {
    let bytes = scan.bytes();
    if run.within(DIGIT | JOIN) {
        scan.at = run.start;
        return network::ipv4(scan, run.end);
    }
    let name = run.trimmed(bytes);
    if !context::is_name(scan, &name) {
        return within_ascii(scan, run);
    }
    if !context::is_host(scan, &name) {
        return None;
    }
    let kinds = [Kind::Domain, Kind::Url];
    let host = name.start..name.end;
    let hit = if name.end == run.end { url::with_host(scan, host, &kinds) } else { ask(scan, host, &kinds) };
    let hit = hit.filter(|hit| !context::is_emphasised(&hit.parsed));
    hit.or_else(|| within_ascii(scan, run))
}

/// Reads the same bytes again without the characters outside ASCII, once.
fn within_ascii(scan: &mut Scanner<'_>, run: Run) -> Option<Hit> {
    if run.has(HIGH) {
        scan.ascii_until = run.end;
        scan.at = run.start;
        if !classes::is(scan.bytes(), run.start, ALNUM) {
            scan.at += scan.text[run.start..].chars().next().map_or(1, char::len_utf8);
        }
    }
    None
}
