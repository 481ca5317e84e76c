//! The main job: values in, explained verdicts out, and nothing twice.

use serde_json::json;

use super::client::{fields, path_of};
use crate::harness::{Ground, Server};

const LINES: &str = "evil[.]example[.]com\n192.0.2.1:8080\nhttps://evil.example.com/a\nCVE-2021-44228\n\
                     hello\nEVIL.example.com\n192.0.2.1\ngood.example.org\n";

#[tokio::test]
async fn every_line_ends_as_an_explained_item_or_a_reject() {
    for ground in Ground::both().await {
        let server = Server::working(ground).await;
        server.list_feed("bad", ("intel", "malicious", 80), "evil.example.com\n192.0.2.1\n").await;
        server.list_feed("odd", ("intel", "suspicious", 40), "192.0.2.1\n").await;
        server.list_feed("known", ("warninglist", "unknown", 0), "192.0.2.1\n").await;
        let submission = server.finished("?label=first", "text/plain", LINES).await;
        assert_eq!(
            (&submission["lines"], &submission["rejected"], &submission["repeated"], &submission["total"]),
            (&json!(8), &json!(1), &json!(2), &json!(5)),
            "{submission}"
        );
        assert_eq!(
            submission["verdicts"],
            json!({"malicious": 2, "suspicious": 1, "benign": 0, "unknown": 2}),
            "{submission}"
        );
        assert_eq!((&submission["done"], &submission["total_final"]), (&json!(5), &json!(true)));
        let path = path_of(&submission);
        let items = server.all(&format!("{path}/items"), "items", 2).await;
        assert_eq!(
            fields(&items, "/value"),
            [
                "evil.example.com",
                "192.0.2.1",
                "https://evil.example.com/a",
                "CVE-2021-44228",
                "good.example.org"
            ]
        );
        assert_eq!(fields(&items, "/ordinal"), ["0", "1", "2", "3", "4"]);
        assert_eq!(
            items[0]["contexts"],
            json!([
                {"line": 1, "position": 0, "raw": "evil[.]example[.]com", "port": null},
                {"line": 6, "position": 0, "raw": "EVIL.example.com", "port": null},
            ])
        );
        assert_eq!(items[1]["contexts"][0]["port"], 8080);
        assert_eq!(
            items[1]["contexts"][1],
            json!({"line": 7, "position": 0, "raw": "192.0.2.1", "port": null})
        );
        // A warninglist caps what two lists say, and the explanation holds all three.
        assert_eq!(items[1]["verdict"]["stance"], "suspicious", "{}", items[1]);
        assert_eq!(
            fields(items[1]["verdict"]["reasons"].as_array().unwrap(), "/source"),
            ["bad", "odd", "known"]
        );
        assert_eq!(items[3]["verdict"], json!({"stance": "unknown", "confidence": 0, "reasons": []}));
        let rejects = server.all(&format!("{path}/rejects"), "rejects", 1).await;
        assert_eq!(rejects.len(), 1);
        assert_eq!(
            (&rejects[0]["line"], &rejects[0]["reason"], &rejects[0]["raw"]),
            (&json!(5), &json!("unrecognised"), &json!("hello"))
        );
    }
}

#[tokio::test]
async fn a_second_submission_adds_no_indicator_and_no_equal_finding() {
    for ground in Ground::both().await {
        let server = Server::working(ground).await;
        server.list_feed("bad", ("intel", "malicious", 80), "evil.example.com\n192.0.2.1\n").await;
        let first = server.finished_lines(LINES).await;
        let rows = &server.ground.rows;
        let counted = (rows.count("indicators").await, rows.count("findings").await);
        assert_eq!(counted.0, 5);
        let item = server.get(&format!("{first}/items/0")).await.json();
        let indicator = format!("/api/v1/indicators/{}", item["item"]["indicator_id"].as_str().unwrap());
        let before = server.get(&indicator).await.json();

        let second = server.finished_lines(LINES).await;
        assert_ne!(first, second);
        assert_eq!((rows.count("indicators").await, rows.count("findings").await), counted);
        let after = server.get(&indicator).await.json();
        assert_eq!(after["indicator"], before["indicator"]);
        assert_eq!(after["findings"][0]["version"], 1);
        assert_eq!(after["findings"][0]["found_at"], before["findings"][0]["found_at"]);
        let history = server.all(&format!("{indicator}/history"), "sightings", 1).await;
        let path =
            |sighting: &serde_json::Value| format!("/api/v1/submissions/{}", sighting["submission_id"]);
        assert_eq!(history.iter().map(path).collect::<Vec<_>>(), [second, first]);
        assert_eq!(fields(&history, "/stance"), ["malicious", "malicious"]);
    }
}

#[tokio::test]
async fn facets_are_the_items_counted_by_kind_and_verdict() {
    for ground in Ground::both().await {
        let server = Server::working(ground).await;
        server.list_feed("bad", ("intel", "malicious", 80), "evil.example.com\n").await;
        let path = server.finished_lines(LINES).await;
        let facets = server.get(&format!("{path}/facets")).await.json();
        let none = json!({"malicious": 0, "suspicious": 0, "benign": 0, "unknown": 1});
        assert_eq!(
            facets,
            json!({"kinds": [
                {"kind": "ipv4", "count": 1, "verdicts": none},
                {"kind": "domain", "count": 2, "verdicts": {"malicious": 1, "suspicious": 0, "benign": 0, "unknown": 1}},
                {"kind": "url", "count": 1, "verdicts": {"malicious": 1, "suspicious": 0, "benign": 0, "unknown": 0}},
                {"kind": "cve", "count": 1, "verdicts": none},
            ]})
        );
    }
}

/// A list's answer that was written while its indicator was removed: the next who sends it is not held up.
#[tokio::test]
async fn an_answer_that_outlived_its_indicator_holds_nobody_up() {
    for ground in Ground::both().await {
        let server = Server::working(ground).await;
        server.list_feed("bad", ("intel", "malicious", 80), "evil.example.com\n").await;
        server.finished("", "text/plain", "evil.example.com\n").await;
        server.ground.rows.execute("DELETE FROM indicators").await;
        let again = server.finished("", "text/plain", "evil.example.com\n").await;
        assert_eq!((&again["done"], &again["verdicts"]["malicious"]), (&json!(1), &json!(1)), "{again}");
        assert_eq!(server.ground.rows.count("chunks WHERE attempt > 1").await, 0);
    }
}
