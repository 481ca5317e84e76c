//! Custom kinds: what a definition may say, what is read as one, and what is found of them in text.

use aggregator_domain::custom::{DefinitionError, MAX_VALUE_BYTES, Normalise, is_slug};
use aggregator_domain::extract::{Extract, ExtractBytes, ExtractStream, extract_html_with};
use aggregator_domain::{
    CustomKindDefinition, CustomKinds, Detection, Kind, KindName, Reject, defang, detect, detect_bytes,
    extract,
};

fn of(pattern: &str) -> CustomKindDefinition {
    CustomKindDefinition {
        pattern: pattern.to_owned(),
        case_insensitive: false,
        normalise: Normalise::Keep,
        in_text: true,
        examples: Vec::new(),
        counter_examples: Vec::new(),
    }
}

fn employee() -> CustomKindDefinition {
    CustomKindDefinition {
        normalise: Normalise::Upper,
        examples: vec!["E-12345".to_owned(), "\"e-54321\",".to_owned()],
        counter_examples: vec!["E-1234".to_owned()],
        ..of("E-[0-9]{5}")
    }
}

fn kinds(definitions: &[(&str, CustomKindDefinition)]) -> CustomKinds {
    CustomKinds::new(definitions.iter().map(|(slug, of)| of.check(slug).unwrap()).collect())
}

/// What was detected, in one line.
fn shown(detection: &Detection) -> String {
    match detection {
        Detection::One(parsed) => format!("{}={}", parsed.indicator.kind(), parsed.indicator.value()),
        Detection::Ambiguous(_) => "ambiguous".to_owned(),
        Detection::None(reject) => reject.as_str().to_owned(),
    }
}

#[test]
fn a_value_no_built_in_kind_claims_is_the_first_custom_one_that_takes_it() {
    let kinds = kinds(&[
        ("employee_id", employee()),
        ("ticket", of("[A-Z]{2,5}-[0-9]{1,6}")),
        ("telegram", of(r"t\.me/[a-z]{5,20}|@[a-z]{5,20}")),
        ("digits", of("[0-9]+")),
    ]);
    for (input, expected) in [
        ("E-12345", "custom=employee_id:E-12345"),
        ("  (e-12345). ", "custom=employee_id:E-12345"),
        ("- \"E-12345\",", "custom=employee_id:E-12345"),
        ("SEC-1", "custom=ticket:SEC-1"),
        // The first in order, although the second takes it, too.
        ("AB-12345", "custom=ticket:AB-12345"),
        ("XE-12345Z", "unrecognised"),
        ("E-12345 E-54321", "unrecognised"),
        ("@somebody", "custom=telegram:@somebody"),
        ("[@]somebody", "custom=telegram:@somebody"),
        // What a built-in kind claims stays that.
        ("t[.]me/somebody", "url=http://t.me/somebody"),
        ("192.0.2.1", "ipv4=192.0.2.1"),
        ("CVE-2021-44228", "cve=CVE-2021-44228"),
        ("4294967295", "ambiguous"),
        ("443", "custom=digits:443"),
        ("", "empty"),
        ("E-1234\u{0}", "nul_byte"),
        ("E-\u{9}12345", "unrecognised"),
    ] {
        assert_eq!(shown(&kinds.detect(input)), expected, "{input:?}");
        assert_eq!(kinds.detect_bytes(input.as_bytes()), kinds.detect(input), "{input:?}");
    }
    assert_eq!(shown(&kinds.detect_bytes(b"E-12345\xff")), "invalid_utf8");
    assert_eq!(
        shown(&kinds.detect(&"9".repeat(MAX_VALUE_BYTES))),
        format!("custom=digits:{}", "9".repeat(1_024))
    );
    assert_eq!(shown(&kinds.detect(&"9".repeat(MAX_VALUE_BYTES + 1))), "unrecognised");
    assert_eq!(shown(&kinds.detect(&"9".repeat(8_193))), "too_long");
}

