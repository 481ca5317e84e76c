//! What is certainly not listed, told by one memory access in a few megabytes.
//!
//! A blocked Bloom filter: a hash picks one 64-bit word and two of its bits. At sixteen bits an entry about one absent
//! key in fifty looks present and is then asked for properly, so a filter never decides a hit. [`NameFilter`] reads a
//! domain or a URL once, from the end that its parts share, and so spares the identity hash (a hundred times the cost)
//! for parts that nobody lists.

/// Bits of the filter for one entry.
const BITS_PER_ENTRY: usize = 16;

/// The words.
#[derive(Default)]
pub(super) struct Filter {
    words: Vec<u64>,
}

impl Filter {
    /// Room for so many entries.
    pub(super) fn with_room(entries: usize) -> Self {
        let words = if entries == 0 { 0 } else { (entries * BITS_PER_ENTRY).div_ceil(64) };
        Self { words: vec![0; words] }
    }

    /// The word a hash picks: its high bits as a fraction of the length.
    #[expect(clippy::cast_possible_truncation, reason = "the product's high half is below the length")]
    fn word(&self, hash: u64) -> usize {
        ((u128::from(hash) * self.words.len() as u128) >> 64) as usize
    }

    /// Adds an entry. `hash` picks the word by its high bits, `more` the bits by its low twelve.
    pub(super) fn insert(&mut self, hash: u64, more: u64) {
        let at = self.word(hash);
        if let Some(word) = self.words.get_mut(at) {
            *word |= bits(more);
        }
    }

    /// False when the entry is certainly absent.
    pub(super) fn may_hold(&self, hash: u64, more: u64) -> bool {
        let bits = bits(more);
        self.words.get(self.word(hash)).is_some_and(|word| word & bits == bits)
    }
}

fn bits(more: u64) -> u64 {
    1 << (more & 63) | 1 << (more >> 6 & 63)
}

/// Which domains (exact, suffix, or a substring that stands alone) and which URL prefixes may be listed.
#[derive(Default)]
pub(super) struct NameFilter {
    filter: Filter,
}

/// Where a URL's hash begins, so that no URL shares a domain's.
const URL_SEED: u64 = 0x9e37_79b9_7f4a_7c15;

impl NameFilter {
    /// Room for so many names.
    pub(super) fn with_room(entries: usize) -> Self {
        Self { filter: Filter::with_room(entries) }
    }

    /// Adds a domain.
    pub(super) fn insert_domain(&mut self, domain: &str) {
        let hash = finish(domain.bytes().rev().fold(0, step));
        self.filter.insert(hash, hash);
    }

    /// Adds a URL prefix, which has no trailing slash.
    pub(super) fn insert_url(&mut self, url: &str) {
        let hash = finish(url.bytes().fold(URL_SEED, step));
        self.filter.insert(hash, hash);
    }

    /// Calls `each` with the domains above this one that may be listed, and with this one when `whole`.
    pub(super) fn domains(&self, domain: &str, whole: bool, mut each: impl FnMut(&str)) {
        let mut hash = 0;
        for (at, byte) in domain.bytes().enumerate().rev() {
            if byte == b'.' && self.holds(hash) {
                each(&domain[at + 1..]);
            }
            hash = step(hash, byte);
        }
        if whole && self.holds(hash) {
            each(domain);
        }
    }

    /// Calls `each` with the URL cut at each `/`, `?` and `#` from `start` on, and with the URL itself, where that may
    /// be listed; trailing slashes are left off.
    pub(super) fn url_prefixes(&self, url: &str, start: usize, mut each: impl FnMut(&str)) {
        let (mut hash, mut trimmed, mut told) = (URL_SEED, (URL_SEED, 0), 0);
        for (at, byte) in url.bytes().chain([b'#']).enumerate() {
            if at >= start && matches!(byte, b'/' | b'?' | b'#') && trimmed.1 > told {
                told = trimmed.1;
                if self.holds(trimmed.0) {
                    each(&url[..told]);
                }
            }
            hash = step(hash, byte);
            if byte != b'/' {
                trimmed = (hash, at + 1);
            }
        }
    }

    fn holds(&self, hash: u64) -> bool {
        let hash = finish(hash);
        self.filter.may_hold(hash, hash)
    }
}

fn step(hash: u64, byte: u8) -> u64 {
    (hash.rotate_left(5) ^ u64::from(byte)).wrapping_mul(0x517c_c1b7_2722_0a95)
}

/// Spreads the hash over all bits (the finisher of splitmix64).
fn finish(hash: u64) -> u64 {
    let z = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn domains(filter: &NameFilter, domain: &str, whole: bool) -> Vec<String> {
        let mut found = Vec::new();
        filter.domains(domain, whole, |name| found.push(name.to_owned()));
        found
    }

    fn prefixes(filter: &NameFilter, url: &str, start: usize) -> Vec<String> {
        let mut found = Vec::new();
        filter.url_prefixes(url, start, |prefix| found.push(prefix.to_owned()));
        found
    }

    #[test]
    fn listed_domains_are_found_among_the_parts() {
        let mut filter = NameFilter::with_room(1_000);
        for name in ["com", "example.com", "www.example.com"] {
            filter.insert_domain(name);
        }
        assert_eq!(domains(&filter, "a.www.example.com", true), ["com", "example.com", "www.example.com"]);
        assert_eq!(domains(&filter, "www.example.com", true), ["com", "example.com", "www.example.com"]);
        assert_eq!(domains(&filter, "www.example.com", false), ["com", "example.com"]);
        assert!(domains(&filter, "example.org", true).is_empty());
        assert!(domains(&NameFilter::default(), "example.org", true).is_empty());
    }

    #[test]
    fn listed_prefixes_are_found_at_boundaries_only() {
        let mut filter = NameFilter::with_room(1_000);
        let url = "http://example.com/a/bc//?q=1/2#f";
        let all = [
            "http://example.com",
            "http://example.com/a",
            "http://example.com/a/bc",
            "http://example.com/a/bc//?q=1",
            "http://example.com/a/bc//?q=1/2",
            "http://example.com/a/bc//?q=1/2#f",
        ];
        for prefix in all.iter().chain(&["http://example.com/a/b", "http://exa"]) {
            filter.insert_url(prefix);
        }
        assert_eq!(prefixes(&filter, url, 18), all);
        assert_eq!(prefixes(&filter, "http://example.com/", 18), ["http://example.com"]);
        assert!(prefixes(&filter, "http://example.org/a", 18).is_empty());
    }

    #[test]
    fn few_absent_names_look_present() {
        let mut filter = NameFilter::with_room(10_000);
        for number in 0..10_000 {
            filter.insert_domain(&format!("name{number}.example"));
        }
        let mistaken: usize =
            (0..10_000).map(|number| domains(&filter, &format!("other{number}.test"), true).len()).sum();
        // Two parts each, about 2 % of them; a broken hash gives thousands.
        assert!(mistaken < 1_000, "{mistaken}");
    }
}
