//! What holds for every text.

use aggregator_domain::{Extract, ExtractStream, defang, extract, extract_bytes, extract_html};
use proptest::prelude::*;

/// Text made of what extraction looks for, put together at random: far more candidates than noise has.
fn candidates() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "evil",
        "com",
        "zip",
        "www",
        ".",
        "..",
        "[.]",
        "(dot)",
        "[",
        "]",
        "(",
        ")",
        "{",
        "}",
        "<",
        ">",
        "http",
        "hxxps",
        "://",
        "[:]//",
        "[://]",
        ":",
        "::",
        "/",
        "//",
        "\\",
        "@",
        "[at]",
        " [at] ",
        "+",
        "-",
        "_",
        "%2F",
        "%",
        "?",
        "#",
        "&",
        "=",
        ",",
        ";",
        "'",
        "\"",
        "`",
        "|",
        " ",
        "\n",
        "\r\n",
        "\t",
        "1",
        "192.0.2.1",
        "/24",
        "2001:db8",
        "AS15169",
        "CVE-2021-44228",
        "CVE",
        "h**p",
        "AS",
        "3:",
        "d41d8cd98f00b204e9800998ecf8427e",
        "d41d8cd98f00b204",
        "T1",
        "\u{e9}",
        "\u{4f8b}",
        "\u{3002}",
        "\u{a0}",
        "\u{feff}",
        "xn--",
        "version ",
        "Serial ",
        "&amp;",
        "&#46;",
        "<b>",
        "</b>",
        "<a href=\"",
        "\">",
        "<!--",
        "-->",
        "<script>",
        "\0",
    ]);
    prop::collection::vec(pieces, 0..60).prop_map(|pieces| pieces.concat())
}

fn holds(text: &str) -> Result<(), TestCaseError> {
    let mut end = 0;
    let mut extraction = Extract::new(text);
    for found in extraction.by_ref() {
        prop_assert!(found.span.start >= end, "in order and apart");
        prop_assert!(found.span.end > found.span.start);
        end = found.span.end;
        prop_assert_eq!(text.get(found.span.clone()), Some(&*found.raw), "the span is what is written");
    }
    prop_assert!(
        extraction.work() <= 64 * (text.len() as u64 + 64),
        "{} for {}",
        extraction.work(),
        text.len()
    );
    Ok(())
}

fn holds_in_html(html: &str) -> Result<(), TestCaseError> {
    let mut end = 0;
    for found in extract_html(html) {
        prop_assert!(found.span.start >= end, "in order and apart");
        end = found.span.end;
        prop_assert!(html.get(found.span).is_some(), "the span is whole characters");
    }
    Ok(())
}

fn streamed(bytes: &[u8], block: usize) -> Vec<(u64, String)> {
    let mut found = Vec::new();
    let mut stream = ExtractStream::new();
    for block in bytes.chunks(block) {
        stream.push(block, |at, hit| found.push((at, hit.parsed.indicator.value().to_owned())));
    }
    stream.finish(|at, hit| found.push((at, hit.parsed.indicator.value().to_owned())));
    found
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn spans_hold_in_text(text in candidates()) {
        holds(&text)?;
    }

    #[test]
    fn spans_hold_in_any_text(text in ".{0,200}") {
        holds(&text)?;
    }

    #[test]
    fn spans_hold_in_html(html in candidates()) {
        holds_in_html(&html)?;
    }

    #[test]
    fn no_length_panics(text in candidates()) {
        // Every reader meets the end of the text at every place.
        for (end, _) in text.char_indices() {
            holds(&text[..end])?;
        }
    }

    #[test]
    fn bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        for found in extract_bytes(&bytes) {
            prop_assert_eq!(&bytes[found.span], found.raw.as_bytes());
        }
        holds_in_html(&String::from_utf8_lossy(&bytes))?;
    }

    #[test]
    fn text_without_entities_is_the_same_in_html(text in candidates()) {
        let text = text.replace(['<', '>', '&', '\0', '\r'], "!");
        let html = format!("<p>{text}</p>");
        let plain: Vec<_> = extract(&text).into_iter().map(|found| (found.span.start + 3..found.span.end + 3, found.parsed)).collect();
        let in_html: Vec<_> = extract_html(&html).into_iter().map(|found| (found.span, found.parsed)).collect();
        prop_assert_eq!(plain, in_html);
    }

    #[test]
    fn blocks_make_no_difference(text in candidates(), block in 1_usize..40) {
        let whole: Vec<_> = extract_bytes(text.as_bytes())
            .map(|found| (found.span.start as u64, found.parsed.indicator.value().to_owned()))
            .collect();
        prop_assert_eq!(whole, streamed(text.as_bytes(), block));
    }

    #[test]
    fn what_is_found_is_found_defanged(text in candidates()) {
        // Punctuation of a URL is the sentence's where nothing else says otherwise: it is not looked at here.
        let plain = |value: &str| !value.contains(['(', ')', '[', ']', '{', '}', '\'', ',', ';', '|', '*'])
            && !value.ends_with(['.', ':', '!', '?']);
        for found in extract(&text).into_iter().filter(|found| plain(found.parsed.indicator.value())) {
            let sentence = format!("seen {} again", defang(&found.parsed.indicator));
            let again: Vec<_> = extract(&sentence).into_iter().map(|found| found.parsed.indicator).collect();
            prop_assert!(again.contains(&found.parsed.indicator), "{} gives {:?}", sentence, again);
        }
    }
}
