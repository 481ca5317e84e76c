//! Ignore lists through their snapshot.

use aggregator_domain::Kind;
use aggregator_sources::feeds::{EntryMode, RowReject};
use aggregator_sources::ignore::{
    IgnoreEffect, IgnoreHit, IgnoreList, IgnoreScope, IgnoreSnapshot, IgnoreValue, import_lines,
};

use crate::data::{data, indicator};

pub(crate) fn list(id: i64, values: &[(EntryMode, &str)]) -> IgnoreList {
    IgnoreList {
        id,
        name: format!("list {id}"),
        enabled: true,
        scope: IgnoreScope::Everywhere,
        effect: IgnoreEffect::Refuse,
        values: values
            .iter()
            .map(|(mode, text)| IgnoreValue { mode: *mode, text: (*text).to_owned() })
            .collect(),
    }
}

pub(crate) fn found<'s>(snapshot: &'s IgnoreSnapshot, text: &str) -> Vec<IgnoreHit<'s>> {
    let indicator = indicator(text);
    snapshot.find(indicator.kind(), indicator.value(), indicator.id()).to_vec()
}

#[test]
fn every_mode_ignores_what_it_says() {
    let values = [
        (EntryMode::Exact, "hxxp://Example[.]com/a"),
        (EntryMode::Exact, "host.corp"),
        (EntryMode::Suffix, "example.org"),
        (EntryMode::UrlPrefix, "https://example.net/docs/"),
        (EntryMode::Network, "10.1.2.3/8"),
        (EntryMode::Network, "192.0.2.7"),
        (EntryMode::Network, "2001:db8::/32"),
        (EntryMode::Substring, "intern"),
        (EntryMode::Regex, r"^CVE-2019-\d+$"),
    ];
    let snapshot = IgnoreSnapshot::compile(3, &[list(1, &values)]).unwrap();
    assert_eq!((snapshot.version(), snapshot.values(), snapshot.rejected().len()), (3, 9, 0));
    for ignored in [
        "http://example.com/a",
        "a.b.example.org",
        "https://example.net/docs/page?x=1",
        "10.255.0.1",
        "192.0.2.7",
        "2001:db8:1::1",
        "myinternal.example.com",
        "CVE-2019-0001",
        "someone@mail.example.org",
    ] {
        assert_eq!(found(&snapshot, ignored).len(), 1, "{ignored}");
    }
    for other in
        ["http://example.com/b", "example.com", "11.0.0.1", "192.0.2.8", "CVE-2020-0001", "example.co"]
    {
        assert!(found(&snapshot, other).is_empty(), "{other}");
    }
}

#[test]
fn values_that_do_not_read_are_told_and_left_out() {
    let values = [
        (EntryMode::Exact, "192.0.2.1"),
        (EntryMode::Exact, "no indicator at all"),
        (EntryMode::Regex, "("),
        (EntryMode::Regex, "((a{500}){500}){500}"),
        (EntryMode::Network, "10.0.0.0/99"),
        (EntryMode::Substring, "a"),
    ];
    let snapshot = IgnoreSnapshot::compile(1, &[list(7, &values)]).unwrap();
    let rejected = &snapshot.rejected()[&7];
    let reasons: Vec<_> = rejected.iter().map(|row| (row.line, row.reason)).collect();
    assert_eq!(
        reasons,
        [
            (2, RowReject::Unrecognised),
            (3, RowReject::BadPattern),
            (4, RowReject::BadPattern),
            (5, RowReject::Invalid),
            (6, RowReject::BadPattern),
        ]
    );
    assert_eq!(found(&snapshot, "192.0.2.1").len(), 1);
}

