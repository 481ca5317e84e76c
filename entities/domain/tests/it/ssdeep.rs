//! A host and a port are no ssdeep hash, whatever surrounds them (a defect of a predecessor, kept out by name).

use aggregator_domain::{Detection, Kind, detect, parse_as};

#[test]
fn port_is_not_ssdeep() {
    for input in [
        "http://host:8080/x",
        "http://host.example.com:8080/x",
        "http://192.0.2.1:96/a:b",
        "host.example.com:3072/x:y",
        "192.0.2.1:6144",
        "192.0.2.1:96/x:y",
        "[2001:db8::1]:96",
        "3:8080:96",
        "96:443:8080",
    ] {
        if let Detection::One(parsed) = detect(input) {
            assert_ne!(parsed.indicator.kind(), Kind::Ssdeep, "{input}");
        }
    }
    for input in ["http://host:8080/x", "host.example.com:3072/x:y", "192.0.2.1:6144"] {
        assert!(parse_as(Kind::Ssdeep, input).is_err(), "{input}");
    }
}
