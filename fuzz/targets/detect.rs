//! Any bytes through detection and, by the first byte, through one named kind: no panic, and what comes out is
//! canonical, survives defanging and is read again as itself.
#![no_main]

use aggregator_domain::{Detection, Indicator, Kind, defang, detect, detect_bytes, facts, parse_as, refang};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    match detect_bytes(input) {
        Detection::One(parsed) => {
            holds(&parsed.indicator);
            match detect(parsed.indicator.value()) {
                Detection::One(again) => assert_eq!(again.indicator, parsed.indicator, "detected again"),
                // `3::0` is an address, `3::` can be a hash too.
                Detection::Ambiguous(all) => {
                    assert!(all.iter().any(|again| again.indicator == parsed.indicator))
                }
                other => panic!("{:?} is detected as {other:?}", parsed.indicator),
            }
        }
        Detection::Ambiguous(candidates) => {
            assert!(candidates.len() > 1);
            candidates.iter().for_each(|candidate| holds(&candidate.indicator));
        }
        Detection::None(_) => {}
    }
    if let Some((first, rest)) = input.split_first()
        && let Ok(text) = std::str::from_utf8(rest)
        && let Ok(parsed) = parse_as(Kind::ALL[usize::from(*first) % Kind::ALL.len()], text)
    {
        holds(&parsed.indicator);
    }
});

fn holds(indicator: &Indicator) {
    let (kind, value) = (indicator.kind(), indicator.value());
    let again = parse_as(kind, value).expect("a canonical value is read");
    assert_eq!(again.indicator, *indicator, "naming the kind changes it");
    let defanged = defang(indicator);
    assert_eq!(refang(&defanged), value, "refang of {defanged}");
    let read = parse_as(kind, &defanged).expect("a defanged value is read");
    assert_eq!(read.indicator, *indicator, "reading {defanged}");
    if let Some(name) = facts::name_of(indicator) {
        let registrable = facts::registrable_domain(name);
        assert!(registrable.is_none_or(|registrable| name.ends_with(registrable)));
        assert_eq!(facts::suffix_key(name).len(), name.len());
    }
    if let Some(address) = facts::address_of(indicator) {
        std::hint::black_box(facts::special_purpose(address));
    }
}
