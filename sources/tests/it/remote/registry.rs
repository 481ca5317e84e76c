//! The list of sources.

use std::collections::BTreeSet;
use std::time::Duration;

use aggregator_domain::Kind;
use aggregator_sources::remote::all;

#[test]
fn slugs_are_unique_and_say_how_to_ask() {
    let sources = all();
    let slugs: Vec<_> = sources.iter().map(|source| source.info().slug).collect();
    assert_eq!(slugs, ["structure", "dns", "rdap", "team-cymru", "internetdb", "crtsh", "epss"]);
    assert_eq!(slugs.iter().collect::<BTreeSet<_>>().len(), slugs.len());
    for source in sources {
        let info = source.info();
        assert!(info.keyless && !info.kinds.is_empty() && info.concurrency > 0, "{}", info.slug);
        assert_eq!(info.active, info.slug == "dns", "{}: only the DNS tells the owner", info.slug);
        let deadline = match info.slug {
            "crtsh" => 30,
            "structure" => 1,
            _ => 10,
        };
        assert_eq!(info.deadline, Duration::from_secs(deadline), "{}", info.slug);
        assert!(info.found_ttl >= info.not_found_ttl, "{}", info.slug);
    }
}

#[test]
fn each_kind_has_somebody_to_ask() {
    let sources = all();
    let takers = |kind: Kind| {
        let takers = sources.iter().filter(|source| source.info().kinds.contains(kind));
        takers.map(|source| source.info().slug).collect::<Vec<_>>()
    };
    assert_eq!(takers(Kind::Ipv4), ["dns", "rdap", "team-cymru", "internetdb"]);
    assert_eq!(takers(Kind::Ipv6), ["dns", "rdap", "team-cymru", "internetdb"]);
    assert_eq!(takers(Kind::Cidr), ["rdap"]);
    assert_eq!(takers(Kind::Asn), ["rdap", "team-cymru"]);
    assert_eq!(takers(Kind::Domain), ["dns", "rdap", "crtsh"]);
    assert_eq!(takers(Kind::Md5), ["team-cymru"]);
    assert_eq!(takers(Kind::Sha1), ["team-cymru"]);
    assert_eq!(takers(Kind::Cve), ["epss"]);
    assert_eq!(takers(Kind::Url), ["structure"]);
    assert_eq!(takers(Kind::Email), ["structure"]);
}
