//! Every shipped definition reads its file of the data folder, with exact counts.

use std::collections::BTreeSet;

use aggregator_sources::feeds::{FeedRole, presets};
use aggregator_sources::generation::Generation;

use crate::data::{build_file, data, preset};

/// Preset, file, entries in the generation, duplicates, refused rows.
const FILES: &[(&str, &str, u32, u64, u64)] = &[
    ("c2-intel-ips", "feeds/csv/c2-ips-30day.csv", 1315, 3, 0),
    ("cisa-kev", "feeds/kev/known_exploited_vulnerabilities.json", 1404, 0, 0),
    ("cisa-kev-csv", "feeds/kev/known_exploited_vulnerabilities.csv", 1404, 0, 0),
    ("epss", "feeds/epss/example-1.csv", 5, 0, 0),
    ("ipsum", "feeds/ip-list-scored/ipsum.txt", 120_430, 0, 0),
    ("ipsum-level-3", "feeds/ip-list-plain/ipsum-level3.txt", 14217, 0, 0),
    ("malwarebazaar-md5", "feeds/hash-list/md5.txt", 507, 0, 0),
    ("maltrail-asyncrat", "feeds/maltrail/malware_asyncrat.txt", 15550, 9810, 30),
    ("maltrail-dynamic-domain", "feeds/maltrail/suspicious_dynamic_domain.txt", 2035, 461, 0),
    ("maltrail-mass-scanner", "feeds/maltrail/mass_scanner.txt", 18835, 380, 5),
    ("maltrail-sidewinder", "feeds/maltrail/malware_apt_sidewinder.txt", 3783, 89, 37),
    ("maltrail-socgholish", "feeds/maltrail/malicious_socgholish.txt", 4353, 63, 4),
    ("spamhaus-asn-drop", "feeds/ndjson/spamhaus-asn_drop.ndjson.txt", 201, 0, 0),
    ("spamhaus-drop", "feeds/cidr-list/spamhaus-drop_2024-02-25.txt", 989, 0, 0),
    ("spamhaus-drop-v6", "feeds/cidr-list/spamhaus-drop_ipv6.txt", 51, 0, 0),
    ("spamhaus-edrop", "feeds/cidr-list/spamhaus-edrop.txt", 322, 0, 0),
    ("stalkerware-domains", "feeds/csv/stalkerware-network.csv", 1025, 9, 0),
    ("stalkerware-quad9", "feeds/domain-list/stalkerware-quad9_blocklist.txt", 960, 9, 0),
    ("stalkerware-samples", "feeds/csv/stalkerware-samples.csv", 3228, 0, 0),
    ("stalkerware-tinycheck", "feeds/json/stalkerware-indicators-for-tinycheck.json", 1520, 138, 0),
    ("threatfox-domains", "feeds/csv/threatfox-derived-domains.csv", 24732, 217, 12),
    ("urlhaus", "feeds/declarative-source-samples/csv-urlhaus-recent.txt", 4, 0, 0),
    ("zeek-threatfox-addresses", "feeds/zeek-intel/abuse-ch-threatfox-ip.intel.txt", 2342, 1151, 0),
    ("zeek-tor-exits", "feeds/zeek-intel/tor-exit.intel.txt", 1372, 1879, 0),
];

#[test]
fn every_definition_is_sound_and_named_after_its_file() {
    let mut slugs = BTreeSet::new();
    for shipped in presets() {
        let definition = shipped.definition().unwrap_or_else(|error| panic!("{}: {error}", shipped.slug));
        assert_eq!(definition.slug, shipped.slug);
        assert!(slugs.insert(shipped.slug), "{} twice", shipped.slug);
    }
    let warninglists = presets().iter().filter(|one| preset(one.slug).role == FeedRole::Warninglist).count();
    assert_eq!(warninglists, 54);
}

#[test]
fn intel_files_give_exact_counts() {
    let mut wrong = Vec::new();
    for (slug, file, entries, duplicates, refused) in FILES {
        let definition = preset(slug);
        let Some((parsed, generation)) = build_file(&definition, file) else { return };
        let report = &parsed.report;
        let found =
            (generation.entries(), report.entries - u64::from(generation.entries()), report.rejected_rows());
        if found != (*entries, *duplicates, *refused) {
            wrong.push(format!("{slug}: {found:?} {:?} {:?}", report.rejected, &report.samples.first()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn warninglists_give_exact_counts() {
    let Some(folder) = data("enrichment-data/warninglists") else { return };
    let (mut lists, mut listed, mut entries, mut refused) = (0, 0, 0, Vec::new());
    for file in std::fs::read_dir(&folder).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        let slug = format!("warninglist-{}", name.trim_end_matches(".json").replace(['_', '.'], "-"));
        let Some((parsed, generation)) =
            build_file(&preset(&slug), &format!("enrichment-data/warninglists/{name}"))
        else {
            return;
        };
        lists += 1;
        listed += parsed.report.rows;
        entries += generation.entries();
        assert!(u64::from(generation.entries()) >= preset(&slug).min_rows, "{slug}");
        refused
            .extend(parsed.report.samples.iter().map(|row| format!("{name}: {} {}", row.reason, row.text)));
    }
    assert_eq!((lists, listed, entries), (54, 236_189, 236_177));
    // SHA-224 is no kind of this product; eight more names are listed twice after lower-casing.
    assert_eq!(refused.len(), 4, "{refused:#?}");
    assert!(refused.iter().all(|row| row.contains("hashes.json") || row.contains("eicar")), "{refused:#?}");
}

#[test]
fn one_catalogue_in_two_formats_is_one_set() {
    let json = build_file(&preset("cisa-kev"), "feeds/kev/known_exploited_vulnerabilities.json");
    let csv = build_file(&preset("cisa-kev-csv"), "feeds/kev/known_exploited_vulnerabilities.csv");
    let (Some((_, json)), Some((_, csv))) = (json, csv) else { return };
    assert_eq!(values(&json), values(&csv));
    assert_eq!(json.entries(), 1404);
}

#[test]
fn one_vendors_set_in_three_renderings_is_one_set() {
    let csv = build_file(&preset("stalkerware-domains"), "feeds/csv/stalkerware-network.csv");
    let list = build_file(&preset("stalkerware-quad9"), "feeds/domain-list/stalkerware-quad9_blocklist.txt");
    let json =
        build_file(&preset("stalkerware-tinycheck"), "feeds/json/stalkerware-indicators-for-tinycheck.json");
    let (Some((_, csv)), Some((_, list)), Some((_, json))) = (csv, list, json) else { return };
    let (csv, list, json) = (values(&csv), values(&list), values(&json));
    assert_eq!(list.len(), 960);
    assert!(list.is_subset(&csv) && list.is_subset(&json));
    // What the CSV has beyond the blocklist are the 65 addresses it types as such.
    let more: Vec<_> = csv.difference(&list).collect();
    assert_eq!(more.len(), 65);
    assert!(more.iter().all(|value| value.parse::<std::net::Ipv4Addr>().is_ok()));
}

fn values(generation: &Generation) -> BTreeSet<String> {
    generation.iter().map(|entry| entry.value().to_owned()).collect()
}
