//! Properties over generated input: canonical values survive defanging, normalising is idempotent, nothing panics.

use aggregator_domain::{Detection, Indicator, Kind, defang, detect, detect_bytes, parse_as, refang};
use proptest::prelude::*;

/// Text of a kind, canonical or nearly so: the parser makes it canonical.
fn written(kind: Kind) -> BoxedStrategy<String> {
    let hex =
        |digits: usize| proptest::string::string_regex(&format!("[0-9a-fA-F]{{{digits}}}")).unwrap().boxed();
    let name = || {
        prop_oneof![
            "([a-z0-9_]([a-z0-9_-]{0,8}[a-z0-9_])?\\.){1,3}(com|net|co\\.uk|github\\.io|onion|bit|xn--p1ai)",
            "([a-zA-Z0-9üßдé例]{1,6}\\.){1,3}(COM|рф|example)",
        ]
    };
    match kind {
        Kind::Ipv4 => {
            any::<[u8; 4]>().prop_map(|octets| std::net::Ipv4Addr::from(octets).to_string()).boxed()
        }
        Kind::Ipv6 => any::<[u16; 8]>()
            .prop_map(|groups| groups.map(|group| if group % 3 == 0 { 0 } else { group }))
            .prop_map(|groups| std::net::Ipv6Addr::from(groups).to_string())
            .boxed(),
        Kind::Cidr => prop_oneof![
            (written(Kind::Ipv4), 0..32_u8).prop_map(|(address, length)| format!("{address}/{length}")),
            (written(Kind::Ipv6), 0..128_u8).prop_map(|(address, length)| format!("{address}/{length}")),
        ]
        .boxed(),
        Kind::Asn => (1..=u32::MAX).prop_map(|number| format!("AS{number}")).boxed(),
        Kind::Domain => name().boxed(),
        Kind::Url => (
            prop_oneof!["https?", "HTTP", "ftp", "wss?", "tcp", "ldap"],
            prop_oneof![
                name().boxed(),
                written(Kind::Ipv4),
                written(Kind::Ipv6).prop_map(|v6| format!("[{v6}]"))
            ],
            proptest::option::of(any::<u16>()),
            prop_oneof![
                "",
                "[/?#][ -~]{0,20}",
                "[/?#]([.\\[\\](){}/:@,;\\\\a ]|dot|at|%2e){0,12}",
                "/\\PC{0,10}"
            ],
        )
            .prop_map(|(scheme, host, port, rest)| match port {
                Some(port) => format!("{scheme}://{host}:{port}{rest}"),
                None => format!("{scheme}://{host}{rest}"),
            })
            .boxed(),
        Kind::Email => ("[a-zA-Z0-9!#$%&'*+/=?^_`{|}~.-]{1,12}", name())
            .prop_map(|(local, name)| format!("{local}@{name}"))
            .boxed(),
        Kind::Md5 => hex(32),
        Kind::Sha1 => hex(40),
        Kind::Sha256 => hex(64),
        Kind::Sha512 => hex(128),
        Kind::Ssdeep => (0..30_u32, "[a-zA-Z0-9+/]{32,64}", "[a-zA-Z0-9+/]{0,64}")
            .prop_map(|(power, first, second)| format!("{}:{first}:{second}", 3_u64 << power))
            .boxed(),
        Kind::Tlsh => hex(70),
        Kind::Cve => (1999..2100_u32, 1000..10_000_000_u32)
            .prop_map(|(year, number)| format!("CVE-{year}-{number}"))
            .boxed(),
        Kind::Custom => unreachable!("what one looks like, its definition says"),
    }
}

fn of_any_kind() -> impl Strategy<Value = (Kind, String)> {
    let built_in: Vec<Kind> = Kind::ALL.into_iter().filter(|kind| *kind != Kind::Custom).collect();
    proptest::sample::select(built_in).prop_flat_map(|kind| written(kind).prop_map(move |text| (kind, text)))
}

