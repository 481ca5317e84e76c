//! The document: served = committed, complete, and nothing of it from elsewhere.

mod lint;

use std::path::Path;

use aggregator_entities::domain::{Kind, Reject};
use aggregator_openapi::ProblemId;
use serde_json::Value;

use crate::harness::Server;

fn committed() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../openapi/openapi.json");
    std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}; run `make openapi`", path.display()))
}

#[tokio::test]
async fn the_committed_document_is_the_served_one() {
    let server = Server::start().await;
    let answer = server.get("/api/v1/openapi.json").await;
    assert_eq!(answer.header("content-type"), "application/json");
    let (ours, theirs) = (committed(), answer.body);
    let difference = ours.lines().zip(theirs.lines()).enumerate().find(|(_, (ours, theirs))| ours != theirs);
    assert!(
        ours == theirs,
        "openapi/openapi.json is not what the server serves; run `make openapi` and commit the result. \
         First difference (line from 0, committed, served): {difference:?}"
    );
}

#[test]
fn the_document_is_complete() {
    let document: Value = serde_json::from_str(&committed()).unwrap();
    let faults = lint::faults(&document);
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn the_lint_finds_what_is_missing() {
    let mut document: Value = serde_json::from_str(&committed()).unwrap();
    let operation = &mut document["paths"]["/api/v1/detect"]["post"];
    operation["summary"] = "".into();
    operation["operationId"] = "detector".into();
    operation["tags"] = serde_json::json!(["unheard"]);
    operation["responses"].as_object_mut().unwrap().remove("421");
    operation["responses"]["400"]["content"] = serde_json::json!({"text/plain": {}});
    document["components"]["schemas"]["Problem"]["properties"]["detail"]
        .as_object_mut()
        .unwrap()
        .remove("description");
    document["components"]["schemas"].as_object_mut().unwrap().remove("ListSort");
    let links = &mut document["paths"]["/api/v1/playbooks"]["post"]["responses"]["201"]["links"];
    links["get_playbook"]["parameters"] = serde_json::json!({"slog": "$response.body#/slug", "slug": "mail"});
    links["delete_playbook"]["operationId"] = "forget_playbook".into();
    let parameters = document["paths"]["/api/v1/tasks"]["get"]["parameters"].as_array_mut().unwrap();
    parameters.retain(|parameter| parameter["name"] != "sort");
    document["components"]["schemas"]["LineSort"]["enum"].as_array_mut().unwrap().pop();
    document["components"]["schemas"]["FeedPage"]["properties"].as_object_mut().unwrap().remove("next");
    let faults = lint::faults(&document).join("\n");
    let of_lists = [
        "tasks: a list that does not take `sort`",
        "rejects: `sort` is no closed set of keys",
        "feeds: a list that comes whole is told",
    ];
    let of_links = ["no parameter slog", "is no expression", "delete_playbook: there is no such operation"];
    let of_parts =
        ["summary", "verb_noun", "tag", "421", "problem+json", "Problem.detail", "ListSort is not there"];
    for fault in of_parts.into_iter().chain(of_links).chain(of_lists) {
        assert!(faults.contains(fault), "{fault} is not in:\n{faults}");
    }
}

#[test]
fn the_closed_sets_are_published() {
    let document: Value = serde_json::from_str(&committed()).unwrap();
    let published = |schema: &str| {
        let values =
            document["components"]["schemas"][schema]["enum"].as_array().cloned().unwrap_or_default();
        values.iter().map(|value| value.as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(published("ProblemId"), ProblemId::ALL.iter().map(|id| id.id()).collect::<Vec<_>>());
    assert_eq!(published("Kind"), Kind::ALL.iter().map(|kind| kind.as_str()).collect::<Vec<_>>());
    assert_eq!(published("Reject"), Reject::ALL.iter().map(|reject| reject.as_str()).collect::<Vec<_>>());
}

#[tokio::test]
async fn the_documentation_page_comes_whole_from_this_server() {
    let server = Server::start().await;
    let redirect = server.get("/api/docs").await;
    assert_eq!((redirect.status, redirect.header("location")), (308, "/api/docs/"));
    let page = server.get("/api/docs/").await;
    assert_eq!(page.status, 200);
    assert!(page.header("content-type").starts_with("text/html"), "{page:?}");
    assert!(page.header("content-security-policy").contains("script-src 'self';"), "{page:?}");
    assert!(!page.body.contains("://"), "the page names another server: {}", page.body);
    let named = page.body.split(['"', '\'']).filter_map(|word| word.strip_prefix("./"));
    let mut assets = 0;
    for asset in named.chain(["index.css"]) {
        let answer = server.get(&format!("/api/docs/{asset}")).await;
        assert_eq!(answer.status, 200, "{asset}");
        assets += 1;
    }
    assert!(assets >= 5, "only {assets} assets: {}", page.body);
    let initializer = server.get("/api/docs/swagger-initializer.js").await;
    assert!(initializer.body.contains("/api/v1/openapi.json"), "{}", initializer.body);
    assert!(!initializer.body.contains("petstore"), "{}", initializer.body);
    assert!(initializer.body.contains("\"validatorUrl\": \"none\""), "{}", initializer.body);
}
