//! A new indicator out of a real one: the same shape, told apart by the line's number.

use std::net::Ipv4Addr;

/// First octets whose networks are public as a whole, or nearly.
const PUBLIC_OCTETS: [u8; 12] = [5, 23, 31, 45, 62, 77, 89, 103, 141, 176, 185, 213];

/// Longest label of a DNS name.
const MAX_LABEL: usize = 63;

/// Spreads consecutive numbers (the finaliser of splitmix64).
pub(super) fn scatter(number: u64) -> u64 {
    let mut word = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

/// The value that line `number` holds when its template is `value`, a real line with this label. Different for every
/// number under 2^24.
pub(super) fn derive(label: &str, value: &str, number: u64) -> String {
    match label {
        "ipv4" => address(number).to_string(),
        "ipv4:port" => format!("{}:{}", address(number), 1_024 + scatter(number) % 60_000),
        "ipv6" => format!("{}::{:x}", network6(number), 1 + scatter(number) % 0xffff),
        "cidr4" => network4(number),
        "cidr6" => format!("{}::/48", network6(number)),
        "md5" => digest(number, 32),
        "sha1" => digest(number, 40),
        "sha256" => digest(number, 64),
        "asn" => format!("AS{}", 600_000 + number),
        "cve" => format!("CVE-{}-{}", 2_024 + number % 3, 100_000 + number),
        "url" | "url-noscheme" => url(value, number),
        _ => domain(value, number),
    }
}

/// The number as a short word: unlike for unlike numbers.
fn tag(number: u64) -> String {
    let mut rest = number.wrapping_mul(0x9e37_79b1) & 0xffff_ffff;
    let mut letters = Vec::with_capacity(7);
    loop {
        let digit = (rest % 36) as u8;
        letters.push(if digit < 10 { b'0' + digit } else { b'a' + digit - 10 });
        rest /= 36;
        if rest == 0 {
            return letters.into_iter().map(char::from).collect();
        }
    }
}

/// A public address: 24 bits unlike for unlike numbers under a public first octet.
fn address(number: u64) -> Ipv4Addr {
    let [_, second, third, fourth] = low_bits(number);
    let [.., choice] = scatter(number).to_be_bytes();
    Ipv4Addr::new(PUBLIC_OCTETS[usize::from(choice) % PUBLIC_OCTETS.len()], second, third, fourth)
}

fn network4(number: u64) -> String {
    let [first, second, third, fourth] = address(number).octets();
    format!("{first}.{second}.{third}.{}/28", fourth & 0xf0)
}

fn low_bits(number: u64) -> [u8; 4] {
    // Odd, so a bijection of 24 bits.
    ((number.wrapping_mul(0x9e_3779) & 0x00ff_ffff) as u32).to_be_bytes()
}

fn network6(number: u64) -> String {
    format!("2a02:{:x}:{:x}", number >> 16, number & 0xffff)
}

fn digest(number: u64, digits: usize) -> String {
    let mut digest = String::with_capacity(64);
    let mut word = scatter(number);
    while digest.len() < digits {
        digest.extend(word.to_be_bytes().iter().flat_map(|byte| [byte >> 4, byte & 15]).map(hex_digit));
        word = scatter(word ^ number);
    }
    digest.truncate(digits);
    digest
}

fn hex_digit(nibble: u8) -> char {
    char::from_digit(u32::from(nibble), 16).unwrap_or('0')
}

/// The same name with a first label of its own.
fn domain(value: &str, number: u64) -> String {
    let tag = tag(number);
    match value.split_once('.') {
        Some((label, rest)) if !label.starts_with("xn--") && label.len() + 1 + tag.len() <= MAX_LABEL => {
            format!("{label}-{tag}.{rest}")
        }
        Some((_, rest)) => format!("x{tag}.{rest}"),
        None => format!("{value}-{tag}"),
    }
}

/// The same URL one folder deeper.
fn url(value: &str, number: u64) -> String {
    let host = value.find("://").map_or(0, |at| at + 3);
    let end = value[host..].find(['/', '?', '#']).map_or(value.len(), |at| host + at);
    format!("{}/{}{}", &value[..end], tag(number), &value[end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_kept() {
        assert_eq!(domain("evil.example.com", 1), format!("evil-{}.example.com", tag(1)));
        assert!(domain(&format!("{}.com", "a".repeat(63)), 7).len() < 20);
        assert!(domain("xn--80ak6aa92e.com", 7).starts_with('x'));
        assert_eq!(url("http://a.example/b?c", 3), format!("http://a.example/{}/b?c", tag(3)));
        assert_eq!(url("a.example?c", 3), format!("a.example/{}?c", tag(3)));
        assert_eq!(url("http://1.1.1.1", 3), format!("http://1.1.1.1/{}", tag(3)));
        assert_eq!(digest(9, 64).len(), 64);
        assert_eq!(derive("md5", "", 9).len(), 32);
    }
}
