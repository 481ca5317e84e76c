//! The real texts and what must be found in each, read from the shared test data.
//!
//! The truth is made without the code under test finding anything: from hash lists published beside the reports, from
//! the answers of the case files, and, where a text comes without answers, by cutting it at white space and asking for
//! one word at a time what it is. `truth/` holds what a person read and decided.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use aggregator_domain::{Detection, Kind, detect};

#[path = "corpora/eset.rs"]
pub(crate) mod eset;
#[path = "corpora/extractit.rs"]
pub(crate) mod extractit;
#[path = "corpora/unit42.rs"]
pub(crate) mod unit42;
#[path = "corpora/yeti.rs"]
pub(crate) mod yeti;

/// An indicator as the score compares it: kind and canonical value.
pub(crate) type Indicator = (Kind, String);

/// One text and its truth.
pub(crate) struct Case {
    /// The file, or file and case.
    pub(crate) name: String,
    pub(crate) text: String,
    /// What must be found.
    pub(crate) expected: BTreeSet<Indicator>,
    /// The kinds the truth speaks about; what else is found is not judged.
    pub(crate) judged: Vec<Kind>,
}

/// One collection of texts.
pub(crate) struct Corpus {
    pub(crate) name: &'static str,
    pub(crate) cases: Vec<Case>,
}

/// Every corpus; `None`, said loudly, where the test data is not there.
pub(crate) fn all() -> Option<Vec<Corpus>> {
    let folder = folder()?;
    Some(vec![
        eset::reports(&folder),
        eset::lists(&folder),
        eset::defanged(&folder),
        unit42::texts(&folder),
        extractit::cases(&folder),
        yeti::cases(&folder),
    ])
}

/// The `extraction` folder of the test data; says what is skipped where it is absent.
pub(crate) fn folder() -> Option<PathBuf> {
    #[expect(
        clippy::disallowed_methods,
        reason = "a test finds its data without the platform crate's settings"
    )]
    let root = std::env::var_os("AGGREGATOR_TEST_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), PathBuf::from);
    let folder = root.join("extraction");
    if folder.is_dir() {
        return Some(folder);
    }
    #[expect(clippy::print_stderr, reason = "what is skipped is said loudly")]
    {
        eprintln!(
            "SKIPPED: extraction on real texts, because {} is absent; set AGGREGATOR_TEST_DATA",
            folder.display()
        );
    }
    None
}

/// The files of a folder whose names pass, in order, with their names.
pub(crate) fn files(folder: &Path, wanted: impl Fn(&str) -> bool) -> Vec<(String, String)> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("the folder is there")
        .map(|entry| entry.expect("an entry").path())
        .map(|path| (path.file_name().expect("a name").to_string_lossy().into_owned(), path))
        .filter(|(name, _)| wanted(name))
        .map(|(name, path)| (name, std::fs::read_to_string(path).expect("a text")))
        .collect();
    files.sort();
    files
}

/// What one word is, when it is one thing.
pub(crate) fn read(word: &str) -> Option<Indicator> {
    match detect(word) {
        Detection::One(parsed) => Some((parsed.indicator.kind(), parsed.indicator.value().to_owned())),
        _ => None,
    }
}

/// True for a whole word of as many hex digits as a hash has, no decimal number.
pub(crate) fn is_hash(word: &str) -> bool {
    matches!(word.len(), 32 | 40 | 64 | 128)
        && word.bytes().all(|byte| byte.is_ascii_hexdigit())
        && !word.bytes().all(|byte| byte.is_ascii_digit())
}

/// The lines of a committed table, its comments left out, cut at tabs.
pub(crate) fn table(text: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    text.lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| line.split('\t').collect())
}
