//! Definitions as people write them.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use aggregator_manifest::{FeedDefinition, Format, presets};

const DOCUMENTED: &str = include_str!("../../../docs/SOURCES.md");

/// The definition docs/SOURCES.md shows.
fn documented() -> &'static str {
    let (_, after) = DOCUMENTED.split_once("```toml\n").unwrap();
    after.split_once("```").unwrap().0
}

#[test]
fn the_documented_definition_reads() {
    let definition = FeedDefinition::from_toml(documented()).unwrap();
    assert_eq!((&*definition.slug, definition.refresh_seconds), ("our-blocklist", 3_600));
    let Format::Csv(csv) = definition.format else { panic!("{:?}", definition.format) };
    assert_eq!(csv.columns.facts["malware"], aggregator_manifest::format::Column::Name("family".to_owned()));
}

#[test]
fn every_shipped_definition_reads_and_bears_the_name_of_its_file() {
    for preset in presets() {
        let definition = preset.definition().unwrap_or_else(|error| panic!("{}: {error}", preset.slug));
        assert_eq!(definition.slug, preset.slug);
    }
}

#[test]
fn what_is_wrong_is_told_with_its_place_or_its_field() {
    for (from, to, told) in [
        ("min_rows", "min_rowz", "line 8, column 1: unknown field `min_rowz`"),
        ("role = \"intel\"", "role = \"hearsay\"", "line 6, column 8: unknown variant `hearsay`"),
        ("slug = \"our-blocklist\"", "slug = \"Ours\"", "`slug` must be 1–64 lower-case letters"),
        ("name = \"Our blocklist\"", "name = \" \"", "`name` must be 1–200 characters"),
        ("name = \"Our blocklist\"", "name = \"a\\u0007b\"", "`name` must be 1–200 characters"),
        ("provider = \"our-csirt\"", "provider = \"\"", "`provider` must be 1–64 bytes"),
        ("refresh_seconds = 3600", "refresh_seconds = 299", "`refresh_seconds` must be 300 to 2,678,400"),
        ("refresh_seconds = 3600", "refresh_seconds = 2678401", "`refresh_seconds` must be 300 to 2,678,400"),
        ("[\"ioc\", \"indicator\"]", "[]", "`format.columns.value` must name a column"),
    ] {
        let text = documented().replace(from, to);
        let error = FeedDefinition::from_toml(&text).expect_err(to).told(&text);
        assert!(error.contains(told) && !error.contains('\n'), "{to}: {error}");
    }
}

/// As whoever fetches it reads an address: the API takes one in these forms, and a worker must not look for a file.
#[test]
fn an_address_is_one_in_any_case() {
    let at = |location: &str| {
        let text = documented().replace("https://lists.csirt.example/blocklist.csv", location);
        FeedDefinition::from_toml(&text).unwrap().is_local()
    };
    for address in ["http://a.example/", "HTTPS://a.example/", " https://a.example/", "https:a.example/list"]
    {
        assert!(!at(address), "{address}");
    }
    for file in ["/srv/list.csv", "list.csv", "httpd.log", "./http:list"] {
        assert!(at(file), "{file}");
    }
}
