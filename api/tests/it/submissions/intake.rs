//! Every format a submission comes in, and what is wrong with one.

use serde_json::{Value, json};

use super::client::{SUBMISSIONS, fields, path_of};
use crate::harness::Server;

/// Submits without anybody working: what was read shows at once.
async fn read(
    server: &Server,
    query: &str,
    media_type: &str,
    body: impl Into<reqwest::Body>,
) -> (Value, Vec<Value>, Vec<Value>) {
    let answer = server.submit(query, media_type, body).await;
    assert!(matches!(answer.status, 200 | 202), "{answer:?}");
    let submission = answer.json();
    let path = path_of(&submission);
    let items = server.all(&format!("{path}/items"), "items", 3).await;
    let rejects = server.all(&format!("{path}/rejects"), "rejects", 2).await;
    assert_eq!(submission["total"], items.len(), "{submission}");
    assert_eq!(submission["rejected"], rejects.len(), "{submission}");
    (submission, items, rejects)
}

/// (line, raw, port) of an item's first context.
fn places(items: &[Value]) -> Vec<(i64, &str, Option<i64>)> {
    items
        .iter()
        .map(|item| {
            let context = &item["contexts"][0];
            (context["line"].as_i64().unwrap(), context["raw"].as_str().unwrap(), context["port"].as_i64())
        })
        .collect()
}

#[tokio::test]
async fn lines_whatever_their_ends() {
    let server = Server::start().await;
    let body = "\u{feff}192.0.2.1\r\n\r\n  hxxp://example[.]com/login \nexample.com\n\n192.0.2.1:443\nno indicator\n2001:db8::1";
    let (submission, items, rejects) = read(&server, "", "text/plain; charset=utf-8", body).await;
    assert_eq!(
        (&submission["format"], &submission["lines"], &submission["repeated"]),
        (&json!("text"), &json!(8), &json!(1))
    );
    assert_eq!(
        fields(&items, "/value"),
        ["192.0.2.1", "http://example.com/login", "example.com", "2001:db8::1"]
    );
    assert_eq!(
        places(&items),
        [
            (1, "192.0.2.1", None),
            (3, "hxxp://example[.]com/login", None),
            (4, "example.com", None),
            (8, "2001:db8::1", None)
        ]
    );
    assert_eq!(
        items[0]["contexts"][1],
        json!({"line": 6, "position": 0, "raw": "192.0.2.1:443", "port": 443})
    );
    assert_eq!(fields(&items, "/state"), ["queued"; 4]);
    assert!(items.iter().all(|item| item["verdict"].is_null() && item["seq"].is_null()), "{items:?}");
    assert_eq!(
        (&rejects[0]["line"], &rejects[0]["reason"], &rejects[0]["raw"]),
        (&json!(7), &json!("unrecognised"), &json!("no indicator"))
    );
    assert!(rejects[0]["message"].as_str().unwrap().len() > 10, "{rejects:?}");
}

#[tokio::test]
async fn prose_gives_every_indicator_with_its_place() {
    let server = Server::start().await;
    let body = "The dropper calls 192[.]0[.]2[.]1 and evil.example.com.\nLater evil[.]example[.]com again, nothing else.\n";
    let (submission, items, rejects) = read(&server, "?text=prose", "text/plain", body).await;
    assert_eq!(
        (&submission["format"], &submission["lines"], &submission["repeated"]),
        (&json!("prose"), &json!(2), &json!(1))
    );
    assert_eq!(fields(&items, "/value"), ["192.0.2.1", "evil.example.com"]);
    assert_eq!(
        items[0]["contexts"],
        json!([{"line": 1, "position": 18, "raw": "192[.]0[.]2[.]1", "port": null}])
    );
    assert_eq!(
        items[1]["contexts"][1],
        json!({"line": 2, "position": 6, "raw": "evil[.]example[.]com", "port": null})
    );
    assert!(rejects.is_empty(), "{rejects:?}");
}

