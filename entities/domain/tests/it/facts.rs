//! What is known without asking anybody.

use std::net::IpAddr;

use aggregator_domain::facts::{
    Namespace, address_of, host_of, is_private, name_of, namespace, public_suffix, suffix_key,
};
use aggregator_domain::{Indicator, Kind};

#[test]
fn the_host_of_a_url() {
    for (url, host) in [
        ("http://example.com/", Some("example.com")),
        ("http://example.com:8080/a@b", Some("example.com")),
        ("http://user:pass@example.com/", Some("example.com")),
        ("http://bank.example@evil.example/?q=http://other.example/", Some("evil.example")),
        ("http://192.0.2.1/", Some("192.0.2.1")),
        ("http://[2001:db8::1]:8080/", Some("2001:db8::1")),
        ("http://example.com?q", Some("example.com")),
        ("tcp://example.com:4444", Some("example.com")),
        ("http:///", None),
        ("example.com", None),
    ] {
        assert_eq!(host_of(url), host, "{url}");
    }
}

#[test]
fn the_name_and_the_address_inside_an_indicator() {
    let indicator = |kind, value: &str| Indicator::from_canonical(kind, value);
    assert_eq!(name_of(&indicator(Kind::Domain, "example.com")), Some("example.com"));
    assert_eq!(name_of(&indicator(Kind::Email, "user@example.com")), Some("example.com"));
    assert_eq!(name_of(&indicator(Kind::Url, "http://example.com/a")), Some("example.com"));
    assert_eq!(name_of(&indicator(Kind::Url, "http://192.0.2.1/a")), None);
    assert_eq!(name_of(&indicator(Kind::Asn, "AS64496")), None);
    let address: IpAddr = "192.0.2.1".parse().unwrap();
    assert_eq!(address_of(&indicator(Kind::Ipv4, "192.0.2.1")), Some(address));
    assert_eq!(address_of(&indicator(Kind::Url, "http://192.0.2.1:8080/a")), Some(address));
    assert_eq!(address_of(&indicator(Kind::Domain, "example.com")), None);
}

#[test]
fn who_runs_a_suffix() {
    for (name, expected) in [
        ("example.com", Namespace::Icann),
        ("example.co.uk", Namespace::Icann),
        ("example.github.io", Namespace::Private),
        ("example.onion", Namespace::Special),
        ("printer.local", Namespace::Special),
        ("example.bit", Namespace::Alternative),
        ("example.bazar", Namespace::Alternative),
        ("example.yu", Namespace::Retired),
        ("report.docx", Namespace::Unknown),
    ] {
        assert_eq!(namespace(name), expected, "{name}");
    }
}

#[test]
fn google_co_is_no_suffix_of_its_own() {
    // A predecessor cut names by counting labels and took `google.co` for a registry suffix.
    assert_eq!(public_suffix("www.google.co"), Some("co"));
    assert_eq!(public_suffix("www.google.co.uk"), Some("co.uk"));
}

#[test]
fn names_below_a_name_are_one_range_of_keys() {
    let key = suffix_key("example.com");
    assert_eq!(key, "com.example");
    let below = |name: &str| suffix_key(name) == key || suffix_key(name).starts_with(&format!("{key}."));
    assert!(below("example.com") && below("www.example.com"));
    assert!(!below("badexample.com") && !below("example.com.evil.net") && !below("example.community"));
}

#[test]
fn what_is_private_to_a_network() {
    let of = |kind, value: &str| is_private(&Indicator::from_canonical(kind, value));
    for (kind, value) in [
        (Kind::Ipv4, "10.1.2.3"),
        (Kind::Ipv4, "127.0.0.1"),
        (Kind::Ipv4, "100.64.0.1"),
        (Kind::Ipv4, "169.254.169.254"),
        (Kind::Ipv4, "0.0.0.0"),
        (Kind::Ipv4, "255.255.255.255"),
        (Kind::Ipv4, "224.0.0.251"),
        (Kind::Ipv4, "198.18.0.1"),
        (Kind::Ipv6, "::1"),
        (Kind::Ipv6, "fe80::1"),
        (Kind::Ipv6, "fd00::1"),
        (Kind::Ipv6, "ff02::fb"),
        (Kind::Ipv6, "64:ff9b::a01:203"),
        (Kind::Ipv6, "2002:a01:203::1"),
        (Kind::Cidr, "10.0.0.0/8"),
        (Kind::Cidr, "192.168.7.0/24"),
        (Kind::Cidr, "fe80::/64"),
        (Kind::Cidr, "2002:a00::/24"),
        (Kind::Asn, "AS64512"),
        (Kind::Asn, "AS4200000001"),
        (Kind::Domain, "printer.local"),
        (Kind::Domain, "host.home.arpa"),
        (Kind::Domain, "db.prod.internal"),
        (Kind::Domain, "ldap.corp"),
        (Kind::Domain, "localhost"),
        (Kind::Url, "http://10.1.2.3:8080/a"),
        (Kind::Url, "http://[fe80::1]/"),
        (Kind::Url, "http://intranet/wiki"),
        (Kind::Url, "http://wiki.corp/"),
        (Kind::Email, "root@host.lan"),
    ] {
        assert!(of(kind, value), "{value}");
    }
    for (kind, value) in [
        (Kind::Ipv4, "8.8.8.8"),
        (Kind::Ipv4, "192.0.2.1"),
        (Kind::Ipv4, "203.0.113.9"),
        (Kind::Ipv4, "192.31.196.1"),
        (Kind::Ipv6, "2001:db8::1"),
        (Kind::Ipv6, "2606:4700::1"),
        (Kind::Ipv6, "64:ff9b::808:808"),
        (Kind::Ipv6, "2002:808:808::1"),
        (Kind::Ipv6, "2001::1"),
        (Kind::Cidr, "10.0.0.0/7"),
        (Kind::Cidr, "2002::/16"),
        (Kind::Cidr, "0.0.0.0/0"),
        (Kind::Cidr, "192.0.2.0/24"),
        (Kind::Asn, "AS15169"),
        (Kind::Asn, "AS64496"),
        (Kind::Domain, "example.com"),
        (Kind::Domain, "evil.example"),
        (Kind::Domain, "notlocal.example"),
        (Kind::Domain, "local.example.com"),
        (Kind::Domain, "service.onion"),
        (Kind::Domain, "ai"),
        (Kind::Url, "http://192.0.2.1/10.1.2.3"),
        (Kind::Url, "http://example.com/"),
        (Kind::Email, "local@example.com"),
        (Kind::Md5, "d41d8cd98f00b204e9800998ecf8427e"),
    ] {
        assert!(!of(kind, value), "{value}");
    }
}
