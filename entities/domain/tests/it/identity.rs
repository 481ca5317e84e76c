//! Identities never change: rows of years are found by them.

use aggregator_domain::{Indicator, IndicatorId, Kind};

#[test]
fn identities_are_the_ones_of_the_first_release() {
    for (kind, value, id) in [
        (Kind::Ipv4, "192.0.2.1", "19278ab861eaf99586ab8942bb646a41"),
        (Kind::Ipv6, "2001:db8::1", "1bddaf3b2bfb4772221dab0d670b1cac"),
        (Kind::Cidr, "192.0.2.0/24", "e672fe35260337e7d53a39e139512663"),
        (Kind::Asn, "AS64496", "959fb1ed7dbbd977629d20899b791aca"),
        (Kind::Domain, "example.com", "bd7b0ec1dd1af301364f32ea6ee5c965"),
        (Kind::Url, "http://example.com/", "7fb80d47325e2312b788c8ea7e9d84ed"),
        (Kind::Email, "user@example.com", "c53e80d2ad254e2abe68bac4a551fa68"),
        (Kind::Md5, "d41d8cd98f00b204e9800998ecf8427e", "77509f6614d0191420f07985d34f8a28"),
        (Kind::Cve, "CVE-2021-44228", "2aa531d33d41956158a2455496511a4f"),
        (Kind::Custom, "employee_id:E-12345", "55da511e31ab133677fafac9a872c247"),
    ] {
        let indicator = Indicator::from_canonical(kind, value);
        assert_eq!(indicator.id().to_string(), id, "{kind} {value}");
        assert_eq!(IndicatorId::from_hex(id), Some(indicator.id()));
    }
}

#[test]
fn the_kind_is_part_of_the_identity() {
    assert_ne!(IndicatorId::of(Kind::Domain, "example.com"), IndicatorId::of(Kind::Url, "example.com"));
}

#[test]
fn codes_and_names_of_kinds_are_the_ones_rows_hold() {
    let names: Vec<_> = Kind::ALL.iter().map(|kind| format!("{}={kind}", kind.code())).collect();
    assert_eq!(
        names.join(" "),
        "1=ipv4 2=ipv6 3=cidr 4=asn 5=domain 6=url 7=email 8=md5 9=sha1 10=sha256 11=sha512 12=ssdeep 13=tlsh 14=cve 15=custom"
    );
    assert!(Kind::ALL.iter().all(|kind| Kind::from_code(kind.code()) == Some(*kind)));
}

#[test]
fn only_32_hex_digits_are_an_identity() {
    for text in ["", "00", "+0000000000000000000000000000000", "0000000000000000000000000000000g"] {
        assert_eq!(IndicatorId::from_hex(text), None, "{text:?}");
    }
}
