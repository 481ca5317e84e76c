//! Databases about addresses: good ones of two publishers, broken ones, ranges.

use std::fs::File;
use std::io::Cursor;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aggregator_sources::KindSet;
use aggregator_sources::feeds::ParseReport;
use aggregator_sources::generation::{Generation, GenerationBuilder};
use aggregator_sources::geo::{AsnRanges, GeoDatabase, GeoDatabases, GeoError, MmdbDatabase, compile_ip2asn};

use crate::data::data;

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn told(path: &Path, text: &str) -> String {
    let database = MmdbDatabase::open("test", path).unwrap();
    serde_json::to_string(&database.facts(address(text)).unwrap()).unwrap()
}

#[test]
fn maxmind_layouts() {
    let Some(folder) = data("enrichment-data/maxmind/test-data") else { return };
    assert_eq!(
        told(&folder.join("GeoLite2-ASN-Test.mmdb"), "1.128.0.7"),
        r#"{"source":"test","network":"1.128.0.0/11","asn":1221,"as_name":"Telstra Pty Ltd"}"#
    );
    assert_eq!(
        told(&folder.join("GeoIP2-City-Test.mmdb"), "81.2.69.160"),
        r#"{"source":"test","network":"81.2.69.160/27","country":"GB","city":"London"}"#
    );
    assert_eq!(
        told(&folder.join("GeoIP2-Country-Test.mmdb"), "2001:218::1"),
        r#"{"source":"test","network":"2001:218::/32","country":"JP"}"#
    );
    assert_eq!(
        told(&folder.join("GeoIP2-Anonymous-IP-Test.mmdb"), "1.124.213.1"),
        r#"{"source":"test","network":"1.124.213.1/32","uses":["anonymous","vpn","tor"]}"#
    );
    assert_eq!(told(&folder.join("GeoLite2-ASN-Test.mmdb"), "192.0.2.1"), "null");
    assert!(told(&folder.join("GeoIP2-Enterprise-Test.mmdb"), "74.209.24.0").contains("\"asn\":14671"));
}

#[test]
fn a_database_of_the_old_protocol_knows_nothing_of_the_new_one() {
    let Some(file) = data("enrichment-data/maxmind/test-data/MaxMind-DB-test-ipv4-24.mmdb") else { return };
    assert_eq!(told(&file, "2001:db8::1"), "null");
}

