//! The items of a submission: pages, filters, one of them, all of them.

use std::sync::Arc;

use reqwest::Method;
use serde_json::{Value, json};

use super::client::{fields, hosts, path_of};
use crate::harness::{Answer, Ground, Server};

const LINES: &str = "evil.example.com\n192.0.2.1\nhttps://evil.example.com/A\nhttps://evil.example.com/a\n\
                     CVE-2021-44228\nwww.evil.example.com\nbob@evil.example.com\nnotevil.example.com\n192.0.2.10\n";

async fn judged(ground: Ground) -> (Server, String) {
    let server = Server::working(ground).await;
    server.list_feed("bad", ("intel", "malicious", 80), "evil.example.com\n192.0.2.1\n").await;
    server.list_feed("fine", ("intel", "benign", 60), "notevil.example.com\n").await;
    let path = server.finished_lines(LINES).await;
    (server, path)
}

async fn values(server: &Server, path: &str, query: &str, limit: usize) -> Vec<String> {
    fields(&server.all(&format!("{path}/items{query}"), "items", limit).await, "/value")
}

#[tokio::test]
async fn filters_narrow_together() {
    for ground in Ground::both().await {
        let (server, path) = judged(ground).await;
        let urls = ["https://evil.example.com/A", "https://evil.example.com/a"];
        for (query, expected) in [
            ("?kind=url", &urls[..]),
            ("?kind=cve", &["CVE-2021-44228"]),
            ("?kind=md5", &[]),
            ("?verdict=benign", &["notevil.example.com"]),
            ("?verdict=suspicious", &[]),
            ("?verdict=malicious&kind=ipv4", &["192.0.2.1"]),
            ("?verdict=unknown&kind=ipv4", &["192.0.2.10"]),
            ("?state=queued", &[]),
            ("?state=done&kind=cve", &["CVE-2021-44228"]),
            ("?source=fine", &["notevil.example.com"]),
            ("?source=unheard", &[]),
            ("?value=evil%5B.%5Dexample%5B.%5Dcom", &["evil.example.com"]),
            ("?value=hxxps://evil%5B.%5Dexample.com/a", &urls[1..]),
            ("?value=cve-2021-44228", &["CVE-2021-44228"]),
            ("?value=192.0.2.1:443", &["192.0.2.1"]),
            ("?value=192.0.2.1&kind=cve", &[]),
            ("?value=nonsense", &[]),
            ("?prefix=192.0.2.1", &["192.0.2.1", "192.0.2.10"]),
            ("?prefix=hxxps://evil%5B.%5Dexample.com/A", &urls[..1]),
            ("?prefix=192_0", &[]),
            ("?prefix=%25", &[]),
            (
                "?domain=evil.example.com",
                &["evil.example.com", "www.evil.example.com", "bob@evil.example.com"],
            ),
            ("?domain=EVIL%5B.%5Dexample.com.&kind=domain", &["evil.example.com", "www.evil.example.com"]),
            ("?domain=*.evil.example.com&kind=email", &["bob@evil.example.com"]),
            ("?domain=il.example.com", &[]),
        ] {
            for limit in [1, 1_000] {
                assert_eq!(values(&server, &path, query, limit).await, expected, "{query}");
            }
        }
        for query in [
            "?value=a&prefix=b",
            "?prefix=a&domain=b.com",
            "?value=",
            "?prefix=%00",
            "?source=%00",
            "?domain=1.2.3.4",
            "?domain=a%20b",
            "?kind=ip",
            "?verdict=bad",
            "?state=open",
            "?from=-1",
            "?from=x",
            "?limit=0",
            "?limit=1001",
            "?infix=a",
        ] {
            server.get(&format!("{path}/items{query}")).await.is_problem(400, "invalid_parameter");
        }
    }
}

