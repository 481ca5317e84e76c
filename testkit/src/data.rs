//! The real data beside the repository.

use std::io::Write;
use std::path::PathBuf;

use crate::services::variable;

/// The folder of real test data: `AGGREGATOR_TEST_DATA`, default `../shared/data` beside the workspace.
///
/// `None` where it is absent, after a line on stderr that says so: the caller returns early. `make test` repeats that
/// line at its end.
pub fn data_dir() -> Option<PathBuf> {
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data");
    let folder = PathBuf::from(variable("AGGREGATOR_TEST_DATA", default));
    if folder.is_dir() {
        return Some(folder);
    }
    // A test whose stderr is closed has nobody to tell.
    let _ = writeln!(
        std::io::stderr(),
        "!!! SKIPPED: no test data at {}; set AGGREGATOR_TEST_DATA to run this test on real data",
        folder.display()
    );
    None
}

/// One file of the real test data, by its path inside it. `None`, said loudly, where the data is absent.
///
/// # Panics
/// Where the folder is there and the file is not: then a name is wrong, and skipping would hide it.
pub fn data_file(path: &str) -> Option<PathBuf> {
    let file = data_dir()?.join(path);
    assert!(file.exists(), "the test data holds no {path}; see its MANIFEST.tsv");
    Some(file)
}
