//! Where the real data is, and the short way from text to an asked matcher.

use std::fs::File;
use std::io::Cursor;
use std::path::PathBuf;
use std::sync::Arc;

use aggregator_domain::{Detection, Indicator, detect};
use aggregator_sources::feeds::{FeedDefinition, FeedEntry, ParsedFeed, Preset, parse_feed};
use aggregator_sources::generation::{Generation, GenerationBuilder};
use aggregator_sources::matcher::{Hit, Matcher};

/// A file of the data folder; `None`, said loudly, where it is absent.
#[expect(clippy::disallowed_methods, reason = "where the test data is, is the test runner's setting")]
#[expect(clippy::print_stderr, reason = "a skipped test must be loud")]
pub(crate) fn data(path: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("AGGREGATOR_TEST_DATA")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"), PathBuf::from);
    let file = folder.join(path);
    if !file.exists() {
        eprintln!(
            "SKIPPED {path}: no shared data at {}; set AGGREGATOR_TEST_DATA to its folder",
            folder.display()
        );
        return None;
    }
    Some(file)
}

/// The definition of a shipped feed.
pub(crate) fn preset(slug: &str) -> FeedDefinition {
    Preset::find(slug).unwrap().definition().unwrap()
}

/// A definition for tests: plain lines, every kind, malicious, and what `more` adds.
pub(crate) fn plain(more: &str) -> FeedDefinition {
    let text = format!(
        "slug = 'test'\nname = 'Test'\nprovider = 'test'\nlocation = 'test.txt'\nlicence = 'none'\nrole = 'intel'\n\
         refresh_seconds = 3600\nmin_rows = 1\n{more}"
    );
    let text = if more.contains("[format]") { text } else { format!("{text}\n[format]\ntype = 'plain'\n") };
    FeedDefinition::from_toml(&text).unwrap()
}

/// Parses text.
pub(crate) fn parse_text(definition: &FeedDefinition, text: &str) -> (ParsedFeed, Vec<FeedEntry>) {
    let mut entries = Vec::new();
    let parsed = parse_feed(definition, &mut Cursor::new(text.as_bytes()), &mut |entry| {
        entries.push(entry);
        Ok(())
    });
    (parsed.unwrap(), entries)
}

/// The generation of text.
pub(crate) fn build_text(definition: &FeedDefinition, text: &str) -> Arc<Generation> {
    let mut builder = GenerationBuilder::new();
    let parsed = parse_feed(definition, &mut Cursor::new(text.as_bytes()), &mut |entry| builder.push(&entry));
    let (_, bytes) = builder.finish_bytes(parsed.unwrap().answers).unwrap();
    Arc::new(Generation::from_bytes(bytes).unwrap())
}

/// The generation of a file of the data folder.
pub(crate) fn build_file(definition: &FeedDefinition, path: &str) -> Option<(ParsedFeed, Arc<Generation>)> {
    let mut file = File::open(data(path)?).unwrap();
    let mut builder = GenerationBuilder::new();
    let parsed = parse_feed(definition, &mut file, &mut |entry| builder.push(&entry)).unwrap();
    let (_, bytes) = builder.finish_bytes(parsed.answers).unwrap();
    Some((parsed, Arc::new(Generation::from_bytes(bytes).unwrap())))
}

/// A matcher over texts, one plain list each.
pub(crate) fn matcher(lists: &[(&FeedDefinition, &str)]) -> Matcher {
    Matcher::new(lists.iter().map(|(definition, text)| build_text(definition, text)).collect()).unwrap()
}

/// What a person types, as an indicator.
pub(crate) fn indicator(text: &str) -> Indicator {
    match detect(text) {
        Detection::One(parsed) => parsed.indicator,
        other => panic!("{text}: {other:?}"),
    }
}

/// The hits of what a person types.
pub(crate) fn hits(matcher: &Matcher, text: &str) -> Vec<Hit> {
    let indicator = indicator(text);
    matcher.match_indicator(indicator.kind(), indicator.value(), indicator.id()).to_vec()
}

/// The values of the entries that match, sorted.
pub(crate) fn matched(matcher: &Matcher, text: &str) -> Vec<String> {
    let mut values: Vec<_> =
        hits(matcher, text).into_iter().map(|hit| matcher.entry(hit).unwrap().value().to_owned()).collect();
    values.sort();
    values
}