/// A page looks at so many items and no more; what lies far behind is found by going on.
#[tokio::test]
async fn what_lies_far_behind_is_found_by_going_on() {
    for ground in Ground::both().await {
        let server = Server::working(ground).await;
        // More of one domain than are looked up by identity, then one of another, then a kind of its own.
        let hosts = (0..10_100).map(|n| format!("h{n}.example.com"));
        let lines: Vec<String> =
            hosts.chain(["far.example.net".to_owned(), "CVE-2021-44228".to_owned()]).collect();
        let path = server.finished_lines(&lines.join("\n")).await;
        for (query, expected) in [
            ("?domain=example.net", "far.example.net"),
            ("?prefix=far.e", "far.example.net"),
            ("?prefix=h10099", "h10099.example.com"),
            ("?kind=cve", "CVE-2021-44228"),
            ("?kind=cve&prefix=C", "CVE-2021-44228"),
        ] {
            assert_eq!(values(&server, &path, query, 1_000).await, [expected], "{query}");
        }
        assert_eq!(values(&server, &path, "?domain=example.com", 1_000).await.len(), 10_100);
        assert_eq!(values(&server, &path, "?domain=example.com&kind=cve", 1_000).await.len(), 0);
    }
}

#[tokio::test]
async fn pages_are_in_input_order_and_their_cursors_stay_where_they_belong() {
    for ground in Ground::both().await {
        let server = Server::on(Arc::new(ground), &[], |state| state).await;
        let lines: Vec<String> =
            (0..2_345).map(|n| format!("host{}.example.com", (n * 11) % 2_345)).collect();
        let path = path_of(&server.submit("", "text/plain", lines.join("\n")).await.json());
        for limit in [1_000, 999, 333] {
            assert_eq!(values(&server, &path, "", limit).await, lines, "limit {limit}, waiting");
        }
        // Filtered, what waits is found as well.
        assert_eq!(values(&server, &path, "?value=host7.example.com", 10).await, ["host7.example.com"]);
        assert_eq!(values(&server, &path, "?state=queued&kind=domain", 1_000).await, lines);
        assert!(values(&server, &path, "?kind=cve", 10).await.is_empty());
        server.work();
        server.follow(&path, "").await;
        assert_eq!(values(&server, &path, "", 1_000).await, lines);
        assert_eq!(values(&server, &path, "?prefix=host77&kind=domain", 3).await.len(), 11);

        let page = server.get(&format!("{path}/items?limit=5&kind=domain")).await.json();
        let cursor = page["next"].as_str().unwrap();
        assert_eq!(
            server.get(&format!("{path}/items?limit=1&kind=domain&cursor={cursor}")).await.json()["items"][0]
                ["ordinal"],
            5
        );
        let altered =
            format!("{}{}", &cursor[..cursor.len() - 1], if cursor.ends_with('0') { '1' } else { '0' });
        for query in [
            format!("?cursor={cursor}"),
            format!("?kind=url&cursor={cursor}"),
            format!("?kind=domain&cursor={altered}"),
            "?cursor=zz".to_owned(),
        ] {
            server.get(&format!("{path}/items{query}")).await.is_problem(400, "cursor_invalid");
        }
        let other = path_of(&server.submit("", "text/plain", "192.0.2.1").await.json());
        server
            .get(&format!("{other}/items?kind=domain&cursor={cursor}"))
            .await
            .is_problem(400, "cursor_invalid");
    }
}

#[tokio::test]
async fn one_item_comes_with_facts_and_findings() {
    for ground in Ground::both().await {
        let (server, path) = judged(ground).await;
        let details = server.get(&format!("{path}/items/5")).await.json();
        assert_eq!(details["item"]["value"], "www.evil.example.com");
        assert_eq!(
            details["facts"],
            json!({
                "defanged": "www[.]evil[.]example[.]com", "host": null, "registrable_domain": "example.com",
                "public_suffix": "com", "namespace": "icann", "special_range": null,
            })
        );
        let details = server.get(&format!("{path}/items/1")).await.json();
        assert_eq!(details["facts"]["special_range"]["name"], "Documentation (TEST-NET-1)");
        let finding = &details["findings"][0];
        for (field, value) in [
            ("source", json!("bad")),
            ("outcome", json!("found")),
            ("stance", json!("malicious")),
            ("confidence", json!(80)),
            ("version", json!(1)),
            ("caps", json!(false)),
        ] {
            assert_eq!(finding[field], value, "{finding}");
        }
        assert_eq!(finding["data"]["entries"][0]["value"], "192.0.2.1");
        assert_eq!(details["item"]["verdict"]["reasons"][0]["text"], finding["summary"]);
        let url = server.get(&format!("{path}/items/2")).await.json();
        assert_eq!(
            (&url["facts"]["host"], &url["facts"]["defanged"]),
            (&json!("evil.example.com"), &json!("hxxps://evil[.]example[.]com/A"))
        );
    }
}

