//! `aggregator lookup`.

use serde_json::json;

use crate::{code, lines, run, run_into_closing_pipe, run_with_stdin, stderr};

#[test]
fn one_line_of_json_a_value_into_a_pipe() {
    let output = run(&["lookup", "hxxps://login[.]evil[.]example[.]co[.]uk/a", "10.1.2.3:8080"]);
    assert_eq!(code(&output), 0);
    let lines = lines(&output);
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["result"], "detected");
    assert_eq!(lines[0]["indicator"]["kind"], "url");
    assert_eq!(lines[0]["indicator"]["value"], "https://login.evil.example.co.uk/a");
    assert_eq!(lines[0]["facts"], json!({"registrable_domain": "example.co.uk", "namespace": "icann"}));
    assert_eq!(lines[0]["verdict"]["stance"], "unknown");
    assert_eq!(lines[1]["indicator"]["value"], "10.1.2.3");
    assert_eq!(lines[1]["indicator"]["port"], 8080);
    assert_eq!(
        lines[1]["facts"]["special_purpose"],
        json!({"name": "Private-Use", "network": "10.0.0.0/8", "rfc": "RFC 1918", "globally_reachable": false})
    );
}

#[test]
fn a_table_when_asked_for() {
    let output = run(&["lookup", "--table", "192[.]0[.]2[.]1", "\u{1b}[31mred"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("192.0.2.1") && text.contains("Documentation (TEST-NET-1)"), "{text}");
    assert!(text.contains("\\u{1b}[31mred") && !text.contains('\u{1b}'), "no escape sequence passes: {text}");
}

#[test]
fn a_shipped_list_is_matched_and_names_itself() {
    let output = run(&["lookup", "d41d8cd98f00b204e9800998ecf8427e"]);
    let line = &lines(&output)[0];
    let reasons = line["verdict"]["reasons"].as_array().unwrap();
    assert!(reasons.iter().any(|reason| reason["source"] == "warninglist-empty-hashes"), "{line}");
    assert_eq!(line["verdict"]["stance"], "benign");
    assert_eq!(code(&output), 0);
}

#[test]
fn a_feed_of_the_callers_gives_the_verdict_and_the_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("drop.txt");
    std::fs::write(&file, "; Spamhaus DROP List\n203.0.113.0/24 ; SBL1\n").unwrap();
    let feed = format!("spamhaus-drop={}", file.display());
    let output = run(&["lookup", "--feed", &feed, "203.0.113.9", "192.0.2.1"]);
    let lines = lines(&output);
    assert_eq!(lines[0]["verdict"]["stance"], "malicious", "{}", lines[0]);
    assert_eq!(lines[0]["verdict"]["reasons"][0]["source"], "spamhaus-drop");
    assert_eq!(lines[1]["verdict"]["stance"], "unknown");
    assert_eq!(code(&output), 20);
}

#[test]
fn a_feed_that_is_none_is_an_error_with_the_next_step() {
    let output = run(&["lookup", "--feed", "no-such-feed=/dev/null", "192.0.2.1"]);
    assert_eq!(code(&output), 1);
    assert!(stderr(&output).contains("no feed is called no-such-feed"), "{}", stderr(&output));
    let output = run(&["lookup", "--feed", "spamhaus-drop", "192.0.2.1"]);
    assert_eq!(code(&output), 2);
}

#[test]
fn what_is_not_recognised_says_why_and_shows_in_the_exit_code() {
    let output = run(&["lookup", "hello", "192.0.2.1"]);
    assert_eq!(code(&output), 3);
    let lines = lines(&output);
    assert_eq!(lines[0]["result"], "rejected");
    assert_eq!(lines[0]["reason"], "unrecognised");
    assert_eq!(lines[1]["result"], "detected", "the others are answered all the same");
}

#[test]
fn naming_the_kind_reads_it_as_that_kind() {
    let output = run(&["lookup", "--kind", "asn", "13335"]);
    assert_eq!(lines(&output)[0]["indicator"]["value"], "AS13335");
    let output = run(&["lookup", "--kind", "nonsense", "13335"]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("sha256"), "the kinds are listed: {}", stderr(&output));
}

#[test]
fn stdin_and_files_are_read_line_by_line_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("list.txt");
    std::fs::write(&file, "\u{feff}192.0.2.2\r\n\r\n# not this\nCVE-2021-44228").unwrap();
    let output =
        run_with_stdin(&["lookup", "192.0.2.1", "-", "--file", file.to_str().unwrap()], b"AS13335\n");
    let lines = lines(&output);
    let values: Vec<&str> = lines.iter().map(|line| line["indicator"]["value"].as_str().unwrap()).collect();
    assert_eq!(values, ["192.0.2.1", "AS13335", "192.0.2.2", "CVE-2021-44228"]);
    assert_eq!(code(&output), 0);
}

#[test]
fn bytes_that_are_no_text_are_answers() {
    let mut input = b"caf\xE9.example\nx\0y\n".to_vec();
    input.extend(vec![b'a'; 100_000]);
    input.extend(b"\n192.0.2.1\n");
    let output = run_with_stdin(&["lookup", "-"], &input);
    let lines = lines(&output);
    let reasons: Vec<&str> = lines.iter().filter_map(|line| line["reason"].as_str()).collect();
    assert_eq!(reasons, ["invalid_utf8", "nul_byte", "too_long"]);
    assert_eq!(lines[3]["indicator"]["value"], "192.0.2.1");
    assert_eq!(code(&output), 3);
}

#[test]
fn a_file_that_is_not_there_is_an_error_after_the_answers_before_it() {
    for format in ["--json", "--table"] {
        let output = run(&["lookup", format, "192.0.2.1", "--file", "/no/such/file"]);
        assert_eq!(code(&output), 1);
        assert!(String::from_utf8_lossy(&output.stdout).contains("TEST-NET-1"), "{format}");
        assert!(stderr(&output).contains("cannot open /no/such/file"), "{}", stderr(&output));
    }
}

#[test]
fn nothing_to_look_up_is_wrong_usage() {
    for arguments in [&["lookup"][..], &["lookup", "--json"]] {
        let output = run(arguments);
        assert_eq!(code(&output), 2);
        assert!(stderr(&output).contains("--file"), "{}", stderr(&output));
    }
}

#[test]
fn a_reader_that_goes_away_is_no_panic() {
    let input = "192.0.2.1\n".repeat(20_000);
    let output = run_into_closing_pipe(&["lookup", "-"], input.as_bytes());
    assert_eq!((code(&output), stderr(&output)), (0, String::new()));
}