#[tokio::test]
async fn csv_by_name_by_place_and_by_itself() {
    let server = Server::start().await;
    let body = "seen,Address,who\r\n3,\"192.0.2.1\",\"a, \"\"b\"\"\"\r\n4,evil.example.com,x\r\n5,,y\r\n";
    for query in ["?column=address", "?column=Address", "?column=2"] {
        let (submission, items, rejects) = read(&server, query, "text/csv", body).await;
        assert_eq!(submission["format"], "csv", "{query}");
        assert_eq!(fields(&items, "/value"), ["192.0.2.1", "evil.example.com"], "{query}");
        assert_eq!(places(&items), [(2, "192.0.2.1", None), (3, "evil.example.com", None)], "{query}");
        assert_eq!((&rejects[0]["line"], &rejects[0]["reason"]), (&json!(4), &json!("empty")), "{query}");
    }
    let semicolons = "when;ioc;note\n1;192.0.2.1;a\n";
    let (_, items, _) = read(&server, "", "text/csv", semicolons).await;
    assert_eq!(fields(&items, "/value"), ["192.0.2.1"]);
    let (_, items, _) = read(&server, "", "text/csv", "1,192.0.2.1\n2,192.0.2.2\n").await;
    assert_eq!(fields(&items, "/value"), ["192.0.2.1", "192.0.2.2"]);
    let (_, items, _) =
        read(&server, "?column=2", "text/tab-separated-values", "domain\texample.com\nipv4\t192.0.2.1\n")
            .await;
    assert_eq!(fields(&items, "/value"), ["example.com", "192.0.2.1"]);
    // A word that could be a header is one only where what stands below it is no such word.
    for (body, values) in [
        ("domain\texample.com\nipv4\t192.0.2.1\n", &["example.com", "192.0.2.1"][..]),
        ("domain\texample.com\n", &["example.com"][..]),
        ("host.name\tip\nlab.example.com\t192.0.2.1\n", &["192.0.2.1"][..]),
        ("host.name\tip\nlab-1\t\nlab-2\t192.0.2.2\n", &["192.0.2.2"][..]),
    ] {
        let (_, items, _) = read(&server, "", "text/tab-separated-values", body).await;
        assert_eq!(fields(&items, "/value"), values, "{body}");
    }
    let detail = server.submit("?column=ip", "text/csv", body).await.is_problem(400, "invalid_parameter");
    assert!(detail.contains("address"), "{detail}");
    server.submit("?column=9", "text/csv", body).await.is_problem(400, "invalid_parameter");
    server.submit("?column=0", "text/csv", body).await.is_problem(400, "invalid_parameter");
    let detail = server.submit("", "text/csv", "a,b\n1,2\n").await.is_problem(400, "invalid_parameter");
    assert!(detail.contains("column="), "{detail}");
    // The four that were refused left nothing, not even for a moment anybody could see.
    let listed = server.all(SUBMISSIONS, "submissions", 200).await;
    assert!(listed.iter().all(|submission| submission["format"] == "csv" && submission["total"] != 0));
}

#[tokio::test]
async fn ndjson_texts_and_objects() {
    let server = Server::start().await;
    let body = "{\"value\": \"192.0.2.1\"}\n\"evil[.]example[.]com\"\n\n{\"indicator\": \"AS64496\", \"kind\": \"asn\"}\n{\"other\": 1}\n[]\n";
    let (submission, items, rejects) = read(&server, "", "application/x-ndjson", body).await;
    assert_eq!(submission["format"], "ndjson");
    assert_eq!(fields(&items, "/value"), ["192.0.2.1", "evil.example.com", "AS64496"]);
    assert_eq!(fields(&rejects, "/line"), ["5", "6"]);
    let (_, items, _) =
        read(&server, "?field=src", "application/ndjson", "{\"src\": \"192.0.2.7\", \"value\": \"x\"}\n")
            .await;
    assert_eq!(fields(&items, "/value"), ["192.0.2.7"]);
    let detail = server
        .submit("", "application/x-ndjson", "\"192.0.2.1\"\n192.0.2.2\n")
        .await
        .is_problem(400, "invalid_body");
    assert!(detail.contains("line 2"), "{detail}");
}

