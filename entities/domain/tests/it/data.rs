//! The shared test data: `AGGREGATOR_TEST_DATA`, by default `../shared/data` beside the workspace.

use std::path::PathBuf;

use serde_json::Value;

/// A file of the shared data; `None`, said loudly, where the data is absent.
pub(crate) fn read(path: &str) -> Option<String> {
    #[expect(
        clippy::disallowed_methods,
        reason = "tests find the shared data by this variable, not by a setting"
    )]
    let root = std::env::var_os("AGGREGATOR_TEST_DATA").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")),
        PathBuf::from,
    );
    let file = root.join(path);
    match std::fs::read_to_string(&file) {
        Ok(text) => Some(text),
        Err(error) if root.is_dir() => panic!("{}: {error}", file.display()),
        Err(_) => {
            #[expect(clippy::print_stderr, reason = "a skipped test is said loudly")]
            {
                eprintln!(
                    "SKIPPED {path}: no shared data at {}; set AGGREGATOR_TEST_DATA to its folder",
                    root.display()
                );
            }
            None
        }
    }
}

/// The same, parsed as JSON.
pub(crate) fn read_json(path: &str) -> Option<Value> {
    read(path).map(|text| serde_json::from_str(&text).unwrap())
}
