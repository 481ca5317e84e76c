//! Indicators ever seen: found, looked at, and where they were.

use serde_json::json;

use crate::harness::{Ground, Server};
use crate::submissions::fields;

const INDICATORS: &str = "/api/v1/indicators";
const LINES: &str = "evil.example.com\nwww.evil.example.com\nhttps://evil.example.com/A\nhttps://evil.example.com/a\n\
                     bob@evil.example.com\n192.0.2.1\n192.0.2.10\nd41d8cd98f00b204e9800998ecf8427e\n";

async fn values(server: &Server, query: &str, limit: usize) -> Vec<String> {
    let mut values =
        fields(&server.all(&format!("{INDICATORS}{query}"), "indicators", limit).await, "/value");
    values.sort();
    values
}

#[tokio::test]
async fn they_are_found_by_value_prefix_and_domain() {
    for ground in Ground::both().await {
        let server = Server::working(ground).await;
        server.finished_lines(LINES).await;
        for (query, expected) in [
            ("?value=evil%5B.%5Dexample.com", &["evil.example.com"][..]),
            ("?value=192.0.2.1:80", &["192.0.2.1"]),
            ("?value=D41D8CD98F00B204E9800998ECF8427E", &["d41d8cd98f00b204e9800998ecf8427e"]),
            ("?value=nothing.example.com", &[]),
            ("?value=nonsense", &[]),
            ("?value=192.0.2.1&kind=domain", &[]),
            ("?prefix=192.0.2.1", &["192.0.2.1", "192.0.2.10"]),
            ("?prefix=https://evil.example.com/A", &["https://evil.example.com/A"]),
            ("?prefix=HTTPS://", &[]),
            ("?prefix=https://&kind=domain", &[]),
            ("?prefix=192_0", &[]),
            (
                "?domain=evil.example.com",
                &["bob@evil.example.com", "evil.example.com", "www.evil.example.com"],
            ),
            ("?domain=evil.example.com&kind=email", &["bob@evil.example.com"]),
            ("?domain=vil.example.com", &[]),
        ] {
            for limit in [1, 1_000] {
                assert_eq!(values(&server, query, limit).await, expected, "{query}");
            }
        }
        for query in
            ["", "?kind=ipv4", "?value=a&prefix=b", "?value=", "?prefix=%00", "?domain=-", "?value=a&limit=0"]
        {
            server.get(&format!("{INDICATORS}{query}")).await.is_problem(400, "invalid_parameter");
        }
        let page = server.get(&format!("{INDICATORS}?prefix=192.&limit=1")).await.json();
        let cursor = page["next"].as_str().unwrap();
        server
            .get(&format!("{INDICATORS}?prefix=193.&cursor={cursor}"))
            .await
            .is_problem(400, "cursor_invalid");
    }
}

#[tokio::test]
async fn the_verdict_is_the_present_one_and_the_items_keep_theirs() {
    for ground in Ground::both().await {
        let server = Server::working(ground).await;
        let path = server.finished_lines(LINES).await;
        let found = server.get(&format!("{INDICATORS}?value=evil.example.com")).await.json();
        let id = found["indicators"][0]["id"].as_str().unwrap().to_owned();
        let before = server.get(&format!("{INDICATORS}/{id}")).await.json();
        assert_eq!(before["indicator"], found["indicators"][0]);
        assert_eq!(before["verdict"], json!({"stance": "unknown", "confidence": 0, "reasons": []}));
        assert_eq!(before["findings"], json!([]));
        assert_eq!(before["facts"]["registrable_domain"], "example.com");

        // A list that comes later speaks of what is known already.
        server.list_feed("late", ("intel", "malicious", 90), "evil.example.com\n").await;
        server.list_feed("known", ("warninglist", "unknown", 0), "evil.example.com\n").await;
        server.until_count("findings", |count| count >= 2).await;
        let after = loop {
            let after = server.get(&format!("{INDICATORS}/{id}")).await.json();
            if after["findings"].as_array().unwrap().len() == 2 {
                break after;
            }
            tokio::task::yield_now().await;
        };
        assert_eq!(
            (&after["verdict"]["stance"], &after["verdict"]["confidence"]),
            (&json!("suspicious"), &json!(50))
        );
        assert_eq!(fields(after["findings"].as_array().unwrap(), "/source"), ["known", "late"]);
        assert_eq!(fields(after["findings"].as_array().unwrap(), "/caps"), ["true", "false"]);
        assert_eq!(
            server.get(&format!("{path}/items/0")).await.json()["item"]["verdict"]["stance"],
            "unknown"
        );
        let history = server.all(&format!("{INDICATORS}/{id}/history"), "sightings", 1).await;
        assert_eq!(history.len(), 1);
        assert_eq!((&history[0]["ordinal"], &history[0]["stance"]), (&json!(0), &json!("unknown")));
    }
}

#[tokio::test]
async fn an_id_that_was_never_seen_is_not_found() {
    let server = Server::start().await;
    for id in ["x", "00000000000000000000000000000000", "d41d8cd98f00b204e9800998ecf8427", "%00"] {
        server.get(&format!("{INDICATORS}/{id}")).await.is_problem(404, "not_found");
        server.get(&format!("{INDICATORS}/{id}/history")).await.is_problem(404, "not_found");
    }
}