#[test]
fn naming_a_kind_reads_as_that_and_no_other() {
    let kinds = kinds(&[("employee_id", employee()), ("digits", of("[0-9]+")), ("day", of("[0-9]{8}"))]);
    for (name, input, expected) in [
        ("day", "20240101", Ok("day:20240101")),
        ("custom", "20240101", Ok("digits:20240101")),
        ("custom", "e-12345", Ok("employee_id:E-12345")),
        ("custom", "example.com", Err(Reject::Invalid)),
        ("day", "E-12345", Err(Reject::Invalid)),
        ("nobody", "E-12345", Err(Reject::Invalid)),
        ("day", "", Err(Reject::Empty)),
        ("custom", " ", Err(Reject::Empty)),
        ("domain", "name.corp", Ok("name.corp")),
    ] {
        let read = kinds.parse_as(&name.parse().unwrap(), input);
        let read = read.as_ref().map(|parsed| parsed.indicator.value()).map_err(|reject| *reject);
        assert_eq!(read, expected, "{name} {input:?}");
    }
    assert!(kinds.has(&KindName::Kind(Kind::Asn)) && kinds.has(&"day".parse().unwrap()));
    assert!(!kinds.has(&"nobody".parse().unwrap()));
}

#[test]
fn a_canonical_value_is_read_as_itself_and_shown_without_its_slug() {
    let mut lower = of("[a-zß-ü]+:[0-9]+");
    lower.normalise = Normalise::Lower;
    let kinds = kinds(&[("lower", lower), ("employee_id", employee())]);
    for (name, input, value) in
        [("lower", "ÄRGER:7", "lower:ärger:7"), ("employee_id", "e-00001", "employee_id:E-00001")]
    {
        let name: KindName = name.parse().unwrap();
        let indicator = kinds.parse_as(&name, input).unwrap().indicator;
        assert_eq!((indicator.kind(), indicator.value()), (Kind::Custom, value));
        assert_eq!(indicator.custom_kind(), Some(name.as_str()));
        assert_eq!(kinds.parse_as(&name, indicator.shown()).unwrap().indicator, indicator);
        assert_eq!(defang(&indicator), indicator.shown());
    }
    let built_in = aggregator_domain::parse_as(Kind::Ipv6, "2001:db8::1").unwrap().indicator;
    assert_eq!((built_in.custom_kind(), built_in.shown()), (None, "2001:db8::1"));
    assert_eq!(aggregator_domain::parse_as(Kind::Custom, "E-12345"), Err(Reject::Invalid));
}

#[test]
fn what_is_no_definition_says_which_field_is_wrong_and_why() {
    let with = |change: fn(&mut CustomKindDefinition)| {
        let mut definition = employee();
        change(&mut definition);
        definition
    };
    for (definition, field, says) in [
        (of(""), "pattern", "1 to 1,000"),
        (of(&"a".repeat(1_001)), "pattern", "1 to 1,000"),
        (of("a\u{0}"), "pattern", "NUL"),
        (of("("), "pattern", "unclosed group"),
        (of("a)|(b"), "pattern", "unopened group"),
        (of(r"(a)\1"), "pattern", "backreferences"),
        (of("(?=a)b"), "pattern", "look-around"),
        (of("[z-a]"), "pattern", "invalid character class range"),
        (of(r"(?-u)\xff"), "pattern", "UTF-8"),
        // Repetitions of repetitions are refused for their size, before they cost any.
        (of("(((a{1,100}){1,100}){1,100}){1,100}"), "pattern", "1 MiB"),
        (of(r"\w{1000}"), "pattern", "1 MiB"),
        (of(&"(".repeat(200)), "pattern", "unclosed"),
        (of(&format!("{}a{}", "(".repeat(100), ")".repeat(100))), "pattern", "nest"),
        (of("(?x) a # all of it"), "pattern", "comment"),
        (of("a*"), "pattern", "empty text"),
        (of("(?:)"), "pattern", "empty text"),
        (with(|of| of.examples.push("E-1".to_owned())), "examples", "\"E-1\""),
        (with(|of| of.examples.push("XE-12345".to_owned())), "examples", "\"XE-12345\""),
        (with(|of| of.examples.push(String::new())), "examples", "empty"),
        (with(|of| of.examples.push("x".repeat(1_025))), "examples", "1,024"),
        (with(|of| of.examples = vec!["E-12345".to_owned(); 21]), "examples", "20"),
        (with(|of| of.counter_examples.push("e-12345".to_owned())), "counter_examples", "\"e-12345\""),
        (with(|of| of.counter_examples = vec!["x".to_owned(); 21]), "counter_examples", "20"),
        (with(|of| of.normalise = Normalise::Lower), "examples", "\"E-12345\""),
    ] {
        let error = definition.check("x1").unwrap_err();
        assert_eq!(error.field(), field, "{definition:?}");
        assert!(error.to_string().contains(says), "{definition:?}: {error}");
    }
    let insensitive = with(|of| {
        of.normalise = Normalise::Lower;
        of.case_insensitive = true;
        of.counter_examples.clear();
    });
    assert_eq!(insensitive.check("x1").map(|kind| kind.slug().to_owned()), Ok("x1".to_owned()));
    // An example that was stored before a limit changed does not keep a kind from being used.
    assert!(matches!(
        with(|of| of.examples = vec!["x".to_owned()]).check("x1"),
        Err(DefinitionError::ExampleMissed(_))
    ));
    assert!(with(|of| of.examples = vec!["x".to_owned()]).compile("x1").is_ok());
}