#[tokio::test]
async fn of_an_item_written_often_a_page_shows_some_and_says_so() {
    for ground in Ground::both().await {
        let server = Server::on(Arc::new(ground), &[], |state| state).await;
        let mut lines = "192.0.2.1\n".repeat(1_500);
        lines.push_str(&"192.0.2.2\n".repeat(20));
        let path = path_of(&server.submit("", "text/plain", lines).await.json());
        let items = server.all(&format!("{path}/items"), "items", 9).await;
        let shown = |item: &Value| {
            (item["contexts"].as_array().unwrap().len(), item["more_contexts"].as_bool().unwrap())
        };
        assert_eq!(items.iter().map(shown).collect::<Vec<_>>(), [(20, true), (20, false)]);
        assert_eq!(fields(items[1]["contexts"].as_array().unwrap(), "/line")[..2], ["1501", "1502"]);
        let alone = server.get(&format!("{path}/items/0")).await.json();
        assert_eq!(shown(&alone["item"]), (1_000, true));
        assert_eq!(alone["item"]["contexts"][999]["line"], 1_000);
    }
}

async fn accepting(server: &Server, path: &str, accept: &str) -> Answer {
    server.send(server.request(Method::GET, path).header("accept", accept)).await
}

#[tokio::test]
async fn all_items_stream_as_csv_and_ndjson() {
    for ground in Ground::both().await {
        let (server, path) = judged(ground).await;
        let items = format!("{path}/items");
        let csv = accepting(&server, &items, "text/csv").await;
        assert_eq!(
            (csv.status, csv.header("content-type")),
            (200, "text/csv; charset=utf-8; header=present")
        );
        assert!(
            csv.header("content-disposition").starts_with("attachment; filename=\"submission-"),
            "{csv:?}"
        );
        let rows: Vec<&str> = csv.body.split("\r\n").collect();
        assert_eq!(rows.len(), 9 + 2, "{}", csv.body);
        assert_eq!(
            rows[0],
            "\"ordinal\",\"line\",\"raw\",\"port\",\"kind\",\"value\",\"state\",\"verdict\",\"confidence\",\"reasons\",\"custom_kind\""
        );
        assert_eq!(
            rows[2],
            "\"1\",\"2\",\"192.0.2.1\",\"\",\"ipv4\",\"192.0.2.1\",\"done\",\"malicious\",\"80\",\"bad: Listed by List bad\",\"\""
        );
        assert_eq!(rows[10], "");
        let ndjson = accepting(&server, &items, "application/x-ndjson").await;
        assert_eq!((ndjson.status, ndjson.header("content-type")), (200, "application/x-ndjson"));
        let lines: Vec<Value> = ndjson.body.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines, server.all(&items, "items", 4).await);
        // A filter narrows them all.
        let one = accepting(&server, &format!("{items}?kind=cve"), "application/x-ndjson").await;
        assert_eq!(one.body.lines().count(), 1);
        assert_eq!(
            accepting(&server, &format!("{items}?kind=md5"), "text/csv").await.body,
            format!("{}\r\n", rows[0])
        );
        for accept in ["application/xml", "text/csv;q=0", "image/*"] {
            let detail = accepting(&server, &items, accept).await.is_problem(406, "not_acceptable");
            assert!(detail.contains("text/csv"), "{detail}");
        }
        for query in ["?limit=5", "?cursor=00"] {
            accepting(&server, &format!("{items}{query}"), "text/csv")
                .await
                .is_problem(400, "invalid_parameter");
        }
        accepting(&server, "/api/v1/submissions/999/items", "text/csv").await.is_problem(404, "not_found");
        for accept in ["*/*", "application/json", "text/html, */*;q=0.8"] {
            assert_eq!(
                accepting(&server, &items, accept).await.header("content-type"),
                "application/json",
                "{accept}"
            );
        }
    }
}