#[test]
fn a_list_of_another_provider_does_not_concern() {
    let scoped = |id, scope| IgnoreList { scope, ..list(id, &[(EntryMode::Exact, "192.0.2.1")]) };
    let lists = [
        scoped(1, IgnoreScope::Provider("abuse-ch".to_owned())),
        scoped(2, IgnoreScope::Source("shodan-host".to_owned())),
        IgnoreList { effect: IgnoreEffect::Cap, ..list(3, &[(EntryMode::Network, "192.0.2.0/24")]) },
    ];
    let snapshot = IgnoreSnapshot::compile(1, &lists).unwrap();
    let hits = found(&snapshot, "192.0.2.1");
    assert_eq!(hits.len(), 3);
    let concerned = |provider: &str, source: &str| {
        let mut ids: Vec<_> =
            hits.iter().filter(|hit| hit.concerns(provider, source)).map(|hit| hit.list).collect();
        ids.sort_unstable();
        ids
    };
    assert_eq!(concerned("abuse-ch", "urlhaus"), [1, 3]);
    assert_eq!(concerned("shodan", "shodan-host"), [2, 3]);
    assert_eq!(concerned("other", "other"), [3]);
    let cap = hits.iter().find(|hit| hit.list == 3).unwrap();
    assert_eq!((cap.effect, cap.name, cap.entry.value()), (IgnoreEffect::Cap, "list 3", "192.0.2.0/24"));
}

#[test]
fn a_hundred_thousand_imported_values_match() {
    let text: String = (0..100_000_u32)
        .flat_map(|n| match n % 4 {
            0 => [format!("{}.{}.{}.{}", 11 + n / 65_536, n / 256 % 256, n % 256, 1), "\n".to_owned()],
            1 => [format!("host{n}.example.com"), " # a host\n".to_owned()],
            2 => [format!(".zone{n}.example.org"), "\n".to_owned()],
            _ => [format!("2001:db8:{:x}:{:x}::/64", n / 65_536, n % 65_536), "\n".to_owned()],
        })
        .collect();
    let (values, rejected) = import_lines(text.as_bytes()).unwrap();
    assert_eq!((values.len(), rejected.len()), (100_000, 0));
    let lists = [IgnoreList { values, ..list(1, &[]) }];
    let snapshot = IgnoreSnapshot::compile(1, &lists).unwrap();
    assert_eq!(snapshot.values(), 100_000);
    assert_eq!(found(&snapshot, "host99997.example.com").len(), 1);
    assert_eq!(found(&snapshot, "deep.under.zone99998.example.org").len(), 1);
    assert_eq!(found(&snapshot, "2001:db8:1:869f::1").len(), 1);
    assert!(found(&snapshot, "host99998.example.com").is_empty());
}

#[test]
fn imported_lines_take_the_mode_of_their_form() {
    let text = b"# head\n.example.com\n*.example.org\n192.0.2.0/24\n/^evil/\n192.0.2.1 # note\nhttp://example.com/x\n!!\n\xff\n";
    let (values, rejected) = import_lines(text).unwrap();
    let modes: Vec<_> = values.iter().map(|value| value.mode).collect();
    assert_eq!(
        modes,
        [
            EntryMode::Suffix,
            EntryMode::Suffix,
            EntryMode::Network,
            EntryMode::Regex,
            // A bare address is the network of one address, which is the address.
            EntryMode::Exact,
            EntryMode::Exact,
        ]
    );
    let lines: Vec<_> = rejected.iter().map(|row| row.line).collect();
    assert_eq!(lines, [8, 9]);
}

#[test]
fn a_warninglist_can_be_an_ignore_list() {
    let Some(file) = data("enrichment-data/warninglists/public-dns-v4.json") else { return };
    let document: serde_json::Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let text: String = document["list"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|value| value.as_str())
        .fold(String::new(), |all, one| all + one + "\n");
    let (values, rejected) = import_lines(text.as_bytes()).unwrap();
    assert_eq!((values.len(), rejected.len()), (62_745, 0));
    let snapshot = IgnoreSnapshot::compile(1, &[IgnoreList { values, ..list(1, &[]) }]).unwrap();
    let hit = found(&snapshot, "8.8.8.8");
    assert_eq!(hit[0].entry.kind(), Some(Kind::Ipv4));
}
