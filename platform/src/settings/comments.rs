//! What `default.toml` says of each key: the comment above it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::DEFAULTS;

static COMMENTS: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| read(DEFAULTS));

/// The description of a key; empty where there is none.
pub(super) fn comment(key: &str) -> &'static str {
    COMMENTS.get(key).map_or("", String::as_str)
}

fn read(text: &str) -> BTreeMap<String, String> {
    let mut comments = BTreeMap::new();
    let (mut section, mut above) = (String::new(), Vec::new());
    for line in text.lines().map(str::trim) {
        if let Some(comment) = line.strip_prefix('#') {
            above.push(comment.trim());
        } else if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            name.clone_into(&mut section);
            above.clear();
        } else {
            if let Some((name, _)) = line.split_once(" = ") {
                comments.insert(format!("{section}.{name}"), above.join(" "));
            }
            above.clear();
        }
    }
    comments
}

#[cfg(test)]
mod tests {
    use super::comment;

    #[test]
    fn a_comment_of_several_lines_belongs_to_the_key_below_it() {
        assert_eq!(comment("intake.max_indicators"), "Indicators in one submission.");
        let filter = comment("telemetry.filter");
        assert!(filter.starts_with("What is logged: ") && filter.ends_with("has to act on one."), "{filter}");
        assert_eq!(comment("intake.nothing"), "");
    }
}
