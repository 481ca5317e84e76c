//! docs/API.md: its examples do what it shows.

use std::fmt::Write;
use std::process::Command;

use crate::serving::Up;

/// An example: what is pasted into the shell, and lines of what comes out.
#[derive(Debug, Default)]
struct Example {
    line: usize,
    script: String,
    shown: Vec<String>,
}

/// The examples of a page: each `sh` block, with the other block that follows it.
fn examples(page: &str) -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    let mut inside: Option<&str> = None;
    for (number, line) in (1..).zip(page.lines()) {
        match (inside, line.strip_prefix("```")) {
            (Some(_), Some(_)) => inside = None,
            (None, Some(language)) => {
                inside = Some(language);
                if language == "sh" {
                    examples.push(Example { line: number, ..Example::default() });
                }
            }
            (Some("sh"), None) => writeln!(examples.last_mut().unwrap().script, "{line}").unwrap(),
            (Some(_), None) => examples.last_mut().unwrap().shown.push(line.to_owned()),
            (None, None) => {}
        }
    }
    examples
}

/// True when a line has what is shown of it: its parts between `…` in their order, the first at its beginning and the last at its
/// end.
fn shows(line: &str, shown: &str) -> bool {
    let Some((first, parts)) = shown.split_once('…') else { return line == shown };
    let Some(mut rest) = line.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = parts.split('…').collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[test]
fn what_is_shown_is_compared_whole_but_for_what_is_left_out() {
    for (line, shown, same) in [
        ("{\"id\":7,\"next\":null}", "{\"id\":…,\"next\":null}", true),
        ("{\"id\":7,\"next\":null}", "{\"id\":7,…", true),
        ("{\"id\":7,\"next\":null}", "{\"id\":7", false),
        ("{\"id\":7,\"next\":null}", "\"id\":7,…", false),
        ("{\"id\":7,\"next\":null}", "{\"next\":…\"id\":…", false),
        ("{\"id\":{\"a\":1},\"next\":null}", "{\"id\":…}", true),
        ("{\"id\":7,\"next\":\"a\"}", "{\"id\":…,\"next\":null}", false),
        ("HTTP/1.1 200 OK", "HTTP/1.1 202 Accepted", false),
    ] {
        assert_eq!(shows(line, shown), same, "{line} {shown}");
    }
}

#[test]
fn the_examples_of_the_guide_do_what_it_shows() {
    let has_curl = Command::new("curl").arg("--version").output().is_ok_and(|output| output.status.success());
    assert!(has_curl, "curl is missing: install it, the examples of docs/API.md are run with it");
    let page = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/API.md");
    let examples = examples(&std::fs::read_to_string(page).unwrap());
    assert!(examples.len() > 10, "only {} examples", examples.len());

    let outputs = tempfile::tempdir().unwrap();
    // One shell for all: a later example goes on with what an earlier one named.
    let mut script = "set -euo pipefail\n".to_owned();
    for example in &examples {
        let file = outputs.path().join(example.line.to_string());
        write!(script, "{{\n{}\n}} > '{}' 2>&1\n", example.script, file.display()).unwrap();
    }
    let up = Up::start_with(&[
        ("AGGREGATOR_FEEDS_REFRESH", "false"),
        // Nothing of the guide asks anybody; should it, it would end here.
        ("AGGREGATOR_EGRESS_PROXY", "http://127.0.0.1:9"),
        ("AGGREGATOR_SOURCES_RESOLVER", "127.0.0.1:9"),
    ]);
    let ran = Command::new("bash")
        .args(["-c", &script])
        .env("API", format!("http://{}/api/v1", up.address))
        .env("no_proxy", "127.0.0.1")
        .output()
        .unwrap();
    for example in &examples {
        let output = std::fs::read(outputs.path().join(example.line.to_string())).unwrap_or_default();
        let output = String::from_utf8(output).unwrap();
        for shown in example.shown.iter().filter(|line| !line.is_empty()) {
            let found = output.lines().any(|line| shows(line.trim_end_matches('\r'), shown));
            assert!(
                found,
                "docs/API.md:{}: this is shown, and no line of what came out is so:\n{shown}\n\nWhat came out:\n{output}",
                example.line
            );
        }
    }
    assert!(ran.status.success(), "an example failed: {ran:?}");
}
