//! A served API on a port of its own. Every answer is held against the document and the headers all answers carry.

use std::net::{SocketAddr, TcpListener};

use aggregator_api::server::ServeError;
use aggregator_api::{State, serve};
use aggregator_entities::Database;
use aggregator_platform::{Environment, Settings, Shutdown};
use aggregator_queue::Backends;
use aggregator_testkit::TestDatabase;
use reqwest::{Client, Method, RequestBuilder, header::HeaderMap};
use serde_json::Value;
use tokio::task::JoinHandle;

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) shutdown: Shutdown,
    served: Option<JoinHandle<Result<(), ServeError>>>,
    client: Client,
    _rows: TestDatabase,
}

/// One answer, read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::start_with(&[], |state| state).await
    }

    /// Serves with settings and a state of the test's own.
    pub(crate) async fn start_with(variables: &[(&str, &str)], adapt: impl FnOnce(State) -> State) -> Self {
        let threads = [("AGGREGATOR_HTTP_THREADS", "1")];
        let environment = Environment::of(variables.iter().copied().chain(threads));
        let settings = Settings::load(&environment).unwrap_or_else(|error| panic!("{error}"));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shutdown = Shutdown::new();
        let rows = TestDatabase::sqlite().await;
        let database = Database::connect(rows.url(), 2).await.unwrap();
        let state = adapt(State::new(settings, database, Backends::in_process()));
        let served = tokio::spawn(serve(state, listener, shutdown.clone()));
        let client =
            Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { address, shutdown, served: Some(served), client, _rows: rows }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("http://{}{path}", self.address))
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    pub(crate) async fn post_json(&self, path: &str, body: impl Into<reqwest::Body>) -> Answer {
        self.send(self.request(Method::POST, path).header("content-type", "application/json").body(body))
            .await
    }

    pub(crate) async fn send(&self, request: RequestBuilder) -> Answer {
        let request = request.build().unwrap();
        let (method, path) = (request.method().clone(), request.url().path().to_owned());
        let response = self.client.execute(request).await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let answer = Answer { status, headers, body: response.text().await.unwrap() };
        answer.keeps_the_promises_of_every_answer();
        answer.is_documented(&method, &path);
        answer
    }

    /// Asks to stop and returns what `serve` returned.
    pub(crate) async fn stop(mut self) -> Result<(), ServeError> {
        self.shutdown.request();
        self.served.take().unwrap().await.unwrap()
    }

    pub(crate) fn is_serving(&self) -> bool {
        self.served.as_ref().is_some_and(|served| !served.is_finished())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shutdown.request();
    }
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The answer is this problem; returns its detail.
    #[track_caller]
    pub(crate) fn is_problem(&self, status: u16, id: &str) -> String {
        assert_eq!(
            (self.status, self.header("content-type")),
            (status, "application/problem+json"),
            "{self:?}"
        );
        let problem = self.json();
        assert_eq!(problem["id"], id, "{problem}");
        assert_eq!(problem["status"], status, "{problem}");
        assert_eq!(problem["type"], format!("/api/v1/problems#{id}"), "{problem}");
        for field in ["title", "detail", "next_step"] {
            assert!(problem[field].as_str().is_some_and(|text| !text.is_empty()), "{field}: {problem}");
        }
        problem["detail"].as_str().unwrap().to_owned()
    }

    #[track_caller]
    fn keeps_the_promises_of_every_answer(&self) {
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("x-frame-options", "DENY"),
            ("cross-origin-resource-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
        ] {
            assert_eq!(self.header(name), value, "{name}: {self:?}");
        }
        assert!(self.header("content-security-policy").contains("frame-ancestors 'none'"), "{self:?}");
        assert!(!self.header("permissions-policy").is_empty(), "{self:?}");
        assert!(!self.header("cache-control").is_empty(), "{self:?}");
        assert_eq!(self.header("x-request-id").len(), 36, "{self:?}");
        assert_eq!(self.header("access-control-allow-origin"), "", "{self:?}");
        if self.status >= 400 && self.header("content-type") != "application/json" && !self.body.is_empty() {
            assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        }
    }

    /// An operation answers nothing the document does not list.
    #[track_caller]
    fn is_documented(&self, method: &Method, path: &str) {
        let document = serde_json::to_value(aggregator_api::document::document()).unwrap();
        let method = if method == Method::HEAD { "get" } else { &method.as_str().to_lowercase() };
        let operation = &document["paths"][path][method];
        if operation.is_null() {
            return;
        }
        let response = &operation["responses"][self.status.to_string()];
        assert!(!response.is_null(), "{method} {path} does not document {}", self.status);
        if self.header("content-type") == "application/problem+json" && !self.body.is_empty() {
            let id = self.json()["id"].as_str().unwrap().to_owned();
            let documented = &response["content"]["application/problem+json"]["examples"][&id];
            assert!(!documented.is_null(), "{method} {path} does not document the problem {id}");
        }
    }
}
