//! The work is linear: bytes looked at, counted and not timed, on texts made to provoke looking twice.

use aggregator_domain::Extract;

/// What is repeated, and why it could cost more than once.
const PROVOCATIONS: [(&str, &str); 34] = [
    ("a", "one word without end"),
    ("a.", "one name without end"),
    ("a.co/", "each name begins a path that holds the next"),
    ("a.co/(", "each path begins behind a bracket of the one before"),
    ("a-.co/(", "each name is refused after its path was read"),
    ("a.co/,", "each path could end at a comma"),
    ("http://", "each scheme begins an address"),
    ("http://a.b/", "each URL holds the next"),
    ("http://a.b/(", "each URL opens a bracket"),
    ("http://a.b/[", "each URL opens a bracket that ends it"),
    ("http://a.b@", "each host turns out to be a user"),
    ("http://a!b/", "each host is refused"),
    ("x://a.co/", "each scheme is unknown"),
    ("a@", "each local part could begin an address"),
    ("a@b.co@", "each address is refused"),
    ("a+", "one local part without end"),
    ("a+a@", "each local part is joined to the last"),
    ("1.2.3.4-", "a range of ranges"),
    ("1.2.3.4/", "each address begins a path"),
    ("1.", "a number without end"),
    ("1:", "each number could begin IPv6 or ssdeep"),
    ("::", "colons alone"),
    ("a::1", "IPv6 that never ends"),
    ("3:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa:", "ssdeep that never ends"),
    ("d41d8cd98f00b204e9800998ecf8427e-", "hashes joined to one run"),
    ("d41d8cd98f00b204e9800998ecf8427e.", "hashes joined to one name"),
    ("d41d8cd98f00b204e9800\n", "each line could go on in the next"),
    ("[.]", "marks alone"),
    ("a[.]", "one defanged name without end"),
    ("a [.] ", "one spaced name without end"),
    ("\u{e9}a.", "letters outside ASCII, read again without"),
    ("\u{4f8b}a", "two scripts mixed"),
    ("CVE-2021-", "each could be a CVE number"),
    ("(", "brackets alone"),
];

/// Bytes looked at per byte of text.
fn work(text: &str) -> f64 {
    let mut extraction = Extract::new(text);
    while extraction.next().is_some() {}
    #[expect(clippy::cast_precision_loss, reason = "millions")]
    let per_byte = extraction.work() as f64 / text.len() as f64;
    per_byte
}

#[test]
fn ten_times_the_text_is_ten_times_the_work() {
    let mut failures = Vec::new();
    for (piece, why) in PROVOCATIONS {
        for ending in ["", "!", ".com", " http://a.co/"] {
            let text = |length: usize| piece.repeat(length / piece.len()) + ending;
            let (short, long) = (work(&text(20_000)), work(&text(200_000)));
            // What is read is read at most a fixed number of times, and not more often where there is more of it.
            if long > 40.0 || long > short * 1.5 + 1.0 {
                failures.push(format!("{piece:?}{ending:?} ({why}): {short:.1} then {long:.1} per byte"));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