#[test]
fn a_whole_value_is_matched_whatever_the_pattern_says_of_its_ends() {
    for (pattern, takes, refuses) in [
        ("a|ab", &["a", "ab"][..], &["abc", "b"][..]),
        ("^a$", &["a"], &["ba", "ab"]),
        ("(?m)^a$", &["a"], &["aa"]),
        ("(?i)a", &["a", "A"], &["aA"]),
        ("a{2,3}?", &["aa", "aaa"], &["a", "aaaa"]),
        (".*x", &["x", "ax"], &["xa"]),
    ] {
        let kinds = kinds(&[("of_it", of(pattern))]);
        let name: KindName = "of_it".parse().unwrap();
        assert!(takes.iter().all(|value| kinds.parse_as(&name, value).is_ok()), "{pattern}");
        assert!(refuses.iter().all(|value| kinds.parse_as(&name, value).is_err()), "{pattern}");
    }
}

#[test]
fn a_slug_is_no_built_in_kind() {
    for (text, is) in [
        ("employee_id", true),
        ("a1", true),
        (&"a".repeat(32), true),
        (&"a".repeat(33), false),
        ("a", false),
        ("", false),
        ("1a", false),
        ("_a", false),
        ("A1", false),
        ("a-b", false),
        ("a:b", false),
        ("ä1", false),
        ("ipv4", false),
        ("custom", false),
    ] {
        assert_eq!(is_slug(text), is, "{text:?}");
        let named = text.parse::<KindName>();
        assert_eq!(named.is_ok(), is || text.parse::<Kind>().is_ok(), "{text:?}");
        assert!(named.is_err() || named.unwrap().as_str() == text);
    }
}

const TEXT: &str = "Köder of (E-12345), id=e-54321; see SEC-7/notes.\nC2 192[.]0[.]2[.]1:8080 and XE-12345, \
                    <SEC-8> https://sec-9.example.com/E-77777 E-11111.";

