//! A worker whose sources are mirrors of `InternetDB` at a mock: for the benchmarks, which count calls at the mock.
//!
//! ```text
//! DATABASE_URL=postgres://… REDIS_URL=redis://… mock_worker '{"base": "http://127.0.0.1:9/", "calls": 1000,
//!     "deadline_ms": 30000, "sources": [{"slug": "one", "concurrency": 200, "limit": [240, 60]}]}'
//! ```
//! `limit` is calls and seconds, and may be missing. It works until SIGTERM, on a migrated database.
#![expect(clippy::unwrap_used, reason = "an example: nobody is handed an error")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use aggregator_egress::{AllowedNetwork, Egress, EgressConfig};
use aggregator_entities::Database;
use aggregator_entities::domain::Kind;
use aggregator_platform::{Environment, Settings, Shutdown};
use aggregator_queue::Backends;
use aggregator_sources::KindSet;
use aggregator_sources::remote::{InternetDb, Limit, Source, SourceInfo};
use aggregator_worker::{Context, RemoteOptions, WorkerOptions};
use serde::Deserialize;
use url::Url;

/// As in the product.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Deserialize)]
struct Plan {
    base: Url,
    calls: usize,
    deadline_ms: u64,
    sources: Vec<Mirror>,
}

#[derive(Deserialize)]
struct Mirror {
    slug: String,
    concurrency: u32,
    limit: Option<(u32, u64)>,
}

/// Lives as long as the process.
fn kept<T: ?Sized>(value: Box<T>) -> &'static T {
    Box::leak(value)
}

fn source(mirror: &Mirror, deadline: Duration) -> Arc<dyn Source> {
    let slug = kept(mirror.slug.clone().into_boxed_str());
    let limits = mirror.limit.map(|(calls, seconds)| Limit { calls, window: Duration::from_secs(seconds) });
    let info = SourceInfo {
        slug,
        name: slug,
        provider: ("bench", "Bench"),
        kinds: KindSet::of(&[Kind::Ipv4]),
        active: false,
        keyless: true,
        movable: true,
        limits: kept(limits.into_iter().collect()),
        concurrency: mirror.concurrency,
        deadline,
        found_ttl: Duration::from_hours(1),
        not_found_ttl: Duration::from_hours(1),
        version: 1,
    };
    Arc::new(InternetDb::mirror(info))
}

#[tokio::main]
async fn main() {
    let plan: Plan = serde_json::from_str(&std::env::args().nth(1).unwrap()).unwrap();
    #[expect(clippy::disallowed_methods, reason = "an example is told where its servers are")]
    let place = |name: &str| std::env::var(name).unwrap();
    let deadline = Duration::from_millis(plan.deadline_ms);
    let base = |slug: &str| plan.base.join(&format!("{slug}/")).unwrap();
    let bases: BTreeMap<String, Url> =
        plan.sources.iter().map(|mirror| (mirror.slug.clone(), base(&mirror.slug))).collect();
    let data = tempfile::tempdir().unwrap();
    let quiet = Environment::of([("AGGREGATOR_FEEDS_REFRESH", "false")]);
    let options = WorkerOptions {
        data_dir: data.path().to_owned(),
        screen_groups: 2,
        chunks_per_commit: 8,
        lease: Duration::from_secs(30),
        renew: Duration::from_secs(10),
        sweep: Duration::from_secs(5),
        poll: Duration::from_secs(5),
        window_per_slot: 4,
        offer: Duration::from_secs(30),
        drain: Duration::from_secs(2),
        settings: Settings::load(&quiet).unwrap().into(),
        traced: false,
        address_databases: Vec::new(),
        remote: RemoteOptions {
            sources: plan.sources.iter().map(|mirror| source(mirror, deadline)).collect(),
            bases,
            concurrency: plan.calls,
            ..RemoteOptions::default()
        },
    };
    let loopback = AllowedNetwork { network: "127.0.0.0/8".parse().unwrap(), ports: Vec::new() };
    let egress =
        Egress::new(EgressConfig { allow_networks: vec![loopback], ..EgressConfig::default() }).unwrap();
    let database = Database::connect(&place("DATABASE_URL"), 10).await.unwrap();
    let backends = Backends::connect(Some(&place("REDIS_URL")), "aggregator").unwrap();
    let shutdown = Shutdown::on_signals().unwrap();
    aggregator_worker::run(Context::new(database, backends, egress, options), shutdown).await;
}
