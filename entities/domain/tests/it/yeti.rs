//! Yeti's observable type detection (`extraction/yeti`): every case, every miss explained.

use aggregator_domain::{Detection, detect};

/// Where we answer otherwise: none of Yeti's cases today. Their `hostname` is our `domain`.
const EXPLAINED: [(&str, &str); 0] = [];

#[test]
fn every_case_has_yetis_type() {
    let Some(cases) = crate::data::read_json("extraction/yeti/observable_type_cases.json") else { return };
    let cases = cases.as_array().unwrap();
    assert_eq!(cases.len(), 10);
    for case in cases {
        let (input, their_type) = (case[0].as_str().unwrap(), case[1].as_str().unwrap());
        let expected = if their_type == "hostname" { "domain" } else { their_type };
        let Detection::One(parsed) = detect(input) else { panic!("{input}: {:?}", detect(input)) };
        let matches = parsed.indicator.kind().as_str() == expected;
        assert!(matches || EXPLAINED.iter().any(|(value, _)| *value == input), "{input}: {parsed:?}");
    }
}

#[test]
fn every_line_of_the_defanged_list_is_the_case_it_stands_for() {
    let Some(cases) = crate::data::read_json("extraction/yeti/observable_type_cases.json") else { return };
    let Some(lines) = crate::data::read("extraction/yeti/iocs.txt") else { return };
    let values: Vec<_> = cases.as_array().unwrap().iter().map(|case| case[0].as_str().unwrap()).collect();
    let read: Vec<_> = lines
        .lines()
        .filter_map(|line| match detect(line) {
            Detection::One(parsed) => Some(parsed.indicator.into_value()),
            _ => None,
        })
        .collect();
    assert_eq!(read.iter().map(|value| &**value).collect::<Vec<_>>(), values);
}
