//! ESET's published indicators: reports, and beside them the hashes of their samples.

use std::collections::BTreeSet;
use std::path::Path;

use aggregator_domain::Kind;

use super::{Case, Corpus, Indicator, files, is_hash, read, table};

const HASHES: [Kind; 4] = [Kind::Md5, Kind::Sha1, Kind::Sha256, Kind::Sha512];

/// Hashes of the reports that the sample lists leave out, read and decided one by one.
const BESIDE_THE_LISTS: &str = include_str!("../truth/eset-hashes.tsv");

/// The reports: every hash of the sample list that the report shows, and what a person found beside.
pub(crate) fn reports(folder: &Path) -> Corpus {
    let folder = folder.join("eset-reports");
    let lists = files(&folder, |name| name.contains("_samples."));
    let cases = files(&folder, |name| name.ends_with("README.adoc.txt")).into_iter().map(|(name, text)| {
        let family = name.trim_end_matches("_README.adoc.txt");
        let lower = text.to_ascii_lowercase();
        let listed = lists
            .iter()
            .filter(|(list, _)| list.split("_samples.").next() == Some(family))
            .flat_map(|(_, list)| list.lines())
            .map(|line| line.trim().to_ascii_lowercase())
            .filter(|hash| !hash.is_empty() && lower.contains(hash.as_str()))
            .filter_map(|hash| read(&hash));
        let decided = table(BESIDE_THE_LISTS).filter(|row| row[0] == family).filter_map(|row| read(row[1]));
        Case { expected: listed.chain(decided).collect(), judged: HASHES.to_vec(), name, text }
    });
    Corpus { name: "eset-reports", cases: cases.collect() }
}

/// The sample lists themselves: one hash a line.
pub(crate) fn lists(folder: &Path) -> Corpus {
    let cases = files(&folder.join("eset-reports"), |name| name.contains("_samples.")).into_iter().map(
        |(name, text)| {
            let expected = text.lines().filter_map(|line| read(line.trim())).collect();
            Case { name, text, expected, judged: Kind::ALL.to_vec() }
        },
    );
    Corpus { name: "eset-lists", cases: cases.collect() }
}

/// The defanged addresses of the reports: words between spaces, pipes, quotes and backticks that hold a mark.
pub(crate) fn defanged(folder: &Path) -> Corpus {
    let cases = files(&folder.join("eset-reports"), |name| name.ends_with("README.adoc.txt"))
        .into_iter()
        .map(|(name, text)| Case { expected: defanged_words(&text), judged: Vec::new(), name, text });
    Corpus { name: "eset-defanged", cases: cases.collect() }
}

fn defanged_words(text: &str) -> BTreeSet<Indicator> {
    text.split(|c: char| c.is_whitespace() || matches!(c, '|' | '`' | '"' | ',' | '\u{2018}' | '\u{2019}'))
        .filter(|word| word.contains("[.]") && !word.starts_with("magnet"))
        .filter_map(|word| read(word.split("[:]?").next().unwrap_or(word)).filter(|_| !is_hash(word)))
        .collect()
}
