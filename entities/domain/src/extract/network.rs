//! IPv4 and IPv6 addresses and networks.

use super::candidate::{Hit, ask};
use super::classes::{self, ALNUM, DIGIT, HEX, JOIN, NAME};
use super::context;
use super::marks::{Mark, mark_at};
use super::run::{self, Run};
use super::scan::{Rest, Scanner};
use super::url;
use crate::Kind;

/// The most bytes of a written IPv6 address with every colon defanged.
const MAX_IPV6_BYTES: usize = 80;

/// Reads the addresses between `-` and `_` in a run of digits that ends at `until`, from the scanner's place on.
///
/// Of `1.2.3.4-1.2.3.9` the first is the answer, the second comes next.
pub(super) fn ipv4(scan: &mut Scanner<'_>, until: usize) -> Option<Hit> {
    let bytes = scan.bytes();
    while scan.at < until {
        let piece = Run::read_digits(scan.text, scan.at, until);
        scan.count(piece.end - piece.start + 1);
        let alone = piece.start == scan.at && !classes::is(bytes, piece.end, ALNUM);
        let hit = if alone && piece.dots == 3 { address(scan, &piece, until) } else { None };
        scan.at = piece.end.max(piece.start + 1);
        if hit.is_some() {
            scan.rest = Rest::Digits(until);
            return hit;
        }
    }
    None
}

fn address(scan: &mut Scanner<'_>, piece: &Run, until: usize) -> Option<Hit> {
    let bytes = scan.bytes();
    if !context::is_address(scan, piece) {
        return None;
    }
    let kinds = [Kind::Ipv4, Kind::Url];
    if piece.end < until {
        return ask(scan, piece.start..piece.end, &kinds);
    }
    if let Some(end) = prefix_end(bytes, piece.end)
        && let Some(hit) = ask(scan, piece.start..end, &[Kind::Cidr, Kind::Ipv4])
    {
        return Some(hit);
    }
    url::with_host(scan, piece.start..piece.end, &kinds)
}

/// Reads the IPv6 address or network that begins at `start`, brackets and port included.
pub(super) fn ipv6(scan: &mut Scanner<'_>, start: usize) -> Option<Hit> {
    let bytes = scan.bytes();
    if !run::begins_word(bytes, start) || start > 0 && matches!(bytes[start - 1], b':' | b'.') {
        return None;
    }
    let end = address_end(bytes, start);
    scan.count(end - start);
    let written = &bytes[start..end];
    let (colons, compressed) = colons(written);
    let prefix = prefix_end(bytes, end);
    let digits = prefix.is_some() || written.iter().any(u8::is_ascii_digit);
    let plausible = colons >= 2 && (compressed || colons == 7) && digits;
    // `::` behind a word is a path in a program: `std::a1`.
    if !plausible || classes::is(bytes, end, NAME) {
        return None;
    }
    let kinds = [Kind::Ipv6, Kind::Cidr, Kind::Ipv4];
    if start > 0 && bytes[start - 1] == b'[' && bytes.get(end) == Some(&b']') {
        let port_end = url::port_end(bytes, end + 1);
        if port_end > end + 1 {
            return ask(scan, start - 1..port_end, &kinds);
        }
    }
    ask(scan, start..prefix.unwrap_or(end), &kinds)
}

/// How many colons there are, defanged or not, and whether two stand side by side.
fn colons(written: &[u8]) -> (usize, bool) {
    let (mut count, mut compressed, mut after_colon) = (0, false, false);
    for byte in written {
        match byte {
            b':' => {
                compressed |= after_colon;
                (count, after_colon) = (count + 1, true);
            }
            byte if byte.is_ascii_hexdigit() || *byte == b'.' => after_colon = false,
            _ => {}
        }
    }
    (count, compressed)
}

fn address_end(bytes: &[u8], start: usize) -> usize {
    let mut end = start;
    while end < start + MAX_IPV6_BYTES {
        end = match (mark_at(bytes, end), bytes.get(end)) {
            (Some((Mark::Colon, after)), _) => after,
            (_, Some(b':')) => end + 1,
            (_, Some(b'.')) if classes::is(bytes, end + 1, DIGIT) => end + 1,
            (_, Some(byte)) if classes::class(*byte) & (DIGIT | HEX) != 0 => end + 1,
            _ => break,
        };
    }
    // `2001:db8::1:` ends a clause.
    if bytes[start..end].ends_with(b":") && !bytes[start..end].ends_with(b"::") { end - 1 } else { end }
}

/// The end of `/length`, when it is a number of at most three digits and nothing else follows.
fn prefix_end(bytes: &[u8], at: usize) -> Option<usize> {
    let slash = match mark_at(bytes, at) {
        Some((Mark::Slash, end)) => end,
        _ if bytes.get(at) == Some(&b'/') => at + 1,
        _ => return None,
    };
    let end = slash + bytes[slash..].iter().take(4).take_while(|byte| byte.is_ascii_digit()).count();
    let more = classes::is(bytes, end, ALNUM | JOIN)
        || matches!(bytes.get(end), Some(b'/' | b'?' | b'#' | b'=' | b'&'))
        || bytes.get(end) == Some(&b'.') && classes::is(bytes, end + 1, ALNUM);
    ((1..=3).contains(&(end - slash)) && !more).then_some(end)
}
