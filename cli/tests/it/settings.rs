//! `aggregator settings`, against a running server, and what the doctor says of a damaged one.

use serde_json::json;

use crate::operations::text;
use crate::serving::Up;
use crate::{code, lines, run, stderr};

#[test]
fn settings_of_a_running_server_are_listed_set_and_reset() {
    let up = Up::start_with(&[("AGGREGATOR_FEEDS_REFRESH", "false")]);
    let server = format!("http://{}", up.address);
    let ask = |arguments: &[&str]| run(&[&["settings"], arguments, &["--server", &server]].concat());

    let listed = ask(&["list"]);
    assert_eq!(code(&listed), 0, "{}", stderr(&listed));
    for word in ["SETTING", "FROM", "intake.max_indicators", "1000000", "environment"] {
        assert!(text(&listed).contains(word), "{word}: {}", text(&listed));
    }
    assert_eq!(lines(&ask(&["list", "--json"])).len(), 11);

    let set = ask(&["set", "intake.max_indicators", "1_000"]);
    assert_eq!(code(&set), 0, "{}", stderr(&set));
    assert!(text(&set).starts_with("intake.max_indicators = 1000 (from database)\n"), "{}", text(&set));
    assert!(text(&set).contains("It takes 1 to 1000000; the default is 1000000."), "{}", text(&set));
    for (key, typed, value) in [
        ("egress.deny_hosts", "a.example, b.example", json!(["a.example", "b.example"])),
        ("egress.deny_hosts", "", json!([])),
        ("feeds.refresh", "true", json!(true)),
        ("telemetry.filter", "info,aggregator_worker=debug", json!("info,aggregator_worker=debug")),
    ] {
        assert_eq!(code(&ask(&["set", key, typed])), 0, "{key} {typed}");
        assert_eq!(lines(&ask(&["get", key, "--json"]))[0]["value"], value);
    }
    let reset = ask(&["reset", "feeds.refresh"]);
    assert!(text(&reset).starts_with("feeds.refresh = false (from environment)\n"), "{}", text(&reset));

    for (arguments, problem) in [
        (&["set", "intake.max_indicators", "many"][..], "expected a whole number from 1 to 1000000"),
        (&["set", "feeds.refresh", "perhaps"], "expected true or false"),
        (&["set", "http.listen", "127.0.0.1:1"], "restart_needed"),
        (&["reset", "http.listen"], "restart_needed"),
        (&["get", "http.listen"], "not_found"),
        (&["get", "no.such"], "not_found"),
        (&["get", "../queues"], "is no key"),
    ] {
        let output = ask(arguments);
        assert_eq!(code(&output), 1, "{arguments:?}");
        assert!(stderr(&output).contains(problem), "{arguments:?}: {}", stderr(&output));
    }
    assert_eq!(code(&ask(&["set", "feeds.refresh"])), 2);
    assert_eq!(code(&run(&["settings", "--check", "list"])), 2);
}

#[test]
fn the_log_follows_its_filter() {
    let mut up = Up::start_with(&[("AGGREGATOR_FEEDS_REFRESH", "false")]);
    let server = format!("http://{}", up.address);
    let set = |filter| run(&["settings", "set", "telemetry.filter", filter, "--server", &server]);
    assert_eq!(code(&set("info,aggregator_api::envelope=off")), 0);
    // The change is told before it is in force: only what comes after this line follows it.
    assert!(up.until_logged("the log follows another filter").contains("a setting changed"));
    // The answer of this is told no more, but the next change is.
    up.get("/livez");
    assert_eq!(code(&set("info")), 0);
    let told = up.until_logged("the log follows another filter");
    assert!(!told.contains("/livez"), "{told}");
    up.get("/livez");
    up.until_logged("/livez");
}
