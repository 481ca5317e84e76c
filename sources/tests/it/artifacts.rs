//! The artifact: same entries same bytes, hostile bytes an error, two of them a delta.

use aggregator_sources::KindSet;
use aggregator_sources::feeds::FeedEntry;
use aggregator_sources::generation::{Change, Generation, GenerationBuilder, GenerationId, OpenError, delta};
use proptest::prelude::*;

use crate::data::{build_file, build_text, parse_text, plain, preset};

const MIXED: &str = "192.0.2.1\n192.0.2.0/24 # block\n2001:db8::/32\nexample.com\n.example.org\n\
                     http://example.com/a\nd41d8cd98f00b204e9800998ecf8427e\nsomeone@example.com\n";

fn entries(text: &str) -> Vec<FeedEntry> {
    parse_text(&plain(""), text).1
}

fn bytes_of(entries: &[FeedEntry], budget: usize) -> Vec<u8> {
    let mut builder = GenerationBuilder::with_budget(budget);
    for entry in entries {
        builder.push(entry).unwrap();
    }
    builder.finish_bytes(KindSet::ALL).unwrap().1
}

#[test]
fn equal_entries_give_equal_bytes_in_any_order_and_memory() {
    let lines: Vec<_> = (0..20_000).map(|n| format!("198.{}.{}.7", n / 200, n % 200)).collect();
    let mut all = entries(&format!("{MIXED}{}", lines.join("\n")));
    let first = bytes_of(&all, 64 << 20);
    all.reverse();
    all.extend(entries(MIXED));
    // 64 KiB: some forty runs are spilled and merged.
    let second = bytes_of(&all, 0);
    assert!(first == second);
    let generation = Generation::from_bytes(first).unwrap();
    assert_eq!(generation.entries(), 20_008);
    assert_eq!(GenerationId::from_hex(&generation.id().to_string()), Some(generation.id()));
}

#[test]
fn of_equal_entries_the_strongest_opinion_is_kept() {
    let score = plain("[format]\ntype = 'scored'\n[opinion]\nstance = 'malicious'\n");
    for text in ["192.0.2.1 10\n192.0.2.1 90\n", "192.0.2.1 90\n192.0.2.1 10\n"] {
        let generation = build_text(&score, text);
        assert_eq!(generation.entries(), 1);
        assert_eq!(generation.entry(0).unwrap().opinion().confidence, 90);
    }
}

#[test]
fn a_file_is_named_by_its_content_and_opens_mapped() {
    let folder = tempfile::tempdir().unwrap();
    let mut builder = GenerationBuilder::new();
    for entry in entries(MIXED) {
        builder.push(&entry).unwrap();
    }
    let (built, path) = builder.finish_file(KindSet::ALL, folder.path()).unwrap();
    assert_eq!(path, folder.path().join(built.id.file_name()));
    let generation = Generation::open(&path).unwrap();
    assert_eq!((generation.id(), generation.entries(), built.entries), (built.id, 8, 8));
    assert_eq!(generation.size_bytes(), built.size_bytes);
    let mut values: Vec<_> = generation.iter().map(|entry| entry.value()).collect();
    values.sort_unstable();
    assert_eq!(values[0], "192.0.2.0/24");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file is left");
    let empty = folder.path().join("empty");
    std::fs::write(&empty, b"").unwrap();
    assert!(matches!(Generation::open(&empty), Err(OpenError::NotAnArtifact)));
    assert!(matches!(Generation::open(&folder.path().join("none")), Err(OpenError::Read(_))));
}

#[test]
fn truncated_and_changed_bytes_are_errors() {
    let good = bytes_of(&entries(MIXED), 0);
    for length in 0..good.len() {
        assert!(Generation::from_bytes(good[..length].to_vec()).is_err(), "{length} bytes");
    }
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 0x41;
        assert!(Generation::from_bytes(bad).is_err(), "byte {at}");
    }
    let mut longer = good;
    longer.push(0);
    assert!(matches!(Generation::from_bytes(longer), Err(OpenError::Length { .. })));
}

/// Puts the right digest on changed bytes, as a hostile writer would.
fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    if bytes.len() >= 96 {
        bytes[48..80].fill(0);
        let digest = *blake3::hash(&bytes).as_bytes();
        bytes[48..80].copy_from_slice(&digest);
    }
    bytes
}

#[test]
fn a_right_digest_over_wrong_bytes_is_an_error() {
    let good = bytes_of(&entries(MIXED), 0);
    assert!(sealed(good.clone()) == good);
    // The first key made the greatest: no longer sorted.
    let mut unsorted = good.clone();
    unsorted[96..112].fill(0xff);
    assert!(matches!(Generation::from_bytes(sealed(unsorted)), Err(OpenError::Malformed(_))));
    let mut version = good;
    version[8] = 9;
    assert!(matches!(Generation::from_bytes(sealed(version)), Err(OpenError::Version(9))));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_sealed_bytes_panic(changes in prop::collection::vec((0_usize..2_000, any::<u8>()), 1..8)) {
        let mut bytes = bytes_of(&entries(MIXED), 0);
        for (at, byte) in changes {
            let at = at % bytes.len();
            bytes[at] = byte;
        }
        if let Ok(generation) = Generation::from_bytes(sealed(bytes)) {
            let text: Vec<_> = generation.iter().map(|entry| format!("{entry:?} {:?}", entry.facts())).collect();
            prop_assert_eq!(text.len(), generation.entries() as usize);
            prop_assert_eq!(delta(&generation, &generation).count(), 0);
            let matcher = aggregator_sources::matcher::Matcher::new(vec![std::sync::Arc::new(generation)]).unwrap();
            for value in ["192.0.2.1", "example.com", "2001:db8::1", "http://example.com/a"] {
                crate::data::hits(&matcher, value);
            }
        }
    }
}

#[test]
fn deltas_of_the_four_dated_lists() {
    let definition = preset("spamhaus-drop");
    let dates = ["2021-08-28", "2024-01-16", "2024-01-20", "2024-02-25"];
    let mut lists = Vec::new();
    for date in dates {
        let file = format!("feeds/cidr-list/spamhaus-drop_{date}.txt");
        let Some((_, built)) = build_file(&definition, &file) else { return };
        lists.push(built);
    }
    let counted: Vec<_> = lists
        .windows(2)
        .map(|pair| (delta(&pair[0], &pair[1]).added().count(), delta(&pair[0], &pair[1]).removed().count()))
        .collect();
    assert_eq!(counted, [(249, 310), (0, 1), (8, 4)]);
    assert_eq!(lists[3].entries(), 989);
}

#[test]
fn a_delta_tells_added_removed_and_changed() {
    let score = plain("[format]\ntype = 'scored'\n[opinion]\nstance = 'malicious'\n");
    let before = build_text(&score, "192.0.2.1 10\n192.0.2.2 10\n2001:db8::/32 5\nexample.com 4\n");
    let after = build_text(&score, "192.0.2.2 20\n192.0.2.3 10\n2001:db8::/33 5\nexample.com 4\n");
    let mut told: Vec<_> = delta(&before, &after)
        .map(|change| match change {
            Change::Added(entry) => format!("+{}", entry.value()),
            Change::Removed(entry) => format!("-{}", entry.value()),
            Change::Changed { before, after } => {
                format!("~{} {}>{}", after.value(), before.opinion().confidence, after.opinion().confidence)
            }
        })
        .collect();
    told.sort();
    assert_eq!(told, ["+192.0.2.3", "+2001:db8::/33", "-192.0.2.1", "-2001:db8::/32", "~192.0.2.2 10>20"]);
}
