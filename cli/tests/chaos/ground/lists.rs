//! Lists to match against: a part of what is submitted, so that screening writes findings and verdicts worth counting.

use std::fs;
use std::path::{Path, PathBuf};

use crate::material::Material;
use crate::scale::Scale;

/// A list: its slug, its stance, and which values are on it (one in so many).
const LISTS: [(&str, &str, usize); 2] =
    [("chaos-listed", "malicious", 3), ("chaos-watched", "suspicious", 5)];

/// Values the short form looks at for its lists: importing all of them takes a debug build longer than the fault.
const REACHED: usize = 40_000;

/// Arguments of `aggregator feeds` that import each list; its files are written into `folder`.
pub(crate) fn imports(folder: &Path, material: &Material) -> Vec<Vec<String>> {
    LISTS
        .iter()
        .map(|(slug, stance, one_in)| {
            let definition = write(folder, &format!("{slug}.toml"), &definition(slug, stance));
            let list = write(folder, &format!("{slug}.txt"), &list(material, *one_in));
            let arguments = ["feeds", "import", "--definition", &definition, "--file", &list];
            arguments.iter().map(ToString::to_string).collect()
        })
        .collect()
}

fn definition(slug: &str, stance: &str) -> String {
    format!(
        "slug = \"{slug}\"
name = \"{slug}\"
provider = \"the chaos suite\"
location = \"https://lists.invalid/{slug}.txt\"
licence = \"none\"
role = \"intel\"
refresh_seconds = 86400
min_rows = 1
format = {{ type = \"plain\" }}
opinion = {{ stance = \"{stance}\", confidence = 80 }}
"
    )
}

/// Only values that mean themselves: no port, no path.
fn list(material: &Material, one_in: usize) -> String {
    let reached = if Scale::of_run().long { usize::MAX } else { REACHED };
    let plain = material.values().take(reached).filter(|value| !value.contains([':', '/', '@']));
    plain.step_by(one_in).collect::<Vec<_>>().join("\n")
}

fn write(folder: &Path, name: &str, text: &str) -> String {
    let file: PathBuf = folder.join(name);
    fs::write(&file, text).expect("a file can be written");
    file.display().to_string()
}
