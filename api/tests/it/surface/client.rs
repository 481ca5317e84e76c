//! What every test of named things does: change one under its ETag, and be refused as all refuse.

use aggregator_egress::{Egress, EgressConfig};
use aggregator_entities::domain::state::FeedRunState;
use aggregator_sources::feeds::refresh::FetchLimits;
use aggregator_worker::feeds::FeedKeeper;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Answer, Server};
use crate::submissions::fields;

impl Server {
    /// Sends a body with a method, under an ETag where one is given.
    pub(crate) async fn change(
        &self,
        method: Method,
        path: &str,
        etag: Option<&str>,
        body: &Value,
    ) -> Answer {
        let request = self.request(method, path).header("content-type", "application/json");
        let request = etag.into_iter().fold(request, |request, etag| request.header("if-match", etag));
        self.send(request.body(body.to_string())).await
    }

    pub(crate) async fn put_json(&self, path: &str, etag: &str, body: &Value) -> Answer {
        self.change(Method::PUT, path, Some(etag), body).await
    }

    pub(crate) async fn delete(&self, path: &str, etag: Option<&str>) -> Answer {
        let request = self.request(Method::DELETE, path);
        let request = etag.into_iter().fold(request, |request, etag| request.header("if-match", etag));
        self.send(request).await
    }

    /// The ETag a thing is read with.
    pub(crate) async fn etag(&self, path: &str) -> String {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let etag = answer.header("etag").to_owned();
        assert!(etag.starts_with('"') && etag.ends_with('"'), "{etag}");
        etag
    }

    /// Reads a thing, changes fields of what may be put, and puts it.
    pub(crate) async fn alter(&self, path: &str, keep: &[&str], fields: Value) -> Value {
        let read = self.get(path).await;
        assert_eq!(read.status, 200, "{read:?}");
        let (etag, shown) = (read.header("etag").to_owned(), read.json());
        let mut body: Value = keep.iter().map(|field| ((*field).to_owned(), shown[field].clone())).collect();
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        let changed = self.put_json(path, &etag, &body).await;
        assert_eq!(changed.status, 200, "{changed:?}");
        assert_ne!(changed.header("etag"), etag);
        changed.json()
    }

    /// Makes a feed known that has no list yet.
    pub(crate) async fn define_feed(&self, definition: &str) {
        let keeper = FeedKeeper {
            database: &self.database,
            doorbell: self.backends.doorbell(),
            folder: self.folder.path(),
            limits: FetchLimits::default(),
        };
        keeper.define(definition).await.unwrap_or_else(|error| panic!("{error}"));
    }

    /// Refreshes a feed as a worker does; how it ended, and the entries it then has.
    pub(crate) async fn refreshed(&self, slug: &str) -> (FeedRunState, Option<i64>) {
        let generations = self.folder.path().join("generations");
        let keeper = FeedKeeper {
            database: &self.database,
            doorbell: self.backends.doorbell(),
            folder: &generations,
            limits: FetchLimits::default(),
        };
        let feed = keeper.find(slug).await.unwrap_or_else(|error| panic!("{error}"));
        let egress = Egress::new(EgressConfig::default()).unwrap();
        let run = keeper.refresh(&feed, &egress, false).await.unwrap_or_else(|error| panic!("{error}"));
        (run.state, run.entries)
    }

    /// A thing is put only under the ETag it was read with, and only whole.
    pub(crate) async fn is_fenced(&self, path: &str, body: &Value) {
        let etag = self.etag(path).await;
        let before = self.get(path).await.json();
        self.change(Method::PUT, path, None, body).await.is_problem(428, "precondition_required");
        for other in ["\"1.999\"", "\"x\"", &format!("W/{etag}")] {
            self.put_json(path, other, body).await.is_problem(412, "precondition_failed");
        }
        self.put_json(path, "x", body).await.is_problem(400, "invalid_parameter");
        let mut unknown = body.clone();
        unknown["nmae"] = json!("x");
        self.put_json(path, &etag, &unknown).await.is_problem(400, "invalid_body");
        self.put_json(path, &etag, &json!([])).await.is_problem(400, "invalid_body");
        self.put_json(&format!("{path}?force=1"), &etag, body).await.is_problem(400, "invalid_parameter");
        if body["name"].is_string() {
            for name in ["", "  ", "a\u{0}b", "a\nb", &"x".repeat(201)] {
                let mut wrong = body.clone();
                wrong["name"] = json!(name);
                self.put_json(path, &etag, &wrong).await.is_problem(400, "invalid_body");
            }
        }
        assert_eq!((self.get(path).await.json(), self.etag(path).await), (before, etag.clone()));

        let changed = self.put_json(path, &etag, body).await;
        assert_eq!(changed.status, 200, "{changed:?}");
        assert_ne!(changed.header("etag"), etag);
        assert_eq!(
            (self.get(path).await.json(), &*self.etag(path).await),
            (changed.json(), changed.header("etag"))
        );
        self.put_json(path, &etag, body).await.is_problem(412, "precondition_failed");
        let any = self.put_json(path, "*", body).await;
        assert_eq!(any.status, 200, "{any:?}");
    }

    /// A list comes in pages, in every order, and refuses what it does not take.
    pub(crate) async fn is_listed(&self, path: &str, field: &str) {
        let slugs = |entries: Vec<Value>| fields(&entries, "/slug");
        let sorted = slugs(self.all(path, field, 1_000).await);
        assert!(sorted.is_sorted() && sorted.len() > 1, "{sorted:?}");
        for sort in ["slug", "-slug", "name", "-name", "updated_at", "-updated_at"] {
            let whole = slugs(self.all(&format!("{path}?sort={sort}"), field, 1_000).await);
            let paged = slugs(self.all(&format!("{path}?sort={sort}"), field, 1).await);
            assert_eq!(whole, paged, "{sort}");
            let mut again = whole.clone();
            again.sort();
            assert_eq!(again, sorted, "{sort}");
        }
        let backwards = slugs(self.all(&format!("{path}?sort=-slug"), field, 2).await);
        assert!(backwards.iter().eq(sorted.iter().rev()), "{backwards:?}");
        let found = slugs(self.all(&format!("{path}?search={}", sorted[0].to_uppercase()), field, 10).await);
        assert!(found.contains(&sorted[0]), "{found:?}");
        assert_eq!(slugs(self.all(&format!("{path}?search=%25no%5C_such"), field, 10).await), [""; 0]);
        for query in [
            "?sort=size",
            "?limit=0",
            "?limit=1001",
            "?search=",
            "?search=%00",
            &format!("?search={}", "x".repeat(201)),
            "?nmae=x",
            "?sort=name&sort=slug",
        ] {
            self.get(&format!("{path}{query}")).await.is_problem(400, "invalid_parameter");
        }
        let page = self.get(&format!("{path}?limit=1")).await.json();
        let cursor = page["next"].as_str().unwrap();
        for query in [
            format!("?sort=name&cursor={cursor}"),
            format!("?cursor={}", &cursor[2..]),
            "?cursor=x".to_owned(),
        ] {
            self.get(&format!("{path}{query}")).await.is_problem(400, "cursor_invalid");
        }
        for slug in ["no-such", "%00", "a%2Fb", "%ff", &"x".repeat(5_000)] {
            self.get(&format!("{path}/{slug}")).await.is_problem(404, "not_found");
        }
    }
}