/// What a list or a report does to a value.
fn disturbed(text: String) -> impl Strategy<Value = String> {
    (
        proptest::sample::select(vec!["", " ", "\"", "(", "- ", "<", "\u{feff}"]),
        proptest::sample::select(vec!["", " ", "\",", ")", ".", ";", "\r\n", ">"]),
    )
        .prop_map(move |(before, after)| format!("{before}{text}{after}"))
}

/// What must hold for every indicator a parser of this crate made.
fn holds(indicator: &Indicator) -> Result<(), TestCaseError> {
    let (kind, value) = (indicator.kind(), indicator.value());
    let again = parse_as(kind, value).map(|parsed| parsed.indicator);
    prop_assert_eq!(again.as_ref(), Ok(indicator), "naming {} changes it", kind);
    let defanged = defang(indicator);
    prop_assert_eq!(&*refang(&defanged), value, "refang of {}", defanged);
    let read = parse_as(kind, &defanged).map(|parsed| parsed.indicator);
    prop_assert_eq!(read.as_ref(), Ok(indicator), "reading {} gives another value", defanged);
    Ok(())
}

/// What must hold for an answer of detection: it is canonical, and detected again as itself.
fn detected_holds(input: &str) -> Result<(), TestCaseError> {
    match detect(input) {
        Detection::One(parsed) => {
            holds(&parsed.indicator)?;
            let again = detect(parsed.indicator.value());
            let same = match &again {
                Detection::One(again) => again.indicator == parsed.indicator,
                // `3::0` is an address, `3::` can be a hash too.
                Detection::Ambiguous(all) => all.iter().any(|again| again.indicator == parsed.indicator),
                Detection::None(_) => false,
            };
            prop_assert!(same, "{:?} is detected as {:?}", parsed.indicator, again);
        }
        Detection::Ambiguous(candidates) => {
            prop_assert!(candidates.len() > 1);
            for candidate in candidates {
                holds(&candidate.indicator)?;
            }
        }
        Detection::None(_) => {}
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn refang_undoes_defang_for_every_kind((kind, text) in of_any_kind()) {
        if let Ok(parsed) = parse_as(kind, &text) {
            holds(&parsed.indicator)?;
        }
    }

    #[test]
    fn the_generators_make_values_of_their_kind((kind, text) in of_any_kind()) {
        // URLs, names and addresses may break a rule now and then; the others never do.
        let parsed = parse_as(kind, &text);
        let may_fail = matches!(kind, Kind::Url | Kind::Domain | Kind::Email | Kind::Ssdeep);
        prop_assert!(parsed.is_ok() || may_fail, "{} {}: {:?}", kind, text, parsed);
    }

    #[test]
    fn normalising_is_idempotent(input in of_any_kind().prop_flat_map(|(_, text)| disturbed(text))) {
        detected_holds(&input)?;
    }

    #[test]
    fn any_text_is_answered(input in "\\PC{0,40}") {
        detected_holds(&input)?;
    }

    #[test]
    fn marks_and_separators_in_any_order_are_answered(
        input in "([a-c1.:/@\\[\\](){}<>\\\\%#?,;'\"` _-]|dot|at|com|hxxp|http|://|xn--|1\\.2\\.3\\.4|::|/24){0,14}"
    ) {
        detected_holds(&input)?;
    }

    #[test]
    fn any_bytes_are_answered(input in proptest::collection::vec(any::<u8>(), 0..64)) {
        let answer = detect_bytes(&input);
        match std::str::from_utf8(&input) {
            Ok(text) => prop_assert_eq!(answer, detect(text)),
            Err(_) => prop_assert!(matches!(answer, Detection::None(_))),
        }
    }

    #[test]
    fn naming_a_kind_never_panics((kind, text) in (proptest::sample::select(Kind::ALL.to_vec()), "\\PC{0,40}")) {
        if let Ok(parsed) = parse_as(kind, &text) {
            holds(&parsed.indicator)?;
        }
    }
}
