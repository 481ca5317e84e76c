//! `aggregator extract`.

use crate::{code, lines, run, run_into_closing_pipe, run_with_stdin, stderr};

#[test]
fn each_indicator_with_the_bytes_it_stands_at() {
    let text = "Köder: hxxps[:]//evil[.]example[.]com/gate.php and 192.0.2.1:8080.";
    let output = run_with_stdin(&["extract"], text.as_bytes());
    let lines = lines(&output);
    assert_eq!(code(&output), 0);
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert_eq!(lines[0]["indicator"]["value"], "https://evil.example.com/gate.php");
    assert_eq!(lines[1]["indicator"]["value"], "192.0.2.1");
    assert_eq!(lines[1]["indicator"]["port"], 8080);
    for line in &lines {
        let place = |name: &str| usize::try_from(line[name].as_u64().unwrap()).unwrap();
        assert_eq!(&text[place("start")..place("end")], line["raw"].as_str().unwrap());
    }
}

#[test]
fn places_count_from_the_first_byte_of_a_long_stream() {
    let mut text = "nothing here\n".repeat(50_000).into_bytes();
    let start = text.len();
    text.extend(b"evil[.]example[.]com\n\xFF\n192.0.2.7\n");
    let lines = lines(&run_with_stdin(&["extract", "-"], &text));
    assert_eq!(lines[0]["start"], start);
    assert_eq!(lines[0]["end"], start + 20);
    assert_eq!(lines[1]["start"], start + 23);
}

#[test]
fn html_is_read_as_a_reader_sees_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.html");
    let html = b"<p>evil<b>.example</b>&#46;com \xFF <a href='https://evil.example.org/x'>here</a></p>";
    std::fs::write(&file, html).unwrap();
    let lines = lines(&run(&["extract", "--html", file.to_str().unwrap()]));
    let values: Vec<&str> = lines.iter().map(|line| line["indicator"]["value"].as_str().unwrap()).collect();
    assert_eq!(values, ["evil.example.com", "https://evil.example.org/x"]);
    assert_eq!(lines[0]["start"], 3);
}

#[test]
fn a_table_when_asked_for() {
    let output = run_with_stdin(&["extract", "--table"], b"C2 192.0.2.1:443");
    let text = String::from_utf8(output.stdout).unwrap();
    let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
    let expected =
        [vec!["kind", "start", "end", "value"], vec!["ipv4", "3", "16", "192.0.2.1", "port", "443"]];
    assert_eq!(rows, expected);
}

#[test]
fn a_file_that_is_not_there_is_an_error() {
    let output = run(&["extract", "/no/such/file"]);
    assert_eq!(code(&output), 1);
    assert!(stderr(&output).contains("cannot open /no/such/file"), "{}", stderr(&output));
}

#[test]
fn a_reader_that_goes_away_is_no_panic() {
    let input = "C2 192.0.2.1\n".repeat(20_000);
    let output = run_into_closing_pipe(&["extract"], input.as_bytes());
    assert_eq!((code(&output), stderr(&output)), (0, String::new()));
}
