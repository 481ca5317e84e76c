//! A served API on a port of its own. Every answer is held against the document and the headers all answers carry.

use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use aggregator_api::server::ServeError;
use aggregator_api::{State, serve};
use aggregator_egress::{AllowedNetwork, Egress, EgressConfig};
use aggregator_entities::Database;
use aggregator_platform::{Environment, Metrics, Settings, Shutdown};
use aggregator_queue::Backends;
use aggregator_testkit::{RedisPrefix, TestDatabase};
use aggregator_worker::{Context, RemoteOptions, WorkerOptions};
use reqwest::{Client, Method, RequestBuilder, header::HeaderMap};
use serde_json::Value;
use tempfile::TempDir;
use tokio::task::JoinHandle;

/// What a server stands on: rows and queues of this test alone.
pub(crate) struct Ground {
    pub(crate) rows: TestDatabase,
    pub(crate) redis: Option<RedisPrefix>,
}

impl Ground {
    /// The embedded default: SQLite, queues in the process.
    pub(crate) async fn embedded() -> Self {
        Self { rows: TestDatabase::sqlite().await, redis: None }
    }

    /// Production: PostgreSQL and Redis.
    pub(crate) async fn production() -> Self {
        Self { rows: TestDatabase::postgres().await, redis: Some(RedisPrefix::new()) }
    }

    /// One of each.
    pub(crate) async fn both() -> [Self; 2] {
        [Self::embedded().await, Self::production().await]
    }

    fn backends(&self) -> Backends {
        let redis = self.redis.as_ref();
        Backends::connect(redis.map(RedisPrefix::url), redis.map_or("", RedisPrefix::prefix)).unwrap()
    }
}

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) shutdown: Shutdown,
    pub(crate) ground: Arc<Ground>,
    pub(crate) database: Database,
    pub(crate) backends: Backends,
    pub(crate) folder: Arc<TempDir>,
    /// What was decided at the start, of the server and of each worker.
    settings: Settings,
    /// Told on `/metrics`; taken by the first worker.
    metrics: Mutex<Option<Metrics>>,
    /// True where its settings name a collector.
    traced: bool,
    served: Option<JoinHandle<Result<(), ServeError>>>,
    client: Client,
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
        Self::on(Arc::new(Ground::embedded().await), variables, adapt).await
    }

    /// Serves and works: the whole product in one process.
    pub(crate) async fn working(ground: Ground) -> Self {
        let server = Self::on(Arc::new(ground), &[], |state| state).await;
        server.work();
        server
    }

    /// Serves on this ground; several may stand on one.
    pub(crate) async fn on(
        ground: Arc<Ground>,
        variables: &[(&str, &str)],
        adapt: impl FnOnce(State) -> State,
    ) -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let own = [
            ("AGGREGATOR_HTTP_THREADS", "1"),
            ("AGGREGATOR_DATA_DIR", folder.path().to_str().unwrap()),
            ("AGGREGATOR_FEEDS_REFRESH", "false"),
        ];
        let environment = Environment::of(own.into_iter().chain(variables.iter().copied()));
        let settings = Settings::load(&environment).unwrap_or_else(|error| panic!("{error}"));
        let traced = settings.telemetry.otlp_endpoint.is_some();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shutdown = Shutdown::new();
        let database = Database::connect(ground.rows.url(), 4).await.unwrap();
        let backends = ground.backends();
        let state = adapt(State::new(settings.clone(), database.clone(), backends.clone()));
        let metrics = Mutex::new(Some(state.metrics().clone()));
        let served = tokio::spawn(serve(state, listener, shutdown.clone()));
        let client =
            Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let served = Some(served);
        Self {
            address,
            shutdown,
            ground,
            database,
            backends,
            folder,
            settings,
            metrics,
            traced,
            served,
            client,
        }
    }

    /// Starts a worker beside the server; it stops with it.
    pub(crate) fn work(&self) {
        self.work_with(RemoteOptions::default());
    }

    /// Starts a worker that can ask these remote sources.
    pub(crate) fn work_with(&self, remote: RemoteOptions) {
        let options = WorkerOptions {
            data_dir: self.folder.path().to_owned(),
            screen_groups: 2,
            chunks_per_commit: 4,
            lease: Duration::from_secs(30),
            renew: Duration::from_secs(10),
            sweep: Duration::from_secs(5),
            poll: Duration::from_secs(1),
            window_per_slot: 4,
            offer: Duration::from_secs(30),
            drain: Duration::from_secs(5),
            settings: self.settings.clone().into(),
            traced: self.traced,
            address_databases: Vec::new(),
            remote,
        };
        let loopback = AllowedNetwork { network: "127.0.0.0/8".parse().unwrap(), ports: Vec::new() };
        let egress =
            Egress::new(EgressConfig { allow_networks: vec![loopback], ..EgressConfig::default() }).unwrap();
        let context = Context::new(self.database.clone(), self.backends.clone(), egress, options);
        if let Some(metrics) = self.metrics.lock().unwrap().take() {
            context.register(&metrics);
        }
        tokio::spawn(aggregator_worker::run(context, self.shutdown.clone()));
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
        let method = if method == Method::HEAD { "get" } else { &method.as_str().to_lowercase() };
        let paths = DOCUMENT["paths"].as_object().unwrap();
        let template = paths.keys().find(|template| is_of(template, path));
        let operation = template.map_or(&Value::Null, |template| &paths[template][method]);
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

/// The document every answer is held against.
static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::to_value(aggregator_api::document::document()).unwrap());

/// True when a path is one of a template's.
fn is_of(template: &str, path: &str) -> bool {
    let (template, path): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len()
        && template.iter().zip(path).all(|(part, segment)| part.starts_with('{') || *part == segment)
}
