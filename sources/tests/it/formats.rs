//! Each format with the dialects and the dirt that real feeds have.

use std::io::Cursor;

use aggregator_sources::feeds::{FeedDefinition, FeedEntry, ParseError, Pattern, RowReject, parse_feed};

use crate::data::{build_file, data, parse_text, plain, preset};

/// The values of exact entries, in the order of the feed.
fn exact(entries: &[FeedEntry]) -> Vec<&str> {
    entries
        .iter()
        .filter_map(|entry| match &entry.pattern {
            Pattern::Exact(indicator) => Some(indicator.value()),
            _ => None,
        })
        .collect()
}

fn facts(entries: &[FeedEntry]) -> Vec<&str> {
    entries.iter().map(|entry| entry.facts.as_str()).collect()
}

#[test]
fn plain_lines_with_every_comment() {
    let text = "\u{feff}# head\r\n; old style\r\n// slashes\r\n\r\n192.0.2.1\r\n192.0.2.2 ; SBL123\r\n\
                192.0.2.3\t# censys.io\nhttp://example.com/a#fragment\n192.0.2.4:8080\nnonsense here\n";
    let (parsed, entries) = parse_text(&plain(""), text);
    assert_eq!(
        exact(&entries),
        ["192.0.2.1", "192.0.2.2", "192.0.2.3", "http://example.com/a#fragment", "192.0.2.4"]
    );
    assert_eq!(
        facts(&entries),
        ["", r#"{"note":"SBL123"}"#, r#"{"note":"censys.io"}"#, "", r#"{"port":8080}"#]
    );
    assert_eq!((parsed.report.rows, parsed.report.entries), (6, 5));
    assert_eq!(parsed.report.samples[0].line, 10);
}

#[test]
fn hostile_lines_are_counted_not_held() {
    let mut bytes = b"192.0.2.1\n".to_vec();
    bytes.extend(std::iter::repeat_n(b'a', 3 << 20));
    bytes.extend_from_slice(b"\n\xff\xfe\x00\n192.0.2.2\n192.0.2.3\0\n");
    let mut values = Vec::new();
    let parsed = parse_feed(&plain(""), &mut Cursor::new(bytes), &mut |entry| {
        values.push(entry);
        Ok(())
    })
    .unwrap();
    assert_eq!(exact(&values), ["192.0.2.1", "192.0.2.2"]);
    let reasons: Vec<_> = parsed.report.samples.iter().map(|row| (row.line, row.reason)).collect();
    assert_eq!(reasons, [(2, RowReject::TooLong), (3, RowReject::InvalidUtf8), (5, RowReject::Unrecognised)]);
}

/// A quote that is never closed and an array without end are no row to be held; what is passed over may be of any size.
#[test]
fn a_row_that_does_not_end_is_an_error() {
    let ended = |format: &str, text: String| {
        let definition = plain(format);
        parse_feed(&definition, &mut Cursor::new(text.into_bytes()), &mut |_| Ok(()))
            .map(|parsed| parsed.report.rows)
    };
    let many = |row: &str, times: usize| row.repeat(times);
    let csv = "[format]\ntype = 'csv'\nheader = 'first'\n[format.columns]\nvalue = ['a']";
    let json = "[format]\ntype = 'json'\nrows = ['rows']\n[format.fields]\nvalue = ['a']";
    for (format, text) in [
        (csv, format!("a,b\n192.0.2.1,\"open\n{}", many("192.0.2.2,x\n", 300_000))),
        (json, format!(r#"{{"rows":[[{}0]]}}"#, many("0,", 1_500_000))),
        (json, format!(r#"{{"{}":0}}"#, many("k", 3 << 20))),
        (
            "[format]\ntype = 'warninglist'\n",
            format!(r#"{{"type":"string","list":["{}"]}}"#, many("x", 3 << 20)),
        ),
        (
            "[format]\ntype = 'warninglist'\n",
            format!(
                r#"{{"type":"string","matching_attributes":[{}"md5"],"list":[]}}"#,
                many(r#""md5","#, 300)
            ),
        ),
    ] {
        let told = ended(format, text).unwrap_err().to_string();
        assert!(told.contains("longer than 1 MiB") || told.contains("at most 256 words"), "{told}");
    }
    let passed_over =
        format!(r#"{{"other":["{}"],"rows":[{{"a":"192.0.2.1"}}],"more":"{0}"}}"#, many("x", 3 << 20));
    assert_eq!(ended(json, passed_over).unwrap(), 1);
    // Many rows are not a long one.
    assert_eq!(ended(csv, format!("a,b\n{}", many("192.0.2.2,x\n", 300_000))).unwrap(), 300_000);
    assert_eq!(
        ended(json, format!(r#"{{"rows":[{}{{}}]}}"#, many(r#"{"a":"192.0.2.2"},"#, 100_000))).unwrap(),
        100_001
    );
}

#[test]
fn hosts_files_name_hosts() {
    let definition = plain("[format]\ntype = 'plain'\nhosts = true\n[reading]\nkinds = ['domain']");
    let text = "127.0.0.1 localhost\n::1 ip6-localhost\n0.0.0.0 ads.example.com tracker.example.com # two\n\
                0.0.0.0 0.0.0.0\nexample.org\n";
    let (parsed, entries) = parse_text(&definition, text);
    assert_eq!(exact(&entries), ["ads.example.com", "tracker.example.com"]);
    assert_eq!(parsed.report.rejected[&RowReject::Malformed], 1);
}

#[test]
fn scored_lines_need_a_number() {
    let (parsed, entries) = parse_text(
        &plain("[format]\ntype = 'scored'\n"),
        "192.0.2.1\t3\n192.0.2.2\n192.0.2.3 NaN\n192.0.2.4 0.5\n",
    );
    assert_eq!(exact(&entries), ["192.0.2.1", "192.0.2.4"]);
    assert_eq!(facts(&entries), [r#"{"score":3}"#, r#"{"score":0.5}"#]);
    assert_eq!(parsed.report.rejected[&RowReject::Malformed], 2);
}

#[test]
fn csv_dialects_of_one_feed_agree() {
    let samples = "feeds/declarative-source-samples";
    let Some((_, quoted)) = build_file(&preset("urlhaus"), &format!("{samples}/csv-urlhaus-recent.txt"))
    else {
        return;
    };
    let spaced = FeedDefinition::from_toml(
        &aggregator_sources::feeds::Preset::find("urlhaus")
            .unwrap()
            .toml
            .replace("header = \"comment\"", "header = \"comment\"\nblank_after_delimiter = true"),
    )
    .unwrap();
    let Some((_, blank)) = build_file(&spaced, &format!("{samples}/csv-urlhaus-recent-space-variant.txt"))
    else {
        return;
    };
    assert_eq!(quoted.id(), blank.id(), "blanks after separators change nothing, not even tags with commas");
    let facts: Vec<_> = quoted.iter().filter_map(|entry| entry.facts()).collect();
    assert!(facts.iter().any(|facts| facts.contains(r#""tags":"maze,runner""#)), "{facts:?}");
    let Some((_, ports)) =
        build_file(&preset("urlhaus"), &format!("{samples}/csv-urlhaus-recent-ip-port-variant.txt"))
    else {
        return;
    };
    let mut addresses: Vec<_> = ports.iter().map(|entry| (entry.value(), entry.facts().unwrap())).collect();
    addresses.sort_unstable();
    assert_eq!(addresses[0].0, "192.119.106.235");
    assert!(addresses[0].1.contains(r#""port":80"#));
}

#[test]
fn csv_columns_by_index_and_delimiter() {
    let definition = plain(
        "[format]\ntype = 'csv'\ndelimiter = ';'\nheader = 'none'\n[format.columns]\nvalue = [1]\nscore = 2\n\
         facts = { who = 0 }\n[opinion]\nstance = 'suspicious'\n",
    );
    let text = "a;192.0.2.1;40\n\"b;c\";192.0.2.2;900\nd;;1\ne\n\"x\ny\";192.0.2.3;\n";
    let (parsed, entries) = parse_text(&definition, text);
    assert_eq!(exact(&entries), ["192.0.2.1", "192.0.2.2", "192.0.2.3"]);
    assert_eq!(facts(&entries), [r#"{"who":"a"}"#, r#"{"who":"b;c"}"#, r#"{"who":"x\ny"}"#]);
    let confidence: Vec<_> = entries.iter().map(|entry| entry.opinion.confidence).collect();
    assert_eq!(confidence, [40, 100, 0]);
    assert_eq!(parsed.report.rejected[&RowReject::MissingValue], 2);
}

#[test]
fn a_missing_column_is_an_error_that_names_the_columns() {
    let Some(file) = data("feeds/epss/invalid-header.csv") else { return };
    let mut file = std::fs::File::open(file).unwrap();
    let error = parse_feed(&preset("epss"), &mut file, &mut |_| Ok(())).unwrap_err();
    assert!(matches!(&error, ParseError::NoSuchColumn { column, .. } if column == "cve"), "{error}");
    assert!(error.to_string().contains("invalid, header, format"));
}

#[test]
fn json_rows_at_several_paths_and_under_unknown_keys() {
    let definition = plain(
        "[format]\ntype = 'json'\nrows = ['prefixes', 'ipv6_prefixes', 'by_id.*']\n[format.fields]\n\
         value = ['ip_prefix', 'ipv6_prefix', 'ioc.value']\nfacts = { tags = 'tags', when = 'ioc.when' }\n",
    );
    let text = r#"{"syncToken":"1","prefixes":[{"ip_prefix":"192.0.2.0/24"},{"other":1},"row"],
        "nested":{"prefixes":[{"ip_prefix":"198.51.100.0/24"}]},
        "ipv6_prefixes":[{"ipv6_prefix":"2001:db8::/32"}],
        "by_id":{"7":[{"ioc":{"value":"example.com","when":20},"tags":["a","b"]}],"8":[]}}"#;
    let (parsed, entries) = parse_text(&definition, text);
    assert_eq!(entries.len(), 3);
    assert_eq!(facts(&entries)[2], r#"{"tags":"a, b","when":20}"#);
    assert_eq!(parsed.report.rejected[&RowReject::MissingValue], 2);
    let Some((_, real)) = build_file(
        &plain(
            "[format]\ntype = 'json'\nrows = ['prefixes']\n[format.fields]\nvalue = ['ip_prefix']\n\
             facts = { service = 'service' }\n",
        ),
        "feeds/declarative-source-samples/json-amazon-ranges.json",
    ) else {
        return;
    };
    assert!(real.entries() > 0);
}

#[test]
fn a_json_document_cut_short_is_an_error() {
    let definition = preset("cisa-kev");
    for text in [
        "",
        "<html></html>",
        r#"{"vulnerabilities":[{"cveID":"CVE-2024-0001"}"#,
        r#"{"vulnerabilities":[]} x"#,
    ] {
        let parsed = parse_feed(&definition, &mut Cursor::new(text), &mut |_| Ok(()));
        assert!(matches!(parsed, Err(ParseError::Document(_))), "{text}");
    }
    let (parsed, entries) = parse_text(&definition, r#"{"vulnerabilities":null,"other":[1]}"#);
    assert_eq!((parsed.report.rows, entries.len()), (0, 0));
}

#[test]
fn ndjson_lines_stand_alone() {
    let text =
        "{\"asn\":932,\"cc\":\"US\"}\n\n{broken\n{\"type\":\"metadata\",\"records\":1}\n{\"cc\":\"XX\"}\n";
    let (parsed, entries) = parse_text(&preset("spamhaus-asn-drop"), text);
    assert_eq!(exact(&entries), ["AS932"]);
    assert_eq!(facts(&entries), [r#"{"country":"US"}"#]);
    let reasons: Vec<_> = parsed.report.samples.iter().map(|row| (row.line, row.reason)).collect();
    assert_eq!(reasons, [(3, RowReject::Malformed), (5, RowReject::MissingValue)]);
}

#[test]
fn warninglist_types_decide_how_entries_match() {
    let definition = plain("[format]\ntype = 'warninglist'\n");
    let list = |matching: &str, attributes: &str, list: &str| {
        let text = format!(
            r#"{{"list":[{list}],"matching_attributes":[{attributes}],"name":"n","type":"{matching}","version":1}}"#
        );
        parse_text(&definition, &text).1.into_iter().map(|entry| entry.pattern).collect::<Vec<_>>()
    };
    let names = list("string", r#""domain","hostname""#, r#""AAA",".google.com","-container.supertms.com""#);
    assert!(matches!(&names[0], Pattern::Exact(tld) if tld.value() == "aaa"));
    assert!(matches!(&names[1], Pattern::Suffix(domain) if &**domain == "google.com"));
    assert_eq!(names.len(), 3);
    let suffixes = list("hostname", r#""domain""#, r#"".vakıfbank.com","1url.com""#);
    assert!(
        matches!(&suffixes[0], Pattern::Suffix(domain) if &**domain == "xn--vakfbank-vkb.com"),
        "{suffixes:?}"
    );
    assert!(matches!(&suffixes[1], Pattern::Suffix(domain) if &**domain == "1url.com"));
    let nets = list("cidr", r#""ip-src""#, r#""10.1.2.3/8","192.0.2.1","2001:DB8::/32","192.0.2.9/32""#);
    assert!(matches!(&nets[0], Pattern::Network(net) if net.to_string() == "10.0.0.0/8"));
    assert!(matches!(&nets[1], Pattern::Exact(address) if address.value() == "192.0.2.1"));
    assert!(matches!(&nets[3], Pattern::Exact(address) if address.value() == "192.0.2.9"));
    let parts = list("substring", r#""domain""#, r#""Example.com","some/part","a""#);
    assert!(matches!(&parts[0], Pattern::Substring { text, whole: true } if &**text == "example.com"));
    assert!(matches!(&parts[1], Pattern::Substring { whole: false, .. }));
    assert_eq!(parts.len(), 2);
    let unknown = parse_feed(&definition, &mut Cursor::new(r#"{"type":"magic","list":[]}"#), &mut |_| Ok(()));
    assert!(matches!(unknown, Err(ParseError::Document(_))));
}

#[test]
fn definitions_that_cannot_work_are_refused_by_field() {
    let good = aggregator_sources::feeds::Preset::find("ipsum").unwrap().toml;
    let changed = |from: &str, to: &str| {
        assert!(good.contains(from));
        FeedDefinition::from_toml(&good.replace(from, to)).unwrap_err().to_string()
    };
    assert!(changed("slug = \"ipsum\"", "slug = \"Ip Sum\"").contains("`slug`"));
    assert!(changed("refresh_seconds = 86400", "refresh_seconds = 5").contains("`refresh_seconds`"));
    assert!(changed("at_least = 5", "at_least = 2").contains("opinion.steps"));
    assert!(changed("role = \"intel\"", "role = \"intel\"\ntypo = 1").contains("typo"));
    assert!(changed("type = \"scored\"", "type = \"sorcery\"").contains("sorcery"));
}
