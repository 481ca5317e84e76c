//! `aggregator sources`, against a running server.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, OnceLock};

use serde_json::json;

use crate::operations::{refusing, text};
use crate::serving::Up;
use crate::{code, lines, run, stderr};

fn up() -> Up {
    let up = Up::start_with(&[
        ("AGGREGATOR_SOURCES_BASES", &refusing()),
        ("AGGREGATOR_EGRESS_ALLOW_PRIVATE", "127.0.0.0/8"),
        ("AGGREGATOR_FEEDS_REFRESH", "false"),
    ]);
    until_known(&up);
    up
}

/// Its worker makes the sources known one after the other.
fn until_known(up: &Up) {
    while !up.get("/api/v1/sources?limit=1000").contains("\"slug\":\"epss\"") {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

#[test]
fn sources_are_listed_with_how_they_are() {
    let up = up();
    let server = format!("http://{}", up.address);
    let ask = |arguments: &[&str]| run(&[&["sources", "list"], arguments, &["--server", &server]].concat());
    let listed = ask(&[]);
    assert_eq!(code(&listed), 0, "{}", stderr(&listed));
    for word in ["SOURCE", "STATE", "LIMITS", "epss", "first", "ready", "60 in 60 s"] {
        assert!(text(&listed).contains(word), "{word}: {}", text(&listed));
    }
    let entries = lines(&ask(&["--json", "--kind", "native"]));
    let epss = entries.iter().find(|entry| entry["slug"] == "epss").unwrap();
    assert_eq!((&epss["in_flight"], &epss["keyless"]), (&json!(0), &json!(true)), "{epss}");
    assert_eq!(lines(&ask(&["--json", "--kind", "feed"])).len(), 0);
    assert_eq!(code(&ask(&["--kind", "people"])), 2);
}

#[test]
fn a_test_of_a_source_tells_its_answer_by_words_and_by_exit_code() {
    let up = up();
    let server = format!("http://{}", up.address);
    let ask = |arguments: &[&str]| run(&[&["sources", "test"], arguments, &["--server", &server]].concat());

    let answered = ask(&["structure", "hxxp://login[.]example[.]com/a"]);
    assert_eq!(code(&answered), 0, "{}", stderr(&answered));
    let told = text(&answered);
    assert!(told.starts_with("structure: found, in "), "{told}");
    assert!(told.contains("Its host is login.example.com.\n"), "{told}");
    assert!(told.contains("has_host domain login.example.com\n"), "{told}");
    let result = lines(&ask(&["structure", "http://login.example.com/a", "--json"]));
    assert_eq!(
        (&result[0]["outcome"], &result[0]["data"]["host"]),
        (&json!("found"), &json!("login.example.com"))
    );

    // Its service refuses us: no answer is not an answer.
    let refused = ask(&["epss", "CVE-2021-44228"]);
    assert_eq!(code(&refused), 4, "{}", stderr(&refused));
    assert!(text(&refused).starts_with("epss: unauthorised, in "), "{}", text(&refused));

    for (arguments, problem) in [
        (&["nobody", "example.com"][..], "not_found"),
        (&["a/../b", "example.com"], "not_found"),
        (&["epss", "example.com"], "the source takes cve"),
        (&["epss", "hello"], "is no indicator"),
        (&["epss", "CVE-2021-44228", "--kind", "people"], "invalid_body"),
        (&["structure", "http://b.example.com/", "--wait", "0"], "no worker had done it after 0 s"),
    ] {
        let output = ask(arguments);
        assert_eq!(code(&output), 1, "{arguments:?}");
        assert!(stderr(&output).contains(problem), "{arguments:?}: {}", stderr(&output));
    }
    assert_eq!(code(&ask(&["epss"])), 2);
}

/// A service inside, which the operator allows, leads on to the API beside it.
#[test]
fn a_redirect_never_reaches_the_installation_itself() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("epss=http://{}", listener.local_addr().unwrap());
    let api = Arc::new(OnceLock::<String>::new());
    let leads_to = Arc::clone(&api);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            // What is asked does not matter, nor whether the answer arrives.
            let _ = stream.read(&mut [0; 4_096]);
            let to = leads_to.wait();
            let _ = write!(
                stream,
                "HTTP/1.1 302 Found\r\nLocation: http://{to}/api/v1/settings\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            );
        }
    });
    let up = Up::start_with(&[
        ("AGGREGATOR_SOURCES_BASES", &base),
        ("AGGREGATOR_EGRESS_ALLOW_PRIVATE", "127.0.0.0/8"),
        ("AGGREGATOR_FEEDS_REFRESH", "false"),
    ]);
    until_known(&up);
    api.set(up.address.clone()).unwrap();
    let server = format!("http://{}", up.address);
    let refused = run(&["sources", "test", "epss", "CVE-2021-44228", "--server", &server]);
    assert_eq!(code(&refused), 4, "{}", stderr(&refused));
    let told = text(&refused);
    assert!(told.starts_with("epss: refused, in "), "{told}");
    assert!(told.contains("a service of this installation, which is never asked"), "{told}");
}
