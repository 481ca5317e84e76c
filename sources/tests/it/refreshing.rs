//! A refresh from the publisher's answer to the artifact, against a mock on this machine.

use std::io::Write;
use std::path::Path;
use std::time::Duration;

use aggregator_domain::CustomKinds;
use aggregator_egress::{AllowedNetwork, Egress, EgressConfig, EgressError};
use aggregator_sources::feeds::hygiene::{check_body, check_rows};
use aggregator_sources::feeds::refresh::{
    BuildTarget, BuiltFeed, FetchLimits, Fetched, RefreshError, Validators, build_generation, fetch,
};
use aggregator_sources::feeds::{FeedDefinition, FeedRejection, ParseReport};
use aggregator_sources::generation::Generation;
use tempfile::TempDir;
use wiremock::matchers::{header, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::data::{data, plain, preset};

struct Bench {
    server: MockServer,
    egress: Egress,
    folder: TempDir,
}

impl Bench {
    async fn new() -> Self {
        let server = MockServer::start().await;
        let network =
            AllowedNetwork { network: "127.0.0.0/8".parse().unwrap(), ports: vec![server.address().port()] };
        let config = EgressConfig { allow_networks: vec![network], ..EgressConfig::default() };
        Self { server, egress: Egress::new(config).unwrap(), folder: tempfile::tempdir().unwrap() }
    }

    fn feed(&self) -> FeedDefinition {
        FeedDefinition { location: format!("{}/list", self.server.uri()), ..plain("") }
    }

    async fn answer(&self, response: ResponseTemplate) {
        self.server.reset().await;
        Mock::given(path("/list")).respond_with(response).mount(&self.server).await;
    }

    async fn refresh(&self, live_entries: Option<u64>) -> Result<BuiltFeed, RefreshError> {
        let limits = FetchLimits { deadline: Duration::from_secs(20), max_bytes: 100_000 };
        let known = Validators::default();
        let fetched = fetch(&self.feed(), &known, (&self.egress, limits), self.folder.path()).await?;
        let Fetched::Body(body) = fetched else { panic!("not modified") };
        let target = BuildTarget {
            folder: self.folder.path(),
            live_entries,
            max_bytes: limits.max_bytes,
            kinds: &CustomKinds::default(),
        };
        build_generation(&self.feed(), &body, target)
    }

    fn files(&self) -> usize {
        std::fs::read_dir(self.folder.path()).unwrap().count()
    }
}

fn rejected(refreshed: Result<BuiltFeed, RefreshError>) -> FeedRejection {
    match refreshed {
        Err(RefreshError::Rejected(rejection)) => rejection,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_good_answer_becomes_an_artifact() {
    let bench = Bench::new().await;
    bench
        .answer(ResponseTemplate::new(200).set_body_raw("192.0.2.1\n198.51.100.0/24\njunk\n", "text/plain"))
        .await;
    let built = bench.refresh(None).await.unwrap();
    assert_eq!((built.built.entries, built.report.rejected_rows()), (2, 1));
    assert_eq!(bench.files(), 1, "the download is gone, the artifact is there");
    let generation = Generation::open(&built.path).unwrap();
    assert_eq!((generation.id(), generation.entries()), (built.built.id, 2));
    let again = bench.refresh(Some(2)).await.unwrap();
    assert_eq!((again.path, bench.files()), (built.path, 1), "the same content is the same artifact");
}

#[tokio::test]
async fn validators_of_the_last_copy_are_sent() {
    let bench = Bench::new().await;
    Mock::given(path("/list"))
        .and(header("If-None-Match", "\"v7\""))
        .respond_with(ResponseTemplate::new(304))
        .mount(&bench.server)
        .await;
    let known = Validators { etag: Some("\"v7\"".to_owned()), last_modified: None };
    let fetched =
        fetch(&bench.feed(), &known, (&bench.egress, FetchLimits::default()), bench.folder.path()).await;
    assert!(matches!(fetched, Ok(Fetched::NotModified)), "{fetched:?}");
    assert_eq!(bench.files(), 0);
    let first = ResponseTemplate::new(200).insert_header("ETag", "\"v8\"").set_body_string("192.0.2.1\n");
    bench.answer(first).await;
    let fetched =
        fetch(&bench.feed(), &known, (&bench.egress, FetchLimits::default()), bench.folder.path()).await;
    let Ok(Fetched::Body(body)) = fetched else { panic!("{fetched:?}") };
    assert_eq!(body.validators.etag.as_deref(), Some("\"v8\""));
}

#[tokio::test]
async fn answers_that_are_not_fit_are_rejected_and_leave_nothing() {
    let bench = Bench::new().await;
    let ten = (0..10).map(|n| format!("192.0.2.{n}")).collect::<Vec<_>>().join("\n");
    let cases = [
        (ResponseTemplate::new(503).insert_header("Retry-After", "60").set_body_string(&ten), "status"),
        (ResponseTemplate::new(206).set_body_string(&ten), "status"),
        (ResponseTemplate::new(200).set_body_raw(ten.as_str(), "text/html"), "html"),
        (ResponseTemplate::new(200).set_body_raw(ten.as_str(), "image/png"), "content_type"),
        (ResponseTemplate::new(200).set_body_raw(r#"{"error":"no"}"#, "application/json"), "content_type"),
        (ResponseTemplate::new(200).set_body_string("\n\n"), "empty"),
        (ResponseTemplate::new(200).set_body_string("192.0.2.1\nrate limit\nexceeded\n"), "mostly_rejected"),
        (ResponseTemplate::new(200).set_body_string("192.0.2.1\n192.0.2.2\n"), "shrunk"),
        (ResponseTemplate::new(200).set_body_string("192.0.2.1\n".repeat(20_000)), "too_large"),
    ];
    for (response, reason) in cases {
        bench.answer(response).await;
        let rejection = rejected(bench.refresh(Some(10)).await);
        assert_eq!(rejection.as_str(), reason, "{rejection}");
        assert_eq!(bench.files(), 0, "{reason}");
    }
}

#[tokio::test]
async fn no_answer_is_a_failure_and_no_rejection() {
    let bench = Bench::new().await;
    let elsewhere = FeedDefinition { location: "http://10.0.0.1/list".to_owned(), ..plain("") };
    let known = Validators::default();
    let fetched =
        fetch(&elsewhere, &known, (&bench.egress, FetchLimits::default()), bench.folder.path()).await;
    assert!(matches!(fetched, Err(RefreshError::Fetch(EgressError::Refused(_)))), "{fetched:?}");
    assert_eq!(bench.files(), 0);
}

#[tokio::test]
async fn local_files_are_fetched_when_they_change() {
    let bench = Bench::new().await;
    let file = bench.folder.path().join("list.txt");
    std::fs::write(&file, "192.0.2.1\n").unwrap();
    for location in [file.display().to_string(), format!("file://{}", file.display())] {
        let feed = FeedDefinition { location, ..plain("") };
        let ask = async |known: &Validators| {
            fetch(&feed, known, (&bench.egress, FetchLimits::default()), bench.folder.path()).await
        };
        let Ok(Fetched::Body(body)) = ask(&Validators::default()).await else { panic!() };
        assert_eq!(body.path(), file);
        assert!(matches!(ask(&body.validators).await, Ok(Fetched::NotModified)));
    }
    assert!(file.exists(), "a local file is never removed");
    let missing = FeedDefinition { location: "/nowhere/list".to_owned(), ..plain("") };
    let known = Validators::default();
    let fetched = fetch(&missing, &known, (&bench.egress, FetchLimits::default()), bench.folder.path()).await;
    assert!(matches!(fetched, Err(RefreshError::Location(_))));
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

#[tokio::test]
async fn a_gzip_body_is_unpacked_within_the_limit() {
    let bench = Bench::new().await;
    let packed = |bytes: &[u8]| ResponseTemplate::new(200).set_body_raw(gzip(bytes), "application/gzip");
    bench.answer(packed(b"192.0.2.1\n")).await;
    assert_eq!(bench.refresh(None).await.unwrap().built.entries, 1);
    bench.answer(packed(&b"192.0.2.1\n".repeat(1_000_000))).await;
    assert_eq!(rejected(bench.refresh(None).await).as_str(), "too_large");
    let mut broken = gzip(&b"192.0.2.1\n".repeat(1_000));
    broken.truncate(30);
    bench.answer(ResponseTemplate::new(200).set_body_raw(broken, "application/gzip")).await;
    assert_eq!(rejected(bench.refresh(None).await).as_str(), "unreadable");
}

#[test]
fn the_guards_are_exact() {
    let definition = plain("max_shrink_percent = 25").clone();
    let definition = FeedDefinition { min_rows: 3, ..definition };
    let report = |entries: u64, rejected: u64| ParseReport {
        rows: entries + rejected,
        entries,
        ..ParseReport::default()
    };
    let judge =
        |entries, rejected, before| check_rows(&definition, &report(entries, rejected), entries, before);
    assert_eq!(judge(3, 3, None), Ok(()), "half refused is not mostly");
    assert_eq!(judge(3, 4, None), Err(FeedRejection::MostlyRejected { rejected: 4, rows: 7 }));
    assert_eq!(judge(2, 0, None), Err(FeedRejection::TooFewRows { entries: 2, minimum: 3 }));
    assert_eq!(judge(75, 0, Some(100)), Ok(()), "exactly a quarter less");
    assert_eq!(judge(74, 0, Some(100)), Err(FeedRejection::Shrunk { before: 100, entries: 74, percent: 25 }));
    assert_eq!(judge(500, 0, Some(100)), Ok(()));
    let off = FeedDefinition { max_shrink_percent: 100, ..definition.clone() };
    assert_eq!(check_rows(&off, &report(3, 0), 3, Some(1_000_000)), Ok(()));
    assert_eq!(check_body(&definition.format, Some("Text/Plain; charset=utf-8"), b"x"), Ok(()));
    assert_eq!(check_body(&definition.format, None, b"x"), Ok(()));
    assert_eq!(check_body(&preset("cisa-kev").format, Some("application/json"), b"{}"), Ok(()));
    let parsed = serde_json::to_string(&FeedRejection::TooFewRows { entries: 2, minimum: 3 }).unwrap();
    assert_eq!(parsed, r#"{"reason":"too_few_rows","entries":2,"minimum":3}"#);
}

#[test]
fn the_shrink_guard_on_the_real_dates() {
    let Some(newest) = data("feeds/cidr-list/spamhaus-drop_2024-02-25.txt") else { return };
    let folder = tempfile::tempdir().unwrap();
    let cut = folder.path().join("cut.txt");
    let text = std::fs::read_to_string(&newest).unwrap();
    let lines: Vec<_> = text.lines().take(450).collect();
    std::fs::write(&cut, lines.join("\n")).unwrap();
    let build = |path: &Path, live| {
        let body = aggregator_sources::feeds::refresh::FeedBody::local(path.to_owned());
        let target = BuildTarget {
            folder: folder.path(),
            live_entries: live,
            max_bytes: 1 << 20,
            kinds: &CustomKinds::default(),
        };
        build_generation(&preset("spamhaus-drop"), &body, target)
    };
    let first = build(&newest, Some(1_047)).unwrap();
    assert_eq!(first.built.entries, 989);
    assert_eq!(rejected(build(&cut, Some(989))).as_str(), "shrunk");
    assert_eq!(build(&cut, None).unwrap().built.entries, 450);
}