fn found(extracted: &[aggregator_domain::Extracted<'_>], text: &str) -> Vec<(String, String)> {
    let mut end = 0;
    extracted
        .iter()
        .map(|one| {
            assert!(one.span.start >= end, "{:?} overlaps", one.span);
            end = one.span.end;
            assert_eq!(&text[one.span.clone()], one.raw);
            (one.parsed.indicator.value().to_owned(), one.raw.clone().into_owned())
        })
        .collect()
}

#[test]
fn in_text_they_are_found_word_by_word_between_the_others() {
    let kinds = kinds(&[("employee_id", employee()), ("ticket", of("[A-Z]{3}-[0-9]"))]);
    let expected = [
        ("employee_id:E-12345", "E-12345"),
        ("employee_id:E-54321", "e-54321"),
        ("ticket:SEC-7", "SEC-7"),
        ("192.0.2.1", "192[.]0[.]2[.]1:8080"),
        ("ticket:SEC-8", "SEC-8"),
        ("https://sec-9.example.com/E-77777", "https://sec-9.example.com/E-77777"),
        ("employee_id:E-11111", "E-11111"),
    ]
    .map(|(value, raw)| (value.to_owned(), raw.to_owned()));
    let whole: Vec<_> = Extract::with(TEXT, &kinds).collect();
    assert_eq!(found(&whole, TEXT), expected);
    let bytes: Vec<_> = ExtractBytes::with(TEXT.as_bytes(), &kinds).collect();
    assert_eq!(found(&bytes, TEXT), expected);
    for size in [1, 7, 64, 1_000] {
        let mut stream = ExtractStream::with(kinds.clone());
        let mut streamed = Vec::new();
        let mut visit = |start: u64, one: aggregator_domain::Extracted<'_>| {
            let start = usize::try_from(start).unwrap();
            assert_eq!(&TEXT[start..start + one.span.len()], one.raw);
            streamed.push(one.parsed.indicator.value().to_owned());
        };
        for block in TEXT.as_bytes().chunks(size) {
            stream.push(block, &mut visit);
        }
        stream.finish(&mut visit);
        assert_eq!(streamed, expected.clone().map(|(value, _)| value));
    }
    let html = "<p>E-123<b>45</b></p><script>E-55555</script>E-1<p>2345 ticket&#61;SEC-7";
    let found: Vec<_> = extract_html_with(html, &kinds)
        .into_iter()
        .map(|one| (one.parsed.indicator.value().to_owned(), html[one.span].to_owned()))
        .collect();
    let expected = [("employee_id:E-12345", "E-123<b>45"), ("ticket:SEC-7", "SEC-7")];
    assert_eq!(found, expected.map(|(value, raw)| (value.to_owned(), raw.to_owned())));
}

#[test]
fn one_that_is_not_for_text_is_not_found_there() {
    let mut quiet = employee();
    quiet.in_text = false;
    let both = kinds(&[("employee_id", quiet), ("ticket", of("SEC-[0-9]"))]);
    let values: Vec<_> = Extract::with(TEXT, &both).map(|one| one.parsed.indicator.into_value()).collect();
    assert_eq!(values.iter().filter(|value| value.starts_with("ticket")).count(), 2);
    assert!(!values.iter().any(|value| value.starts_with("employee_id")), "{values:?}");
}

#[test]
fn without_custom_kinds_nothing_is_different() {
    let none = CustomKinds::default();
    assert!(none.is_empty() && CustomKinds::new(Vec::new()).is_empty());
    for input in ["E-12345", "192.0.2.1", "4294967295", "", "report.docx", "a\u{0}"] {
        assert_eq!(none.detect(input), detect(input));
        assert_eq!(none.detect_bytes(input.as_bytes()), detect_bytes(input.as_bytes()));
    }
    assert_eq!(Extract::with(TEXT, &none).collect::<Vec<_>>(), extract(TEXT));
}

#[test]
fn whatever_the_text_each_byte_is_in_two_words_at_most() {
    let kinds = kinds(&[("all_of_it", of(r"(?s).*[^A-Z]|[A-Z]"))]);
    for text in ["A".repeat(200_000), "A=".repeat(100_000), "(".repeat(200_000), "ä\u{2026}".repeat(50_000)]
    {
        // A quadratic one would not end: 200,000 characters each against all that follow.
        let count = Extract::with(&text, &kinds).count();
        assert!(count <= text.len());
    }
}

proptest::proptest! {
    #[test]
    fn in_any_text_what_is_found_stands_there_and_overlaps_nothing(
        text in "([A-Z]-[0-9]{1,6}|[ \\n=:/(),.\u{201c}\u{e4}]|192[.]0[.]2[.][0-9]|evil\\[[.]\\]example[.]com|\\PC){0,60}"
    ) {
        let kinds = kinds(&[("employee_id", employee()), ("any_word", of(r"[^E]\S*"))]);
        let with: Vec<_> = Extract::with(&text, &kinds).collect();
        found(&with, &text);
        // Those of the built-in kinds are found as if there were no others.
        let built_in: Vec<_> = with.into_iter().filter(|one| one.parsed.indicator.kind() != Kind::Custom).collect();
        proptest::prop_assert_eq!(built_in, extract(&text));
    }
}
