//! Bytes of unknown encoding, and bodies that arrive in blocks.

use aggregator_domain::{ExtractStream, extract_bytes};

fn found(input: &[u8]) -> Vec<(String, String)> {
    extract_bytes(input)
        .map(|found| {
            (
                String::from_utf8_lossy(&input[found.span]).into_owned(),
                found.parsed.indicator.value().to_owned(),
            )
        })
        .collect()
}

fn pair(raw: &str, value: &str) -> (String, String) {
    (raw.to_owned(), value.to_owned())
}

#[test]
fn what_is_not_utf8_separates() {
    assert_eq!(
        found(b"evil.com\xff evil.org\xc3"),
        [pair("evil.com", "evil.com"), pair("evil.org", "evil.org")]
    );
    assert_eq!(found(b"evil\xff.com"), []);
    assert_eq!(found(b"\xff\xfe"), []);
}

#[test]
fn nul_separates() {
    assert_eq!(found(b"evil.com\0evil.org"), [pair("evil.com", "evil.com"), pair("evil.org", "evil.org")]);
    let utf16: Vec<u8> = "evil.com".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(found(&utf16), []);
}

#[test]
fn windows_1252_text_is_read_around_its_letters() {
    assert_eq!(
        found(b"caf\xe9 http://evil.com/a \x93evil.org\x94"),
        [pair("http://evil.com/a", "http://evil.com/a"), pair("evil.org", "evil.org"),]
    );
}

/// Places and values, the body cut into blocks.
fn streamed(body: &[u8], block: usize) -> Vec<(u64, String)> {
    let mut found = Vec::new();
    let mut stream = ExtractStream::new();
    for block in body.chunks(block) {
        stream.push(block, |at, hit| found.push((at, hit.parsed.indicator.value().to_owned())));
    }
    stream.finish(|at, hit| found.push((at, hit.parsed.indicator.value().to_owned())));
    found
}

#[test]
fn blocks_of_any_size_find_the_same() {
    let body = "hxxp://evil[.]com/a, 192.0.2.1\r\n3395856ce81f2b7382dee72602\nf798b642f14140\nd41d8cd98f00b204e9800998ecf8427e\ncaf\u{e9}.com"
        .as_bytes();
    let whole = streamed(body, body.len());
    assert_eq!(whole.len(), 5, "{whole:?}");
    for block in 1..body.len() {
        assert_eq!(streamed(body, block), whole, "blocks of {block}");
    }
}

#[test]
fn a_line_without_end_is_read_in_bounded_memory() {
    let body = "evil.com ".repeat(100_000);
    assert_eq!(streamed(body.as_bytes(), 8_192).len(), 100_000);
    // No white space at all: nothing can be told from its beginning, and nothing is kept.
    let body = "\u{e9}".repeat(500_000);
    assert_eq!(streamed(body.as_bytes(), 8_191), []);
}
