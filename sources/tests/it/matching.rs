//! What the matcher answers, and that its shared structures agree with asking every entry.

use std::collections::BTreeSet;
use std::sync::Arc;

use aggregator_domain::{Indicator, Kind};
use aggregator_sources::feeds::{EntryMode, presets};
use aggregator_sources::generation::Generation;
use aggregator_sources::matcher::{Matcher, Via};

use crate::data::{build_file, build_text, data, hits, matched, matcher, plain, preset};

#[test]
fn an_empty_matcher_knows_nothing() {
    let empty = Matcher::new(Vec::new()).unwrap();
    assert!(hits(&empty, "example.com").is_empty());
    assert!(hits(&Matcher::default(), "192.0.2.1").is_empty());
    assert!(hits(&matcher(&[(&plain(""), "# nothing\n")]), "2001:db8::1").is_empty());
}

#[test]
fn every_feed_that_lists_a_value_answers() {
    let definition = plain("");
    let lists = matcher(&[
        (&definition, "192.0.2.1\nevil.example.com\n"),
        (&definition, "192.0.2.0/24\n192.0.2.1\n192.0.2.0/24\n"),
        (&definition, "198.51.100.1\n"),
    ]);
    let mut found: Vec<_> = hits(&lists, "192.0.2.1").into_iter().map(|hit| (hit.feed, hit.mode)).collect();
    found.sort();
    assert_eq!(found, [(0, EntryMode::Exact), (1, EntryMode::Exact), (1, EntryMode::Network)]);
}

#[test]
fn urls_match_by_prefix_and_by_host() {
    let prefix = plain("[reading]\nurls = 'prefix'");
    let lists = matcher(&[
        (&prefix, "http://example.com/bad/\nhttps://example.net\n"),
        (&plain(""), "example.com\n"),
    ]);
    let modes =
        |text: &str| hits(&lists, text).into_iter().map(|hit| (hit.mode, hit.via)).collect::<BTreeSet<_>>();
    let host = (EntryMode::Exact, Via::Host);
    let whole = (EntryMode::UrlPrefix, Via::Itself);
    assert_eq!(modes("http://example.com/bad/file.exe?x=1"), [host, whole].into());
    assert_eq!(modes("http://example.com/bad"), [host, whole].into());
    assert_eq!(modes("http://example.com/badger"), [host].into());
    assert_eq!(modes("https://example.net/anything"), [whole].into());
    assert_eq!(modes("http://example.net/anything"), [].into());
    assert_eq!(modes("http://user@sub.example.com:8080/bad/"), [].into());
}

#[test]
fn mail_addresses_match_by_their_domain() {
    let suffix = plain("[reading]\ndomains = 'suffix'");
    let lists = matcher(&[(&suffix, "mailinator.com\n")]);
    let hit = hits(&lists, "someone@eu.mailinator.com")[0];
    assert_eq!((hit.mode, hit.via), (EntryMode::Suffix, Via::MailDomain));
    assert!(hits(&lists, "someone@notmailinator.com").is_empty());
}

