//! Words: hashes, CVE and AS numbers, fuzzy hashes.

use std::ops::Range;

use super::candidate::{Hit, ask};
use super::classes::{self, ALNUM, DIGIT, HEX};
use super::context;
use super::run::Run;
use super::scan::{Rest, Scanner};
use crate::{Detection, Kind, detect};

const DIGESTS: [Kind; 5] = [Kind::Md5, Kind::Sha1, Kind::Sha256, Kind::Sha512, Kind::Tlsh];

/// The fewest hex digits at the end of a line that may go on in the next one.
const MIN_WRAPPED: usize = 16;

/// AS numbers that are something else where nobody writes `ASN`: the IBM machine.
const MACHINES: [&str; 1] = ["AS400"];

/// What the last line leaves open.
#[derive(Debug, Clone, Default)]
pub(super) struct Wrap {
    /// Where the hex digits begin that continue a longer run of the line before.
    continued_at: Option<usize>,
}

/// Reads the words between `from` and `until` one by one; the first that is an indicator is the answer, the rest comes
/// next.
pub(super) fn words(scan: &mut Scanner<'_>, from: usize, until: usize) -> Option<Hit> {
    let bytes = scan.bytes();
    let mut at = from;
    while at < until {
        let end = classes::run_end(&bytes[..until], at, ALNUM);
        scan.count(end - at + 1);
        if end > at
            && let Some(hit) = word(scan, at..end)
        {
            scan.rest = Rest::Words(until);
            return Some(hit);
        }
        at = end + 1;
    }
    scan.at = until;
    None
}

fn word(scan: &mut Scanner<'_>, word: Range<usize>) -> Option<Hit> {
    let bytes = scan.bytes();
    match word.len() {
        3 if bytes[word.clone()].eq_ignore_ascii_case(b"cve") => cve(scan, word),
        3..=13 if bytes[word.start] == b'A' && bytes[word.start + 1] == b'S' => asn(scan, word),
        MIN_WRAPPED.. => hex(scan, word),
        _ => None,
    }
}

fn cve(scan: &mut Scanner<'_>, word: Range<usize>) -> Option<Hit> {
    let bytes = scan.bytes();
    let digits = |from: usize| {
        let rest = bytes.get(from..).unwrap_or_default();
        from + rest.iter().take(20).take_while(|byte| byte.is_ascii_digit()).count()
    };
    let year = digits(word.end + 1);
    if bytes.get(word.end) != Some(&b'-') || year != word.end + 5 || bytes.get(year) != Some(&b'-') {
        return None;
    }
    let end = digits(year + 1);
    if classes::is(bytes, end, ALNUM) { None } else { ask(scan, word.start..end, &[Kind::Cve]) }
}

/// `AS15169` in capitals, of three digits at least unless `ASN` is written: `AS2` and `AS3` are protocols and programs.
fn asn(scan: &mut Scanner<'_>, word: Range<usize>) -> Option<Hit> {
    let text = &scan.text[word.clone()];
    let long = text.strip_prefix("ASN");
    let digits = long.or_else(|| text.strip_prefix("AS"))?;
    let number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let sure = long.is_some() || digits.len() >= 3 && !MACHINES.contains(&text);
    let joined = classes::was(scan.bytes(), word.start, classes::JOIN);
    if number && sure && !joined { ask(scan, word, &[Kind::Asn]) } else { None }
}

/// A hash when it is the whole word; with the next line when it ends this one.
fn hex(scan: &mut Scanner<'_>, word: Range<usize>) -> Option<Hit> {
    let bytes = scan.bytes();
    let length = word.len();
    let is_hex = |range: &Range<usize>| {
        bytes[range.clone()].iter().all(|byte| classes::class(*byte) & (DIGIT | HEX) != 0)
    };
    if length == 72 && bytes[word.start].eq_ignore_ascii_case(&b'T') {
        return ask(scan, word, &[Kind::Tlsh]);
    }
    if !is_hex(&word) {
        return None;
    }
    scan.count(length);
    let continues = scan.wrap.continued_at.take() == Some(word.start);
    if !is_digest_length(length) {
        return wrapped(scan, word);
    }
    let all_digits = bytes[word.clone()].iter().all(u8::is_ascii_digit);
    let one_digit = bytes[word.clone()].iter().all(|byte| *byte == bytes[word.start]);
    if continues || all_digits || one_digit || context::is_serial(scan, word.start) {
        return None;
    }
    ask(scan, word, &DIGESTS)
}

fn is_digest_length(length: usize) -> bool {
    matches!(length, 32 | 40 | 64 | 70 | 128)
}

/// Hex digits of no hash's length that end a line: the first part of a hash, or of a longer run that a line of a hash's
/// length belongs to as well.
fn wrapped(scan: &mut Scanner<'_>, word: Range<usize>) -> Option<Hit> {
    let bytes = scan.bytes();
    let next = next_line(bytes, word.end)?;
    let end = next + bytes[next..].iter().take(129).take_while(|byte| byte.is_ascii_hexdigit()).count();
    scan.count(end - word.end);
    if end == next || classes::is(bytes, end, ALNUM) {
        return None;
    }
    let (first, second) = (&scan.text[word.clone()], &scan.text[next..end]);
    let whole = first.len() + second.len();
    if first.len() > second.len() && whole != 70 && is_digest_length(whole) && !is_digest_length(second.len())
    {
        let joined = [first, second].concat();
        scan.count(whole);
        let letters = joined.bytes().any(|byte| byte.is_ascii_alphabetic());
        if letters
            && let Detection::One(parsed) = detect(&joined)
            && DIGESTS.contains(&parsed.indicator.kind())
        {
            return Some(Hit { span: word.start..end, parsed });
        }
    }
    if first.len() > 32 {
        scan.wrap.continued_at = Some(next);
    }
    None
}

/// The first byte of the next line behind its indentation, when `at` ends a line.
fn next_line(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes.get(at..)?;
    let line = rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n"))?;
    let indent = line.iter().take(16).take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    Some(bytes.len() - line.len() + indent)
}

/// `blocksize:part:part`, as ssdeep writes it.
pub(super) fn ssdeep(scan: &mut Scanner<'_>, run: Run) -> Option<Hit> {
    let bytes = scan.bytes();
    if !run.within(DIGIT) || run.end - run.start > 10 || bytes.get(run.end) != Some(&b':') {
        return None;
    }
    let part = |from: usize| {
        let is_base64 = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
        from + bytes[from..].iter().take(65).take_while(is_base64).count()
    };
    let first = part(run.end + 1);
    let second = if bytes.get(first) == Some(&b':') { part(first + 1) } else { return None };
    scan.count(second - run.end);
    let lengths = (first - run.end - 1, second - first - 1);
    let plausible = lengths.0 + lengths.1 >= 12 && lengths.0 <= 64 && lengths.1 <= 64 && lengths.1 > 0;
    if !plausible || bytes.get(second) == Some(&b':') {
        return None;
    }
    ask(scan, run.start..second, &[Kind::Ssdeep])
}