#[tokio::test]
async fn a_long_stream_has_every_item_once_whether_it_is_screened_or_waits() {
    for ground in Ground::both().await {
        let server = Server::on(Arc::new(ground), &[], |state| state).await;
        let lines = hosts(5_432);
        let path = path_of(&server.submit("", "text/plain", lines.join("\n")).await.json());
        for _ in 0..2 {
            let csv = accepting(&server, &format!("{path}/items"), "text/csv").await;
            let values: Vec<String> =
                csv.body.lines().skip(1).map(|row| row.split('"').nth(11).unwrap().to_owned()).collect();
            assert_eq!(values, lines);
            let csv = accepting(&server, &format!("{path}/items?sort=-ordinal&from=5000"), "text/csv").await;
            let values = csv.body.lines().skip(1).map(|row| row.split('"').nth(11).unwrap());
            assert!(values.eq(lines[..=5_000].iter().rev()), "{}", csv.body);
            // A text may be looked for part by part.
            let mut backwards = self::values(&server, &path, "?sort=-ordinal&prefix=host1", 400).await;
            backwards.reverse();
            assert_eq!(backwards, self::values(&server, &path, "?prefix=host1", 700).await);
            server.work();
            server.follow(&path, "").await;
        }
    }
}

#[tokio::test]
async fn a_list_is_entered_in_the_middle() {
    for ground in Ground::both().await {
        let server = Server::on(Arc::new(ground), &[], |state| state).await;
        let lines = hosts(2_345);
        let path = path_of(&server.submit("", "text/plain", lines.join("\n")).await.json());
        // While they wait, and as rows.
        for _ in 0..2 {
            for from in [0, 1, 999, 2_000, 2_344, 2_345, i32::MAX] {
                let expected = lines.get(usize::try_from(from).unwrap()..).unwrap_or_default();
                let query = format!("?from={from}");
                assert_eq!(values(&server, &path, &query, 700).await, expected, "{from}");
                let until = lines.len().min(usize::try_from(from).unwrap().saturating_add(1));
                let mut expected_back = lines[..until].to_vec();
                expected_back.reverse();
                let back = values(&server, &path, &format!("{query}&sort=-ordinal"), 700).await;
                assert_eq!(back, expected_back, "{from}");
                let csv = accepting(&server, &format!("{path}/items{query}"), "text/csv").await.body;
                assert_eq!(csv.lines().count() - 1, expected.len(), "{from}");
            }
            let last = format!("?from=1&kind=domain&value={}", lines[0]);
            assert!(values(&server, &path, &last, 10).await.is_empty());
            server.work();
            server.follow(&path, "").await;
        }
        let page = server.get(&format!("{path}/items?from=5&limit=1")).await.json();
        let next = page["next"].as_str().unwrap();
        server.get(&format!("{path}/items?from=6&cursor={next}")).await.is_problem(400, "cursor_invalid");
    }
}

#[tokio::test]
async fn what_a_spreadsheet_would_run_is_defused() {
    let server = Server::start().await;
    let body = json!({"indicators": ["=cmd@example.com", "+1@example.com", "-2@example.com", "\"q\"@example.com", "192.0.2.1"]});
    let submission = server.submit("", "application/json", body.to_string()).await.json();
    let csv = accepting(&server, &format!("{}/items", path_of(&submission)), "text/csv").await.body;
    for row in csv.split("\r\n").filter(|row| !row.is_empty()) {
        for cell in row.strip_prefix('"').unwrap().strip_suffix('"').unwrap().split("\",\"") {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']), "{cell} in {row}");
        }
    }
    for defused in ["\"'=cmd@example.com\"", "\"'+1@example.com\"", "\"'-2@example.com\""] {
        assert!(csv.contains(defused), "{defused} not in {csv}");
    }
}