#[test]
fn ipinfo_layouts_agree_with_their_ndjson() {
    let Some(folder) = data("enrichment-data/ipinfo") else { return };
    let lite = MmdbDatabase::open("lite", &folder.join("IPinfo_Lite/ipinfo_lite_sample.mmdb")).unwrap();
    let text = std::fs::read_to_string(folder.join("IPinfo_Lite/ipinfo_lite_sample.ndjson")).unwrap();
    let mut compared = 0;
    for line in text.lines() {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        let network = row["network"].as_str().unwrap();
        let first = network.split('/').next().unwrap();
        let facts = lite.facts(address(first)).unwrap();
        let told = |field: &str| row[field].as_str().filter(|text| !text.is_empty()).map(ToOwned::to_owned);
        let facts = facts.unwrap_or_else(|| panic!("{network} is unknown"));
        assert_eq!(facts.country.as_deref().map(ToOwned::to_owned), told("country_code"), "{network}");
        assert_eq!(facts.asn.map(|asn| format!("AS{asn}")), told("asn"), "{network}");
        assert_eq!(facts.as_name.as_deref().map(ToOwned::to_owned), told("as_name"), "{network}");
        compared += 1;
    }
    assert!(compared > 50, "{compared}");
    let privacy = folder.join("IPinfo_Plus/ipinfo_plus_sample.mmdb");
    assert!(
        told(&privacy, "1.0.0.1").contains(r#""uses":["anycast","hosting"]"#),
        "{}",
        told(&privacy, "1.0.0.1")
    );
}

/// The broken files: the folder of them, and four among the test data.
fn broken_files() -> Vec<PathBuf> {
    let (Some(bad), Some(test)) =
        (data("enrichment-data/maxmind/bad-data"), data("enrichment-data/maxmind/test-data"))
    else {
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = std::fs::read_dir(bad)
        .unwrap()
        .flat_map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap())
        .map(|file| file.unwrap().path())
        .collect();
    files.extend(
        [
            "GeoIP2-City-Test-Broken-Double-Format.mmdb",
            "GeoIP2-City-Test-Invalid-Node-Count.mmdb",
            "MaxMind-DB-test-broken-pointers-24.mmdb",
            "MaxMind-DB-test-broken-search-tree-24.mmdb",
        ]
        .map(|name| test.join(name)),
    );
    files.sort();
    files
}

#[test]
fn broken_databases_are_errors() {
    let files = broken_files();
    if files.is_empty() {
        return;
    }
    assert_eq!(files.len(), 25);
    let mut sound = Vec::new();
    for file in &files {
        let database = match MmdbDatabase::open("broken", file) {
            Ok(database) => database,
            Err(error) => {
                assert!(matches!(error, GeoError::Broken(_)), "{}: {error}", file.display());
                continue;
            }
        };
        let verified = database.verify();
        // Whatever the file is, no address makes it panic or hang.
        for high in 0..=255_u8 {
            let _ = database.facts(IpAddr::from([high, 2, 69, 160]));
            let _ = database.facts(IpAddr::from([u16::from(high) << 8, 0, 0, 0, 0, 0, 0, 1]));
        }
        if verified.is_ok() {
            sound.push(file.file_name().unwrap().to_string_lossy().into_owned());
        }
    }
    assert_eq!(sound, [""; 0], "files that are sound after all");
}

#[test]
fn truncated_databases_are_errors() {
    let Some(file) = data("enrichment-data/maxmind/test-data/GeoLite2-ASN-Test.mmdb") else { return };
    let bytes = std::fs::read(file).unwrap();
    let folder = tempfile::tempdir().unwrap();
    for length in (0..bytes.len()).step_by(997) {
        let path = folder.path().join(format!("{length}.mmdb"));
        std::fs::write(&path, &bytes[..length]).unwrap();
        assert!(MmdbDatabase::open("cut", &path).is_err(), "{length} bytes");
    }
}

fn ranges(text: &[u8]) -> (ParseReport, AsnRanges) {
    let mut builder = GenerationBuilder::new();
    let report = compile_ip2asn(&mut Cursor::new(text), &mut builder).unwrap();
    let (_, bytes) = builder.finish_bytes(KindSet::ALL).unwrap();
    (report, AsnRanges::new("ip2asn", Arc::new(Generation::from_bytes(bytes).unwrap())).unwrap())
}

#[test]
fn ranges_that_are_no_blocks() {
    let text = b"1.0.1.0\t1.0.3.255\t4134\tCN\tCHINANET\n1.0.4.0\t1.0.4.255\t0\tNone\tNot routed\n\
        2001:db8::\t2001:db8:2:ffff:ffff:ffff:ffff:ffff\t64496\tNone\t\n9.9.9.9\t9.9.9.8\t1\tUS\tbackwards\n\
        9.9.9.9\t::1\t1\tUS\tmixed\nnonsense\n";
    let (report, ranges) = ranges(text);
    assert_eq!((report.entries, report.rejected_rows()), (3, 3));
    for inside in ["1.0.1.0", "1.0.2.77", "1.0.3.255"] {
        let facts = ranges.facts(address(inside)).unwrap();
        assert_eq!((facts.asn, facts.country.as_deref()), (Some(4134), Some("CN")), "{inside}");
        assert!(facts.network.unwrap().contains(&address(inside)));
    }
    for outside in ["1.0.0.255", "1.0.4.0", "2001:db8:3::"] {
        assert_eq!(ranges.facts(address(outside)), None, "{outside}");
    }
    let facts = ranges.facts(address("2001:db8:2:ffff::1")).unwrap();
    assert_eq!((facts.asn, facts.country, facts.as_name), (Some(64496), None, None));
    assert!(ranges.facts(address("::ffff:1.0.2.1")).is_some(), "a mapped address is the address");
}

#[test]
fn the_ip2asn_sample_answers_every_range() {
    let Some(file) = data("enrichment-data/ip2asn/ip2asn-combined-sample.tsv") else { return };
    let mut builder = GenerationBuilder::new();
    let report = compile_ip2asn(&mut File::open(&file).unwrap(), &mut builder).unwrap();
    assert_eq!(report.rejected_rows(), 0, "{:?}", report.samples);
    let (_, bytes) = builder.finish_bytes(KindSet::ALL).unwrap();
    let ranges = AsnRanges::new("ip2asn", Arc::new(Generation::from_bytes(bytes).unwrap())).unwrap();
    let databases = GeoDatabases::new(vec![GeoDatabase::Ranges(ranges)]);
    let text = std::fs::read_to_string(file).unwrap();
    let rows: Vec<(IpAddr, IpAddr, u32)> = text
        .lines()
        .map(|line| {
            let columns: Vec<_> = line.split('\t').collect();
            (address(columns[0]), address(columns[1]), columns[2].parse().unwrap())
        })
        .collect();
    assert_eq!(rows.len() as u64, report.entries);
    for end in rows.iter().step_by(11).flat_map(|row| [row.0, row.1]) {
        // The file overlaps in eleven places: the range that begins last is the particular one.
        let around = rows.iter().filter(|row| row.0 <= end && end <= row.1);
        let expected = around.max_by_key(|row| (row.0, std::cmp::Reverse(row.1))).map(|row| row.2);
        let facts = databases.facts(end);
        let found = facts.first().and_then(|facts| facts.asn);
        assert_eq!(found, expected.filter(|asn| *asn != 0), "{end}");
    }
}
