//! Any bytes through extraction from text, bytes, blocks and HTML: no panic, linear work, honest spans, and every
//! indicator found is canonical.
#![no_main]

use aggregator_domain::extract::{Extract, ExtractStream, Extracted, extract_bytes, extract_html};
use aggregator_domain::{Indicator, parse_as};
use libfuzzer_sys::fuzz_target;

/// The most times a byte of the text may be looked at, on average, and what a short text may cost beside.
const MAX_WORK: (u64, u64) = (64, 4_096);

fuzz_target!(|input: &[u8]| {
    let whole: Vec<(u64, Indicator)> = spans(extract_bytes(input), input.len());
    if let Ok(text) = std::str::from_utf8(input) {
        let mut extract = Extract::new(text);
        let found: Vec<Extracted<'_>> = extract.by_ref().collect();
        let bound = MAX_WORK.0 * text.len() as u64 + MAX_WORK.1;
        assert!(extract.work() <= bound, "{} looks at {} bytes", extract.work(), text.len());
        assert!(
            found.iter().all(|one| text.get(one.span.clone()) == Some(&*one.raw)),
            "raw is what the span says"
        );
        assert_eq!(spans(found.into_iter(), text.len()), whole, "text and bytes agree");
        spans(extract_html(text).into_iter(), text.len());
    }
    in_blocks(input, &whole);
});

/// Where each indicator begins, and which; spans are in order, apart and inside the input.
fn spans<'t>(found: impl Iterator<Item = Extracted<'t>>, length: usize) -> Vec<(u64, Indicator)> {
    let mut end = 0;
    found
        .map(|one| {
            assert!(one.span.start >= end && one.span.start < one.span.end, "spans are in order and apart");
            end = one.span.end;
            assert!(end <= length);
            let indicator = one.parsed.indicator;
            let again = parse_as(indicator.kind(), indicator.value()).expect("what is found is canonical");
            assert_eq!(again.indicator, indicator);
            (one.span.start as u64, indicator)
        })
        .collect()
}

/// A body gives the same in blocks of any size.
fn in_blocks(input: &[u8], whole: &[(u64, Indicator)]) {
    let size = 1 + usize::from(input.first().copied().unwrap_or(0)) % 64;
    let mut found = Vec::new();
    let mut stream = ExtractStream::new();
    for block in input.chunks(size) {
        stream.push(block, |at, one| found.push((at, one.parsed.indicator)));
    }
    stream.finish(|at, one| found.push((at, one.parsed.indicator)));
    assert_eq!(found, whole, "blocks of {size} bytes");
}
