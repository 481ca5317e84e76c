//! The real list: 353,172 lines through the door, and every one of them accounted for.

use std::collections::BTreeSet;

use serde_json::Value;

use super::client::path_of;
use crate::harness::{Ground, Server};

async fn every_line_is_a_context_or_a_reject(ground: Ground) {
    let Some(file) = aggregator_testkit::data_file("bulk/mixed-shared.tsv") else { return };
    let text = std::fs::read_to_string(file).unwrap();
    let lines = text.lines().count();
    let server = Server::working(ground).await;
    let answer = server.submit("?column=2", "text/tab-separated-values", text).await;
    assert!(matches!(answer.status, 200 | 202), "{answer:?}");
    let path = path_of(&answer.json());
    server.follow(&path, "").await;
    let submission = server.get(&path).await.json();
    let number = |field: &str| usize::try_from(submission[field].as_i64().unwrap()).unwrap();
    assert_eq!(submission["state"], "done", "{submission}");
    assert_eq!(number("lines"), lines);
    assert_eq!(number("total") + number("repeated") + number("rejected"), lines, "{submission}");
    assert_eq!(number("done"), number("total"));

    let request = server
        .request(reqwest::Method::GET, &format!("{path}/items"))
        .header("accept", "application/x-ndjson");
    let body = server.send(request).await.body;
    let mut seen = BTreeSet::new();
    let mut items = 0;
    let mut judged = 0;
    for line in body.lines() {
        let mut item: Value = serde_json::from_str(line).unwrap();
        assert_eq!(item["ordinal"], items, "{item}");
        items += 1;
        judged += usize::from(item["state"] == "done" && item["verdict"]["stance"].is_string());
        if item["more_contexts"] == true {
            item = server.get(&format!("{path}/items/{}", item["ordinal"])).await.json()["item"].take();
            assert_eq!(item["more_contexts"], false, "{item}");
        }
        for context in item["contexts"].as_array().unwrap() {
            assert!(seen.insert(context["line"].as_i64().unwrap()), "line twice: {item}");
        }
    }
    assert_eq!((items, judged), (number("total"), number("total")));
    for reject in server.all(&format!("{path}/rejects"), "rejects", 1_000).await {
        assert!(seen.insert(reject["line"].as_i64().unwrap()), "line twice: {reject}");
    }
    assert_eq!(
        (seen.len(), seen.first(), seen.last()),
        (lines, Some(&1), Some(&i64::try_from(lines).unwrap()))
    );

    let facets = server.get(&format!("{path}/facets")).await.json();
    let counted: i64 =
        facets["kinds"].as_array().unwrap().iter().map(|facet| facet["count"].as_i64().unwrap()).sum();
    assert_eq!(usize::try_from(counted).unwrap(), number("total"));
    assert_eq!(server.ground.rows.count("indicators").await, submission["total"].as_i64().unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_real_list_on_the_embedded_default() {
    every_line_is_a_context_or_a_reject(Ground::embedded().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_real_list_on_postgresql_and_redis() {
    every_line_is_a_context_or_a_reject(Ground::production().await).await;
}
