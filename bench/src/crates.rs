//! B5 and B8: the speed of single crates, by their own examples.

use std::process::Command;

use crate::servers::run;

/// Crate, example, what it measures.
const EXAMPLES: [(&str, &str, &str); 3] = [
    ("aggregator-sources", "matcher_speed", "B5: one indicator against every list"),
    ("aggregator-domain", "detect_speed", "B8: one value a line, to a canonical indicator"),
    ("aggregator-domain", "extract_speed", "B8: indicators out of text"),
];

/// Title and output of every example. One that fails is reported in its place, loudly.
pub fn measure() -> Vec<(String, String)> {
    EXAMPLES
        .iter()
        .map(|(package, example, what)| {
            let arguments = ["run", "--release", "--locked", "--quiet", "-p", package, "--example", example];
            let output = run(Command::new("cargo").args(arguments))
                .unwrap_or_else(|error| format!("NOT MEASURED: {error}"));
            (
                format!("{what} (`cargo run --release -p {package} --example {example}`)"),
                output.trim_end().to_owned(),
            )
        })
        .collect()
}
