//! Mistakes of other products, by the names of `reference/features.md`.

use aggregator_domain::CustomKinds;
use aggregator_sources::feeds::{EntryMode, FeedRejection};
use aggregator_sources::ignore::{IgnoreList, IgnoreSnapshot};
use aggregator_sources::matcher::Via;

use crate::data::{build_file, hits, matched, matcher, plain, preset};
use crate::ignoring::{found, list};

const SUFFIX: &str = "[reading]\ndomains = 'suffix'\nkinds = ['domain', 'url', 'ipv4', 'ipv6', 'cidr']";

#[test]
fn drop_inside_block() {
    let definition = plain("");
    let lists = matcher(&[(&definition, "5.42.199.0/24\n198.51.100.0/22\n2001:db8:40::/42\n")]);
    for inside in ["5.42.199.0", "5.42.199.1", "5.42.199.254", "5.42.199.255"] {
        assert_eq!(matched(&lists, inside), ["5.42.199.0/24"], "{inside}");
    }
    assert_eq!(matched(&lists, "198.51.103.255"), ["198.51.100.0/22"]);
    assert_eq!(matched(&lists, "2001:db8:7f:ffff:ffff:ffff:ffff:ffff"), ["2001:db8:40::/42"]);
    for outside in ["5.42.198.255", "5.42.200.0", "198.51.104.0", "2001:db8:80::"] {
        assert!(hits(&lists, outside).is_empty(), "{outside}");
    }
    assert_eq!(matched(&lists, "198.51.102.0/23"), ["198.51.100.0/22"]);
    assert!(hits(&lists, "198.51.0.0/16").is_empty(), "a wider network is not inside");
}

#[test]
fn drop_inside_block_of_the_real_list() {
    let Some((_, drop)) =
        build_file(&preset("spamhaus-drop"), "feeds/cidr-list/spamhaus-drop_2024-02-25.txt")
    else {
        return;
    };
    let nets: Vec<ipnet::IpNet> = drop.iter().map(|entry| entry.value().parse().unwrap()).collect();
    let lists = aggregator_sources::matcher::Matcher::new(vec![drop]).unwrap();
    for net in nets {
        let last = net.broadcast().to_string();
        assert!(matched(&lists, &last).contains(&net.to_string()), "{last} is in {net}");
    }
}

#[test]
fn substring_ip() {
    let text = r#"{"name":"t","type":"substring","matching_attributes":["ip-src","url","domain"],
        "list":["1.2.3.4","example.com","suspicious-part"]}"#;
    let lists = matcher(&[(&plain("[format]\ntype = 'warninglist'\n"), text)]);
    assert_eq!(matched(&lists, "1.2.3.4"), ["1.2.3.4"]);
    assert_eq!(matched(&lists, "http://1.2.3.4/a"), ["1.2.3.4"]);
    assert_eq!(matched(&lists, "http://1.2.3.4:8080/"), ["1.2.3.4"]);
    for other in ["11.2.3.45", "1.2.3.45", "11.2.3.4", "21.2.3.4", "http://11.2.3.45/"] {
        assert!(hits(&lists, other).is_empty(), "{other}");
    }
    assert_eq!(matched(&lists, "www.example.com"), ["example.com"]);
    assert!(hits(&lists, "myexample.com").is_empty());
    assert!(hits(&lists, "example.com.evil.net").is_empty());
    assert_eq!(matched(&lists, "xsuspicious-parts.net"), ["suspicious-part"]);
}

#[test]
fn ipv6_everywhere() {
    let definition = plain(SUFFIX);
    let text = "2001:DB8::0001\n2001:db8:f000::/36\nhttp://[2001:db8::5]/x\n::ffff:192.0.2.7\n";
    let lists = matcher(&[(&definition, text)]);
    assert_eq!(matched(&lists, "2001:db8:0:0:0:0:0:1"), ["2001:db8::1"]);
    assert_eq!(matched(&lists, "2001:db8:ffff::1"), ["2001:db8:f000::/36"]);
    assert_eq!(matched(&lists, "2001:db8:f800::/40"), ["2001:db8:f000::/36"]);
    assert_eq!(matched(&lists, "http://[2001:db8:0::5]/x"), ["http://[2001:db8::5]/x"]);
    assert_eq!(matched(&lists, "http://[2001:db8::1]:8443/any"), ["2001:db8::1"]);
    assert_eq!(matched(&lists, "http://[2001:db8:f123::9]/"), ["2001:db8:f000::/36"]);
    assert_eq!(matched(&lists, "192.0.2.7"), ["192.0.2.7"], "a mapped address is the address");
    let scored = matcher(&[(&plain("[format]\ntype = 'scored'\n"), "2001:db8::9\t7\n")]);
    assert_eq!(matched(&scored, "2001:db8::9"), ["2001:db8::9"]);
    let list = r#"{"name":"t","type":"cidr","list":["FE80::/10","2001:db8::53"]}"#;
    let warning = matcher(&[(&plain("[format]\ntype = 'warninglist'\n"), list)]);
    assert_eq!(matched(&warning, "fe80::1"), ["fe80::/10"]);
    assert_eq!(matched(&warning, "2001:db8::53"), ["2001:db8::53"]);
}