#[test]
fn a_list_answers_only_for_the_kinds_it_is_asked_about() {
    let names = |attributes: &str| {
        format!(
            r#"{{"name":"t","list":["example.com"],"type":"hostname","matching_attributes":[{attributes}]}}"#
        )
    };
    let definition = plain("[format]\ntype = 'warninglist'\n");
    let domains = matcher(&[(&definition, names(r#""domain""#).as_str())]);
    assert_eq!(matched(&domains, "www.example.com"), ["example.com"]);
    assert!(hits(&domains, "http://www.example.com/").is_empty());
    let both = matcher(&[(&definition, names(r#""domain","url""#).as_str())]);
    assert_eq!(matched(&both, "http://www.example.com/"), ["example.com"]);
}

#[test]
fn regular_expressions_are_linear_and_bounded() {
    let list = r#"{"name":"t","type":"regex","list":["^https?://[^/]+/wp-(admin|login)", "(a+)+$", "((a{1000}){1000}){1000}", "("]}"#;
    let definition = plain("[format]\ntype = 'warninglist'\n");
    let (parsed, _) = crate::data::parse_text(&definition, list);
    assert_eq!((parsed.report.entries, parsed.report.rejected_rows()), (2, 2));
    let lists = matcher(&[(&definition, list)]);
    assert_eq!(matched(&lists, "http://example.com/wp-login.php"), ["^https?://[^/]+/wp-(admin|login)"]);
    let hostile = format!("http://example.com/{}!", "a".repeat(7_000));
    assert!(hits(&lists, &hostile).is_empty());
}

/// The oracle: asks every entry in the plainest way.
fn oracle(generation: &Generation, indicator: &Indicator) -> BTreeSet<u32> {
    let value = indicator.value();
    let below = |domain: &str, parent: &str| {
        domain == parent || domain.strip_suffix(parent).is_some_and(|rest| rest.ends_with('.'))
    };
    generation
        .iter()
        .filter(|entry| match (entry.mode(), indicator.kind()) {
            (EntryMode::Exact, kind) => entry.kind() == Some(kind) && entry.value() == value,
            (EntryMode::Suffix, Kind::Domain) => below(value, entry.value()),
            (EntryMode::Network, Kind::Ipv4 | Kind::Ipv6) => {
                let net: ipnet::IpNet = entry.value().parse().unwrap();
                net.contains(&value.parse::<std::net::IpAddr>().unwrap())
            }
            (EntryMode::Network, Kind::Cidr) => {
                let net: ipnet::IpNet = entry.value().parse().unwrap();
                net.contains(&value.parse::<ipnet::IpNet>().unwrap())
            }
            _ => false,
        })
        .map(|entry| entry.index())
        .collect()
}

#[test]
fn shared_structures_agree_with_asking_every_entry() {
    let Some(bulk) = data("bulk/mixed-shared.tsv") else { return };
    let lists =
        ["amazon-aws", "google", "bank-website", "rfc5735", "tranco10k", "vpn-ipv6", "smtp-sending-ips"];
    let mut generations: Vec<Arc<Generation>> = Vec::new();
    for list in lists {
        let definition = preset(&format!("warninglist-{list}"));
        let Some((_, built)) = build_file(&definition, &format!("enrichment-data/warninglists/{list}.json"))
        else {
            return;
        };
        generations.push(built);
    }
    let drop = build_file(&preset("spamhaus-drop"), "feeds/cidr-list/spamhaus-drop_2021-08-28.txt");
    generations.extend(drop.map(|(_, built)| built));
    let all = Matcher::new(generations).unwrap();
    let text = std::fs::read_to_string(bulk).unwrap();
    let (mut asked, mut hit) = (0, 0);
    for value in text.lines().step_by(601).filter_map(|line| line.split_once('\t')).map(|(_, value)| value) {
        let aggregator_domain::Detection::One(parsed) = aggregator_domain::detect(value) else { continue };
        let indicator = parsed.indicator;
        if !matches!(indicator.kind(), Kind::Ipv4 | Kind::Ipv6 | Kind::Cidr | Kind::Domain) {
            continue;
        }
        let found = all.match_indicator(indicator.kind(), indicator.value(), indicator.id());
        for (feed, generation) in (0_u16..).zip(all.generations()) {
            let expected = if generation.answers().contains(indicator.kind()) {
                oracle(generation, &indicator)
            } else {
                BTreeSet::new()
            };
            let found: BTreeSet<u32> =
                found.iter().filter(|hit| hit.feed == feed).map(|hit| hit.entry).collect();
            assert_eq!(found, expected, "{value} in list {feed}");
            hit += found.len();
        }
        asked += 1;
    }
    assert!(asked > 300 && hit > 10, "{asked} asked, {hit} hits: the sample says too little");
}

#[test]
fn all_warninglists_answer_together() {
    let mut generations = Vec::new();
    let mut slugs = Vec::new();
    for shipped in presets().iter().filter(|one| one.slug.starts_with("warninglist-")) {
        let definition = shipped.definition().unwrap();
        let stem = shipped.slug.trim_start_matches("warninglist-");
        let name = match stem {
            "cisco-top10k" | "majestic-million" | "university-domains" => stem.replace('-', "_"),
            "eicar-com" => "eicar.com".to_owned(),
            other => other.to_owned(),
        };
        let Some((_, built)) = build_file(&definition, &format!("enrichment-data/warninglists/{name}.json"))
        else {
            return;
        };
        generations.push(built);
        slugs.push(stem);
    }
    let all = Matcher::new(generations).unwrap();
    let lists = |text: &str| {
        hits(&all, text).into_iter().map(|hit| slugs[usize::from(hit.feed)]).collect::<BTreeSet<_>>()
    };
    assert!(lists("10.1.2.3").is_superset(&["rfc1918", "rfc5735"].into()));
    assert!(lists("8.8.8.8").contains("public-dns-v4"));
    assert!(lists("fe80::1234").contains("ipv6-linklocal"));
    assert!(lists("https://bit.ly/abc").contains("url-shortener"));
    assert!(lists("someone@mailinator.com").contains("disposable-email"));
    assert!(lists("d41d8cd98f00b204e9800998ecf8427e").contains("empty-hashes"));
    assert!(lists("a-name-nobody-lists-91823.net").is_empty());
}

#[test]
fn entries_tell_their_facts_and_opinion() {
    let definition = plain(
        "[format]\ntype = 'scored'\n[opinion]\nstance = 'malicious'\nsteps = [\
         { at_least = 1, stance = 'suspicious', confidence = 20 },\
         { at_least = 5, stance = 'malicious', confidence = 80 }]",
    );
    let generation = build_text(&definition, "192.0.2.1\t1\n192.0.2.2\t9\n");
    let lists = Matcher::new(vec![generation]).unwrap();
    let entry = lists.entry(hits(&lists, "192.0.2.2")[0]).unwrap();
    assert_eq!((entry.opinion().stance.as_str(), entry.opinion().confidence), ("malicious", 80));
    assert_eq!(entry.facts(), Some(r#"{"score":9}"#));
    let entry = lists.entry(hits(&lists, "192.0.2.1")[0]).unwrap();
    assert_eq!((entry.opinion().stance.as_str(), entry.opinion().confidence), ("suspicious", 20));
}

#[test]
fn a_substring_that_is_a_name_is_found_once_in_every_kind() {
    let text = r#"{"name":"t","type":"substring","matching_attributes":["domain","url","email-src"],
        "list":["analyze.example.com","/wp-login"]}"#;
    let lists = matcher(&[(&plain("[format]\ntype = 'warninglist'\n"), text)]);
    for value in [
        "analyze.example.com",
        "www.analyze.example.com",
        "someone@mail.analyze.example.com",
        "http://analyze.example.com/report",
        "http://www.analyze.example.com/?see=analyze.example.com",
        "http://other.example.net/go?to=analyze.example.com",
    ] {
        assert_eq!(matched(&lists, value), ["analyze.example.com"], "{value}");
    }
    for value in ["xanalyze.example.com", "analyze.example.com.evil.net", "analyze.example.community"] {
        assert!(hits(&lists, value).is_empty(), "{value}");
    }
    assert_eq!(matched(&lists, "http://other.example.net/wp-login.php"), ["/wp-login"]);
}
