//! Custom kinds of a server, as the commands read them.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Output;

use crate::serving::Up;
use crate::{aggregator, code, lines, stderr};

const KIND: &str =
    r#"{"slug": "employee_id", "name": "Employee number", "pattern": "E-[0-9]{5}", "normalise": "upper"}"#;

/// Makes the kind; the status line.
fn make(up: &Up) -> String {
    let mut stream = TcpStream::connect(&up.address).unwrap();
    write!(
        stream,
        "POST /api/v1/kinds HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{KIND}",
        KIND.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.lines().next().unwrap().to_owned()
}

#[test]
fn lookup_extract_and_submit_read_the_kinds_of_the_embedded_database() {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().to_str().unwrap().to_owned();
    let text = data.path().join("text");
    std::fs::write(&text, "Mail of (e-12345).\n").unwrap();
    let text = text.to_str().unwrap();
    let up = Up::running(
        "up",
        data,
        &[("AGGREGATOR_HTTP_LISTEN", "127.0.0.1:0"), ("AGGREGATOR_FEEDS_REFRESH", "false")],
    );
    assert_eq!(make(&up), "HTTP/1.1 201 Created");
    let run = |arguments: &[&str]| -> Output {
        aggregator(arguments).env("AGGREGATOR_DATA_DIR", &folder).output().unwrap()
    };
    for arguments in [
        &["lookup", "e-12345"][..],
        &["lookup", "--kind", "employee_id", "e-12345"],
        &["lookup", "--kind", "custom", "e-12345"],
        &["extract", text],
        &["extract", "--html", text],
    ] {
        let output = run(arguments);
        let line = lines(&output).remove(0);
        let indicator = &line["indicator"];
        assert_eq!(
            (&indicator["kind"], &indicator["value"]),
            (&"custom".into(), &"E-12345".into()),
            "{line}"
        );
        assert_eq!((&indicator["custom_kind"], code(&output)), (&"employee_id".into(), 0), "{line}");
    }
    for (arguments, shown) in [(&["lookup", "--table", "e-12345"][..], 0), (&["extract", "--table", text], 0)]
    {
        let output = run(arguments);
        let table = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            table.contains("employee_id") && table.contains("E-12345") && code(&output) == shown,
            "{table}"
        );
    }
    assert_eq!(code(&run(&["lookup", "--offline", "e-12345"])), 3);
    assert_eq!(lines(&run(&["extract", "--offline", text])).len(), 0);
    let unknown = run(&["lookup", "--kind", "nobody", "e-12345"]);
    assert!(code(&unknown) == 2 && stderr(&unknown).contains("`nobody` is no indicator kind"), "{unknown:?}");
    let none = run(&["lookup", "--kind", "No-Kind", "e-12345"]);
    assert!(code(&none) == 2 && stderr(&none).contains("slug of a custom kind"), "{none:?}");

    let server = format!("http://{}", up.address);
    let submitted = run(&["submit", "--format", "prose", "--wait", "--json", "--server", &server, text]);
    let line = lines(&submitted).remove(0);
    assert_eq!((&line["total"], &line["state"], code(&submitted)), (&1.into(), &"done".into(), 0), "{line}");
}