#[test]
fn google_co() {
    let definition = plain(SUFFIX);
    let lists = matcher(&[(&definition, "google.com\n.example.org\n")]);
    assert_eq!(matched(&lists, "google.com"), ["google.com"]);
    assert_eq!(matched(&lists, "mail.google.com"), ["google.com"]);
    assert_eq!(matched(&lists, "a.b.example.org"), ["example.org"]);
    for other in ["google.co", "oogle.com", "notgoogle.com", "google.com.br", "com"] {
        let id = aggregator_domain::IndicatorId::of(aggregator_domain::Kind::Domain, other);
        assert!(lists.match_indicator(aggregator_domain::Kind::Domain, other, id).is_empty(), "{other}");
    }
    let hit = hits(&lists, "https://mail.google.com/x")[0];
    assert_eq!((hit.mode, hit.via), (EntryMode::Suffix, Via::Host));
    let exact = matcher(&[(&plain(""), "google.com\n")]);
    assert!(hits(&exact, "mail.google.com").is_empty(), "an exact list lists the name alone");
}

#[test]
fn html_as_feed() {
    use aggregator_sources::feeds::refresh::{BuildTarget, FeedBody, RefreshError, build_generation};
    let folder = tempfile::tempdir().unwrap();
    let definition = plain("");
    let target = BuildTarget {
        folder: folder.path(),
        live_entries: Some(1),
        max_bytes: 1 << 20,
        kinds: &CustomKinds::default(),
    };
    let refresh = |content_type: Option<&str>, text: &str| {
        let path = folder.path().join("body");
        std::fs::write(&path, text).unwrap();
        let mut body = FeedBody::local(path);
        body.content_type = content_type.map(ToOwned::to_owned);
        build_generation(&definition, &body, target)
    };
    let page = "<!DOCTYPE html>\n<html><body>Just a moment... 192.0.2.1</body></html>\n";
    let pages = [
        (Some("text/html; charset=utf-8"), page),
        (Some("text/plain"), page),
        (None, "\u{feff}\n  <HTML>\n192.0.2.1\n"),
        (Some("text/html"), "192.0.2.1\n"),
    ];
    for (content_type, text) in pages {
        let built = refresh(content_type, text);
        assert!(
            matches!(built, Err(RefreshError::Rejected(FeedRejection::Html))),
            "{content_type:?}: {built:?}"
        );
    }
    for text in ["", "\n\n", "# only a comment\n"] {
        let built = refresh(Some("text/plain"), text);
        assert!(matches!(built, Err(RefreshError::Rejected(FeedRejection::Empty))), "{text:?}: {built:?}");
    }
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        1,
        "nothing but the body: no artifact was made"
    );
    assert_eq!(refresh(Some("text/plain"), "192.0.2.1\n").unwrap().built.entries, 1);
    let Some(real) = crate::data::data("feeds/declarative-source-samples/html-nothink-ssh.txt") else {
        return;
    };
    let built = build_generation(&definition, &FeedBody::local(real), target);
    assert!(matches!(built, Err(RefreshError::Rejected(_))), "{built:?}");
}

#[test]
fn disabled_list_still_applies() {
    let values =
        [(EntryMode::Exact, "192.0.2.1"), (EntryMode::Suffix, "example.com"), (EntryMode::Regex, ".*")];
    let on = IgnoreSnapshot::compile(1, &[list(1, &values)]).unwrap();
    assert_eq!(found(&on, "192.0.2.1").len(), 2);
    let disabled = IgnoreList { enabled: false, ..list(1, &values) };
    let other = list(2, &[(EntryMode::Exact, "198.51.100.1")]);
    let off = IgnoreSnapshot::compile(2, &[disabled, other]).unwrap();
    assert_eq!(off.values(), 1);
    for value in ["192.0.2.1", "www.example.com", "CVE-2020-0001"] {
        assert!(found(&off, value).is_empty(), "{value}");
    }
    assert_eq!(found(&off, "198.51.100.1")[0].list, 2, "the enabled list keeps its own number");
}
