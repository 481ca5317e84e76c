//! B3 and B10: many indicators at several slow sources, over HTTP, through the real queues.
//!
//! ```text
//! DATABASE_URL=postgres://… REDIS_URL=redis://… cargo run --release -p aggregator-worker --example fan_out -- INDICATORS SOURCES LATENCY_MS CONCURRENCY
//! ```
//!
//! The database is a migrated one of its own. A mock in the same process answers each call after the latency; a sixth source
//! with ten seconds of latency can be added with `slow` as a fifth word. Printed per source: calls a second over the steady
//! middle 80 % of its calls, against the ideal of concurrency ÷ latency.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "an example measures and prints; nobody is handed an error"
)]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use aggregator_egress::{AllowedNetwork, Egress, EgressConfig, Method, Request};
use aggregator_entities::Database;
use aggregator_entities::domain::{Indicator, Kind, Opinion, Outcome, Tlp};
use aggregator_entities::payload::PendingItem;
use aggregator_entities::repositories::intake::{self, Arrival, NewSubmission, Totals};
use aggregator_entities::repositories::{playbooks, submissions};
use aggregator_entities::tables::submission::SubmissionOptions;
use aggregator_platform::Shutdown;
use aggregator_queue::Backends;
use aggregator_sources::KindSet;
use aggregator_sources::feeds::refresh::FetchLimits;
use aggregator_sources::remote::{Answer, Asking, Source, SourceInfo};
use aggregator_worker::{Context, RemoteOptions, WorkerOptions};
use async_trait::async_trait;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

type Calls = Arc<Mutex<BTreeMap<&'static str, Vec<Instant>>>>;

struct Mocked {
    info: SourceInfo,
    url: url::Url,
}

#[async_trait]
impl Source for Mocked {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    async fn ask(&self, indicator: &Indicator, asking: &Asking<'_>) -> Answer {
        let mut url = self.url.clone();
        url.set_path(&format!("/{}/{}", self.info.slug, indicator.value()));
        let request = Request {
            method: Method::GET,
            url,
            headers: Vec::new(),
            secret_headers: Vec::new(),
            body: None,
            deadline: Duration::from_secs(30),
            max_bytes: 1_000_000,
        };
        let (outcome, summary) = match asking.egress.fetch(&request).await {
            Ok(response) if response.status == 200 => (Outcome::Found, "answered".to_owned()),
            Ok(response) => (Outcome::Malformed, format!("status {}", response.status)),
            Err(error) => (Outcome::Unavailable, error.to_string()),
        };
        let data = serde_json::json!({ "of": indicator.value() });
        Answer { outcome, opinion: Opinion::default(), summary, data, links: Vec::new(), retry_after: None }
    }
}

