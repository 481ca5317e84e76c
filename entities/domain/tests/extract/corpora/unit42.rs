//! Unit 42's appendices: defanged addresses between hashes, file names and paths.

use std::collections::BTreeSet;
use std::path::Path;

use aggregator_domain::Kind;

use super::{Case, Corpus, Indicator, files, is_hash, read, table};

/// What is written without marks inside a line of prose and is an indicator all the same.
const PLAIN: &str = include_str!("../truth/unit42-plain.tsv");

/// Every text with its truth for every kind.
pub(crate) fn texts(folder: &Path) -> Corpus {
    let cases = files(&folder.join("unit42-defanged"), |_| true).into_iter().map(|(name, text)| {
        let expected = text.lines().flat_map(line).collect();
        Case { name, text, expected, judged: Kind::ALL.to_vec() }
    });
    Corpus { name: "unit42", cases: cases.collect() }
}

fn line(line: &str) -> BTreeSet<Indicator> {
    let line = line.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    // A line of a list is one value; `date,hash` columns follow some.
    if !line.contains(char::is_whitespace) {
        return read(line).filter(|_| !is_file(line)).into_iter().collect();
    }
    line.split_whitespace().flat_map(|word| word.split(',')).filter_map(word).collect()
}

fn word(word: &str) -> Option<Indicator> {
    let word = word.trim_matches(['<', '>', '(', ')', '"', ';', ':']);
    // `([192.0.2.1])`: the outer brackets of what is no mark.
    let word = word.strip_prefix('[').and_then(|word| word.strip_suffix(']')).unwrap_or(word);
    let marked = word.contains("[.]") || word.to_ascii_lowercase().starts_with("hxxp");
    let host = table(PLAIN).any(|row| row[0] == word);
    let quad = word.parse::<std::net::Ipv4Addr>().is_ok();
    let cve = word.starts_with("CVE-");
    if marked || host || quad || cve || is_hash(word) { read(word) } else { None }
}

/// File names stand alone on a line as well.
fn is_file(line: &str) -> bool {
    line.contains('\\') || line.starts_with('/')
}