#[tokio::test]
async fn a_json_list_with_kinds_and_without() {
    let server = Server::start().await;
    let body = json!({
        "indicators": ["192[.]0[.]2[.]1", {"value": "hello.unheardof", "kind": "domain"}, "hello.unheardof", {"value": "x", "kind": "cve"}],
        "label": "mail", "tlp": "green",
    });
    let (submission, items, rejects) = read(&server, "", "application/json", body.to_string()).await;
    assert_eq!(
        (&submission["format"], &submission["label"], &submission["tlp"]),
        (&json!("json"), &json!("mail"), &json!("green"))
    );
    assert_eq!(fields(&items, "/value"), ["192.0.2.1", "hello.unheardof"]);
    assert_eq!(fields(&rejects, "/line"), ["3", "4"]);
    for (body, says) in [
        (json!({"indicators": []}), "empty"),
        (json!({"indicator": ["a"]}), "unknown field"),
        (json!({"indicators": [{"value": "a", "kind": "ip"}]}), ""),
        (json!({"indicators": [1]}), ""),
    ] {
        let detail =
            server.submit("", "application/json", body.to_string()).await.is_problem(400, "invalid_body");
        assert!(detail.contains(says), "{body}: {detail}");
    }
}

#[tokio::test]
async fn hostile_lines_are_rejects_with_a_reason_and_disturb_none() {
    let server = Server::start().await;
    let long_url = format!("http://example.com/{}", "a".repeat(6_000));
    let too_long = format!("http://example.com/{}", "b".repeat(9_000));
    let mut body = b"192.0.2.1\na\0b\n\xff\xfe.example.com\n".to_vec();
    body.extend(format!("{long_url}\n{too_long}\n=cmd|'/c calc'!A0\n192.0.2.2\n").into_bytes());
    let (submission, items, rejects) = read(&server, "", "text/plain", body).await;
    assert_eq!(submission["lines"], 7);
    assert_eq!(fields(&items, "/value"), ["192.0.2.1", &long_url, "192.0.2.2"]);
    let told: Vec<_> = rejects
        .iter()
        .map(|reject| (reject["line"].as_i64().unwrap(), reject["reason"].as_str().unwrap()))
        .collect();
    assert_eq!(told, [(2, "nul_byte"), (3, "invalid_utf8"), (5, "too_long"), (6, "unrecognised")]);
    assert_eq!(rejects[0]["raw"], "a\u{fffd}b");
    assert_eq!(rejects[2]["raw"].as_str().unwrap().len(), 256);
}

#[tokio::test]
async fn parameters_that_are_wrong_are_told_before_anything_is_kept() {
    let server = Server::start().await;
    let long = "x".repeat(201);
    for query in [
        "?wait=61",
        "?wait=-1",
        "?tlp=white",
        "?playbook=unheard",
        "?playbook=%00",
        "?label=%00",
        "?text=html",
        "?colum=1",
        &format!("?label={long}"),
    ] {
        server.submit(query, "text/plain", "192.0.2.1").await.is_problem(400, "invalid_parameter");
    }
    for media_type in ["application/pdf", "text/html", "text/plain; charset=latin1"] {
        server.submit("", media_type, "192.0.2.1").await.is_problem(415, "unsupported_media_type");
    }
    assert_eq!(server.ground.rows.count("submissions").await, 0);
}

#[tokio::test]
async fn a_body_without_an_indicator_is_done_at_once() {
    let server = Server::start().await;
    for body in ["", "\n\n", "hello\n"] {
        let answer = server.submit("", "text/plain", body).await;
        assert_eq!((answer.status, &answer.json()["state"]), (200, &json!("done")), "{answer:?}");
        assert_eq!(answer.json()["total"], 0);
    }
}