/// Answers every request of a connection after the latency of the source its path names.
async fn mock(calls: Calls, latencies: BTreeMap<&'static str, Duration>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.set_nodelay(true).unwrap();
            let (calls, latencies) = (Arc::clone(&calls), latencies.clone());
            tokio::spawn(async move {
                let mut head = Vec::new();
                let mut piece = [0; 2_048];
                while let Ok(length @ 1..) = stream.read(&mut piece).await {
                    head.extend_from_slice(&piece[..length]);
                    if !head.ends_with(b"\r\n\r\n") {
                        continue;
                    }
                    let path =
                        String::from_utf8_lossy(&head).split('/').nth(1).unwrap_or_default().to_owned();
                    head.clear();
                    let (slug, latency) = latencies.iter().find(|(slug, _)| ***slug == *path).unwrap();
                    calls.lock().unwrap().entry(slug).or_default().push(Instant::now());
                    tokio::time::sleep(*latency).await;
                    let answer =
                        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";
                    if stream.write_all(answer).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    port
}

fn info(slug: &'static str, concurrency: u32) -> SourceInfo {
    SourceInfo {
        slug,
        name: slug,
        provider: ("bench", "Bench"),
        kinds: KindSet::of(&[Kind::Ipv4]),
        active: false,
        keyless: true,
        limits: &[],
        concurrency,
        deadline: Duration::from_secs(30),
        found_ttl: Duration::from_hours(1),
        not_found_ttl: Duration::from_hours(1),
    }
}

const SLUGS: [&str; 8] = ["one", "two", "three", "four", "five", "six", "seven", "eight"];

async fn submit(database: &Database, indicators: u32) -> aggregator_entities::ids::SubmissionId {
    playbooks::define(database, ("bench", "Bench"), &serde_json::from_str(r#"{"sources":"all"}"#).unwrap())
        .await
        .unwrap();
    let new = NewSubmission {
        label: None,
        tlp: Tlp::Amber,
        playbook: "bench".to_owned(),
        format: "text".to_owned(),
        rerun_of: None,
        options: SubmissionOptions { max_age_seconds: Some(0), ..SubmissionOptions::default() },
    };
    let id = intake::begin(database, new).await.unwrap();
    let items: Vec<PendingItem> = (0..indicators)
        .map(|n| PendingItem {
            indicator: Indicator::from_canonical(
                Kind::Ipv4,
                std::net::Ipv4Addr::from(0x0800_0000 + n).to_string(),
            ),
            raw: None,
            line: n + 1,
            position: 0,
            port: None,
            derived_from: None,
        })
        .collect();
    let chunks: Vec<Vec<PendingItem>> = items.chunks(1_000).map(<[_]>::to_vec).collect();
    let count = chunks.len();
    intake::append(database, id, 0, Arrival { chunks, ..Arrival::default() }).await.unwrap();
    let totals = Totals {
        lines: u64::from(indicators),
        items: u64::from(indicators),
        chunks: u64::try_from(count).unwrap(),
        ..Totals::default()
    };
    assert!(intake::seal(database, id, totals).await.unwrap());
    id
}

#[tokio::main]
async fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let number = |n: usize, default: u32| words.get(n).map_or(default, |word| word.parse().unwrap());
    let (indicators, count) = (number(0, 10_000), number(1, 5) as usize);
    let (latency, concurrency) = (Duration::from_millis(u64::from(number(2, 200))), number(3, 200));
    let slow = words.get(4).is_some_and(|word| word == "slow");
    #[expect(clippy::disallowed_methods, reason = "an example is told where its servers are")]
    let place = |name: &str| std::env::var(name).unwrap();

    let calls = Calls::default();
    let mut latencies: BTreeMap<&'static str, Duration> =
        SLUGS[..count].iter().map(|slug| (*slug, latency)).collect();
    if slow {
        latencies.insert("slow", Duration::from_secs(10));
    }
    let port = mock(Arc::clone(&calls), latencies.clone()).await;
    let url: url::Url = format!("http://127.0.0.1:{port}/").parse().unwrap();
    let sources = latencies
        .keys()
        .map(|slug| Arc::new(Mocked { info: info(slug, concurrency), url: url.clone() }) as Arc<dyn Source>);

    let database = Database::connect(&place("DATABASE_URL"), 10).await.unwrap();
    let backends = Backends::connect(Some(&place("REDIS_URL")), "fanout:").unwrap();
    let folder = std::env::temp_dir().join(format!("fan-out-{}", std::process::id()));
    let options = WorkerOptions {
        data_dir: folder.clone(),
        screen_groups: 2,
        chunks_per_commit: 8,
        lease: Duration::from_secs(30),
        renew: Duration::from_secs(10),
        sweep: Duration::from_secs(5),
        poll: Duration::from_secs(5),
        window_per_slot: 4,
        offer: Duration::from_secs(30),
        drain: Duration::from_secs(5),
        download_limits: FetchLimits::default(),
        refresh_feeds: false,
        address_databases: Vec::new(),
        remote: RemoteOptions {
            sources: sources.collect(),
            concurrency: concurrency as usize * (count + 1),
            ..RemoteOptions::default()
        },
    };
    let loopback = AllowedNetwork { network: "127.0.0.0/8".parse().unwrap(), ports: vec![port] };
    let egress =
        Egress::new(EgressConfig { allow_networks: vec![loopback], ..EgressConfig::default() }).unwrap();
    let context = Context::new(database.clone(), backends, egress, options);
    let shutdown = Shutdown::new();
    let worker = tokio::spawn(aggregator_worker::run(context, shutdown.clone()));
    let id = submit(&database, indicators).await;
    let started = Instant::now();
    loop {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let submission = submissions::find(&database, id).await.unwrap().unwrap();
        // The slow source goes on long after the others have ended.
        let others = calls
            .lock()
            .unwrap()
            .iter()
            .filter(|(slug, _)| **slug != "slow")
            .map(|(_, at)| at.len())
            .sum::<usize>();
        if submission.finished_at.is_some() || (slow && others == indicators as usize * count) {
            break;
        }
    }
    println!(
        "{indicators} indicators, {count} sources, {latency:?}, {concurrency} at once: {:.2} s",
        started.elapsed().as_secs_f64()
    );
    for (slug, at) in calls.lock().unwrap().iter() {
        let latency = latencies[slug];
        let (from, until) = (at.len() / 10, at.len() * 9 / 10);
        #[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
        let (steady, ideal) = (
            (until - from) as f64 / at[until - 1].duration_since(at[from]).as_secs_f64(),
            f64::from(concurrency) / latency.as_secs_f64(),
        );
        println!(
            "{slug:>6}: {} calls, steady {steady:.0}/s of {ideal:.0} = {:.1} %",
            at.len(),
            100.0 * steady / ideal
        );
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    println!("{} (mock included)", status.lines().find(|line| line.starts_with("VmHWM")).unwrap());
    shutdown.request();
    drop(worker.await);
    drop(std::fs::remove_dir_all(folder));
}
