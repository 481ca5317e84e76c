//! What is private to a network stays in it: nobody outside is asked, and nothing shows but that.

use std::sync::Arc;

use aggregator_entities::domain::Outcome;
use aggregator_sources::remote::{Source, all};
use aggregator_worker::RemoteOptions;
use serde_json::json;

use super::double::{Double, ends, remote};
use crate::harness::{Ground, Server};
use crate::submissions::client::{fields, path_of};

fn real(slug: &str) -> Arc<dyn Source> {
    all().into_iter().find(|source| source.info().slug == slug).unwrap()
}

async fn asked(server: &Server, path: &str) -> Vec<Vec<String>> {
    let mut asked = Vec::new();
    for item in server.all(&format!("{path}/items"), "items", 100).await {
        let item = server.get(&format!("{path}/items/{}", item["ordinal"])).await.json();
        asked.push(fields(item["lookups"].as_array().unwrap(), "/source"));
    }
    asked
}

#[tokio::test]
async fn nobody_outside_is_asked_about_what_is_private() {
    const LINES: &str = "10.1.2.3\n127.0.0.1\n169.254.169.254\nprinter.local\ndb.internal\nhttp://192.168.0.1/a\n\
        http://wiki.corp/\n192.0.2.1\nexample.com\n";
    for ground in Ground::both().await {
        let double = Arc::new(Double::new("outside", |_, _| ends(Outcome::NotFound)));
        let mut options = remote(&[Arc::clone(&double)]);
        options.sources.push(real("structure"));
        let server = Server::on(Arc::new(ground), &[], |state| state).await;
        server.work_with(options);
        let done = server.finished("?playbook=keyless", "text/plain", LINES).await;
        assert_eq!((&done["total"], &done["done"]), (&json!(9), &json!(9)), "{done}");
        assert_eq!(double.calls().into_keys().collect::<Vec<_>>(), ["192.0.2.1", "example.com"]);
        let nobody: &[&str] = &[];
        let expected = [
            nobody,
            nobody,
            nobody,
            nobody,
            nobody,
            &["structure"],
            &["structure"],
            &["outside"],
            &["outside"],
        ];
        assert_eq!(asked(&server, &path_of(&done)).await, expected);

        // Nor where somebody wants to see what it says.
        let test = json!({"value": "10.1.2.3"}).to_string();
        let task = server.post_json("/api/v1/sources/outside/test", test).await.json();
        let path = format!("/api/v1/tasks/{}", task["id"]);
        server.until(&path, |task| task["state"] == "done").await;
        let result = server.get(&path).await.json()["result"].clone();
        assert_eq!((&result["outcome"], &result["asked"]), (&json!("refused"), &json!(false)), "{result}");
        assert_eq!(double.calls().len(), 2);
    }
}

#[tokio::test]
async fn a_resolver_of_ones_own_is_asked_about_the_names_inside() {
    for ground in Ground::both().await {
        let options = |resolver| RemoteOptions {
            sources: vec![real("dns"), real("team-cymru")],
            resolver,
            concurrency: 4,
            ..RemoteOptions::default()
        };
        let server = Server::on(Arc::new(ground), &[], |state| state).await;
        server.define_playbook("all", r#"{"sources":["dns","team-cymru"]}"#).await;
        server.work_with(options(Some("127.0.0.1:9".parse().unwrap())));
        let path =
            path_of(&server.submit("?playbook=all", "text/plain", "10.1.2.3\ndb.internal\n").await.json());
        server.until(&format!("{path}/items/1"), |item| item["lookups"][0]["source"] == "dns").await;
        assert_eq!(asked(&server, &path).await, [["dns"], ["dns"]]);
    }
}
